"""What a sign-in asks for: a table of services, accounts, browsers and times."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from handlers.model.account import Factor
from handlers.model.service import PasswordPolicy, Service, SignIn
from handlers.model.session import Stage
from handlers.rules.sign_in import after, asks, is_old, may_begin
from tests.builders import NOW, make_account, make_service

PLAIN = make_service()
EVERY = make_service(sign_in=SignIn(code_on=("every_sign_in",)))
RISK = make_service(sign_in=SignIn(code_on=("new_device", "every_30_days")))
NEW = make_service(sign_in=SignIn(code_on=("new_device",)))
MONTH = make_service(sign_in=SignIn(code_on=("every_30_days",)))
RENEWS = make_service(password=PasswordPolicy(max_age_days=90))
DAYS_30 = timedelta(days=30)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("service", "proved_at", "expected"),
    [
        (PLAIN, None, ("open",)),
        (EVERY, None, ("code", "open")),
        (EVERY, NOW, ("code", "open")),
        (RISK, None, ("code", "open")),
        (RISK, NOW - DAYS_30 + SECOND, ("open",)),
        (RISK, NOW - DAYS_30, ("code", "open")),
        (NEW, None, ("code", "open")),
        (NEW, NOW - timedelta(days=364), ("open",)),
        (MONTH, None, ("code", "open")),
        (MONTH, NOW - DAYS_30, ("code", "open")),
        (MONTH, NOW - DAYS_30 + SECOND, ("open",)),
    ],
)
def test_OC_7_a_code_is_asked_as_the_service_says(
    service: Service, proved_at: datetime | None, expected: tuple[Stage, ...]
) -> None:
    """At every sign-in, for a browser that never proved itself, or thirty days after it did, to the second."""
    assert asks(make_account(), service, proved_at, False, NOW) == expected


@pytest.mark.parametrize(
    ("factor", "expected"),
    [("mail", ("code", "open")), ("totp", ("factor", "open")), ("unusable", ("code", "open"))],
)
def test_CP_11_a_second_factor_is_asked_at_every_sign_in(factor: Factor, expected: tuple[Stage, ...]) -> None:
    """Known browser or not; TOTP makes a code by mail needless, and a factor nobody can check lets nobody slip by."""
    for service in (PLAIN, EVERY, RISK):
        assert asks(make_account(second_factor=factor), service, NOW, False, NOW) == expected


@pytest.mark.parametrize(
    ("age", "old"), [(None, True), (timedelta(days=90) - SECOND, False), (timedelta(days=90), True)]
)
def test_CP_17_a_password_is_old_after_ninety_days(age: timedelta | None, old: bool) -> None:
    """To the second; one whose age nobody knows counts as old, and a service without the rule never asks."""
    account = make_account(password_changed_at=NOW - age if age is not None else None)
    assert is_old(account, RENEWS, NOW) is old
    assert not is_old(account, PLAIN, NOW)


def test_everything_comes_in_one_order() -> None:
    """What proves who it is comes before what is said or asked of them."""
    account = make_account(second_factor="mail", closed_at=NOW - timedelta(days=1))
    asked = asks(account, RENEWS, None, False, NOW)
    assert asked == ("code", "closed", "change", "open")
    assert [after(stage, asked) for stage in (None, *asked)] == ["code", "closed", "change", "open", "open"]


def test_ESP_14_a_temporary_password_leads_to_the_change_page() -> None:
    """Also where no renewal is due."""
    assert asks(make_account(password_changed_at=NOW), PLAIN, NOW, True, NOW) == ("change", "open")


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"frozen": "R-1"}, False),
        ({"closed_at": NOW - timedelta(days=1), "reopens_until": NOW + SECOND}, True),
        ({"closed_at": NOW - timedelta(days=30), "reopens_until": NOW}, False),
        ({"closed_at": NOW - timedelta(days=1)}, False),
    ],
)
def test_who_can_sign_in_at_all(changes: dict[str, object], may: bool) -> None:
    """Not while the account is frozen, nor once its days of grace are over (CP.20)."""
    assert may_begin(make_account(**changes), NOW) is may
