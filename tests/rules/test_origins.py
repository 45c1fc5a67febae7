"""One grade for what three checks say of a sender."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.model.case import Step
from handlers.model.mail import Grade, Origin, Result
from handlers.rules.origin_words import reasons
from handlers.rules.origins import grade, may_learn
from tests.builders import ADDRESS, NOW, make_case


@pytest.mark.parametrize(
    ("dmarc", "spf", "dkim", "tried", "worth"),
    [
        ("pass", True, False, True, "proven"),
        ("pass", False, True, True, "proven"),
        ("fail", False, False, True, "failed"),
        ("none", True, True, True, "proven"),
        ("none", True, False, True, "partial"),
        ("none", False, True, True, "partial"),
        ("none", False, False, True, "unproven"),
        ("permerror", False, False, True, "unproven"),
        ("permerror", True, True, True, "proven"),
        ("temperror", False, False, True, "unknown"),
        ("temperror", True, False, True, "unknown"),
        ("none", False, False, False, "unknown"),
    ],
)
def test_the_checks_give_one_grade(dmarc: Result, spf: bool, dkim: bool, tried: bool, worth: Grade) -> None:
    """A policy decides alone; without one both checks have to agree; no answer is no verdict (T1)."""
    assert grade(dmarc, spf=spf, dkim=dkim, tried=tried) == worth


def test_what_is_not_known_is_not_held_against_a_domain() -> None:
    """Without one From address, and without a sender to look at, no domain is said to have broken or no rules."""
    said = dict(reasons(Origin(spf="none", dkim="none", dmarc="permerror", aligned=False, grade="unproven")))
    assert said["SPF"] == "who handed it in, or for whom, is not known"
    assert said["DMARC"] == "there is no one From address"


def unchecked(**changes: Any) -> Origin:
    """What is known of a sender when the DNS did not answer."""
    fields: dict[str, Any] = {"spf": "temperror", "dkim": "none", "dmarc": "temperror", "aligned": False}
    return Origin(**fields | {"grade": "unknown"} | changes)


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"state": "waiting"}, True),
        ({"state": "issued"}, False),
        ({"state": "pending"}, False),
        ({"state": "frozen"}, False),
        ({"state": "refused"}, False),
        ({"origin": None}, False),
        ({"origin": unchecked(grade="unproven")}, False),
        ({"requester_key": ADDRESS}, False),
        ({"requester_key": "in the name of somebody@else.example"}, False),
        ({"history": ("case.opened", "letter.failed")}, True),
        ({"history": ("case.opened", "case.continued")}, False),
    ],
)
def test_T1_only_an_unchecked_case_of_one_mail_learns_later_who_wrote(changes: dict[str, Any], may: bool) -> None:
    """Where nothing was decided yet, and nobody else's words can be in it."""
    history = tuple(Step(event=event, by="desk", name="the desk", at=NOW) for event in changes.pop("history", ()))
    fields = {"origin": unchecked(), "requester_key": f"in the name of {ADDRESS}", "history": history}
    assert may_learn(make_case(**fields | changes), ADDRESS) is may


def test_nobody_learns_of_a_mail_without_a_sender() -> None:
    """A key that names nobody is not theirs."""
    assert not may_learn(make_case(origin=unchecked(), requester_key="in the name of "), "")
