"""Passwords changed by whoever is signed in: old, new, and what follows."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from handlers import links, passwords
from handlers.configuration.services import Services
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Limited, SignInNeeded, WeakPassword, WrongPassword
from handlers.model.service import PasswordPolicy, SignIn
from handlers.model.staff import DESK
from handlers.rules.passwords import remembered, to_differ_from
from handlers.signing_in import sessions
from tests.builders import ADDRESS, DeskUnderTest, make_case, open_desk, shipped_service
from tests.handlers.signing import enter, kinds_mailed, mailed, make_customer

STRONG = "vK7#mQzbvK7#tRw2Xp!9"


@pytest.fixture
async def prof(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """ConnectProf's desk, which remembers two passwords and asks for no code; the customer signs in with the first."""
    shipped = shipped_service("connectprof")
    policy = msgspec.structs.replace(shipped.password, remember=2)
    service = msgspec.structs.replace(shipped, password=policy, sign_in=SignIn())
    async with open_desk(tmp_path) as five:
        house = DeskUnderTest(replace(five.desk, services=Services({"connectprof": service})), five.clock)
        await make_customer(house, "connectprof", password_hash=await passwords.hashed(STRONG))
        yield house


async def signed_in(house: DeskUnderTest, password: str = STRONG) -> str:
    """The cookie of a complete sign-in."""
    onward = await enter(house.desk, "connectprof", password=password)
    assert onward.stage == "open"
    return onward.session.value


async def change(house: DeskUnderTest, token: str, old: str, new: str) -> str:
    """Change it; returns the session's new cookie."""
    house.clock.advance(seconds=1)
    return (await passwords.change(house.desk, token, old, new)).session.value


async def test_CP_14_the_old_password_is_the_one_in_use(prof: DeskUnderTest) -> None:
    """Anything else changes nothing."""
    token = await signed_in(prof)
    with pytest.raises(WrongPassword):
        await passwords.change(prof.desk, token, "aB3$aB3$aB3$", "nW4!zKpq7&Lx")
    assert await signed_in(prof)


async def test_CP_13_old_and_new_change_the_password(prof: DeskUnderTest) -> None:
    """The new one signs in, the old one does not; a notice goes out, and the trail says who did it."""
    await change(prof, await signed_in(prof), STRONG, "nW4!zKpq7&Lx")
    await signed_in(prof, "nW4!zKpq7&Lx")
    with pytest.raises(WrongPassword):
        await enter(prof.desk, "connectprof", password=STRONG)
    assert await kinds_mailed(prof.desk) == ["changed"]
    events = [one.event for one in await prof.desk.store.find(AuditEntry)]
    assert "account.password_changed" in events


async def test_a_change_ends_every_other_session_and_not_this_one(prof: DeskUnderTest) -> None:
    """This one goes on under a new cookie."""
    here, elsewhere = await signed_in(prof), await signed_in(prof)
    fresh = await change(prof, here, STRONG, "nW4!zKpq7&Lx")
    await sessions.require(prof.desk.store, prof.desk, fresh)
    for dead in (here, elsewhere):
        with pytest.raises(SignInNeeded):
            await sessions.require(prof.desk.store, prof.desk, dead)


async def test_a_new_password_differs_from_the_last_ones(prof: DeskUnderTest) -> None:
    """From the one in use and the two before; the third before that may come back."""
    token, old = await signed_in(prof), STRONG
    for new in ("nW4!zKpq7&Lx", "oX5?aLqr8&My", "pY6+bMrs9&Nz"):
        token = await change(prof, token, old, new)
        old = new
    for used in ("pY6+bMrs9&Nz", "oX5?aLqr8&My", "nW4!zKpq7&Lx"):
        with pytest.raises(WeakPassword) as weak:
            await passwords.change(prof.desk, token, old, used)
        assert [fault.code for fault in weak.value.faults] == ["used_before"]
    await change(prof, token, old, STRONG)
    account = await prof.desk.store.get(Account, "A-DURAND")
    assert account
    assert len(account.former_hashes) == 2


async def test_a_reset_link_takes_no_used_password_either(prof: DeskUnderTest) -> None:
    """The same rule by the other way in."""
    case = make_case("address_on_file", service="connectprof")
    await prof.keep(case)
    async with prof.desk.store.transaction() as tx:
        account = await tx.get(Account, "A-DURAND")
        stored = await tx.get(Case, case.id)
        assert account
        assert stored
        await links.issue(tx, prof.desk, stored, account, DESK)
    with pytest.raises(WeakPassword) as weak:
        await links.redeem(prof.desk, await mailed(prof.desk, "reset"), STRONG)
    assert [fault.code for fault in weak.value.faults] == ["used_before"]


@pytest.mark.parametrize(("length", "taken"), [(7, False), (8, True), (20, True), (21, False)])
async def test_CP_15_the_service_rules_hold_here_too(prof: DeskUnderTest, length: int, taken: bool) -> None:
    """Eight to twenty characters."""
    token, new = await signed_in(prof), "nW4!zKpq7&LxT2$uV6?bG"[:length]
    if taken:
        await change(prof, token, STRONG, new)
    else:
        with pytest.raises(WeakPassword):
            await change(prof, token, STRONG, new)


async def test_CP_17_renewal_is_asked_after_ninety_days_and_can_wait(prof: DeskUnderTest) -> None:
    """To the second; "later" opens the account, the next sign-in asks again, and nobody is locked out."""
    prof.clock.advance(days=89, hours=23, minutes=59, seconds=59)
    await signed_in(prof)
    prof.clock.advance(seconds=1)
    for _ in range(2):
        onward = await enter(prof.desk, "connectprof", password=STRONG)
        assert onward.stage == "change"
        with pytest.raises(SignInNeeded) as needed:
            await sessions.require(prof.desk.store, prof.desk, onward.session.value)
        assert needed.value.stage == "change"
        later = await passwords.later(prof.desk, onward.session.value)
        assert later.stage == "open"
        await sessions.require(prof.desk.store, prof.desk, later.session.value)
        prof.clock.advance(days=400)


async def test_OC_12_a_renewed_password_lets_the_sign_in_go_on(prof: DeskUnderTest) -> None:
    """No second sign-in; and it is not asked again for ninety days."""
    prof.clock.advance(days=90)
    onward = await enter(prof.desk, "connectprof", password=STRONG)
    assert (await passwords.change(prof.desk, onward.session.value, STRONG, "nW4!zKpq7&Lx")).stage == "open"
    prof.clock.advance(days=89)
    await signed_in(prof, "nW4!zKpq7&Lx")


async def test_the_old_password_cannot_be_guessed_in_an_open_browser(prof: DeskUnderTest) -> None:
    """Ten tries an hour, counted before they are compared."""
    token = await signed_in(prof)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await passwords.prove(prof.desk, token, "guess")
    with pytest.raises(Limited):
        await passwords.prove(prof.desk, token, STRONG)


async def test_a_password_is_the_same_however_its_accents_are_typed(prof: DeskUnderTest) -> None:
    """`é` as one character or as two: macOS and Windows differ (NIST SP 800-63B, 3.1.1.2)."""
    composed, apart = (unicodedata.normalize(form, "Été-pluvieux7!") for form in ("NFC", "NFD"))
    assert composed != apart
    await change(prof, await signed_in(prof), STRONG, apart)
    await signed_in(prof, composed)


async def test_the_page_learns_whose_password_it_is(prof: DeskUnderTest) -> None:
    """ESP.12: login and address, the customer's own."""
    view = await passwords.look(prof.desk, await signed_in(prof))
    assert (view.login, view.address, view.stage, view.temporary) == ("durand42", ADDRESS, "open", False)


def test_policies_that_remember_nothing_keep_no_hashes() -> None:
    """What is not needed is not kept."""
    policy = PasswordPolicy(remember=0)
    assert remembered("in use", ("a", "b"), policy) == ()
    assert to_differ_from("in use", ("a", "b"), policy) == ("in use",)
