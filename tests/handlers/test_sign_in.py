"""Signing in: the same for known and unknown, shut to guessers and never to the owner."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from handlers import links, passwords
from handlers.limits import Tally
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import SignInNeeded, WrongPassword
from handlers.model.session import Device, Session
from handlers.model.staff import DESK
from handlers.signing_in import devices, sessions, sign_in
from handlers.vault import Secret
from tests.builders import ADDRESS, GOOD_PASSWORD, DeskUnderTest, make_account, make_case
from tests.handlers.signing import enter, mailed, make_customer


async def test_OC_1_login_or_address_and_the_password_open_the_account(house: DeskUnderTest) -> None:
    """Either names the account, in any case of letters; the session is the account's."""
    account = await make_customer(house)
    for name in ("durand42", " DURAND42 ", ADDRESS, ADDRESS.upper()):
        onward = await enter(house.desk, name=name)
        assert onward.stage == "open"
        _, found = await sessions.require(house.desk.store, house.desk, onward.session.value)
        assert found.id == account.id


@pytest.mark.parametrize("name", ["durand42", "nobody", "nobody@mail.example", "", "x" * 300, "a\nb", "é@ü"])
async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(house: DeskUnderTest, name: str) -> None:
    """T15: one error, with one text."""
    await make_customer(house)
    with pytest.raises(WrongPassword) as answer:
        await enter(house.desk, name=name, password="not this one")
    assert str(answer.value) == ""


async def test_known_and_unknown_take_the_same_steps(house: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """T15: one argon2 verification each, also for an account without a password, and for one that is shut."""
    await make_customer(house)
    await house.keep(make_account(id="A-NEW", login="fresh", address="fresh@mail.example"))
    checked: list[str] = []
    real = passwords._is_right

    def count(hash: str, password: str) -> bool:
        checked.append(hash)
        return real(hash, password)

    monkeypatch.setattr(passwords, "_is_right", count)
    for name in ("durand42", "nobody", "fresh", *["durand42"] * 12):
        before = len(checked)
        with pytest.raises(WrongPassword):
            await enter(house.desk, name=name, password="not this one")
        assert len(checked) == before + 1


async def test_an_address_that_several_accounts_share_names_none(house: DeskUnderTest) -> None:
    """Their logins still do."""
    await make_customer(house)
    await make_customer(house, id="A-2", login="second")
    with pytest.raises(WrongPassword):
        await enter(house.desk, name=ADDRESS)
    assert (await enter(house.desk, name="second")).stage == "open"


async def test_strangers_who_guess_do_not_shut_the_owner_out(house: DeskUnderTest) -> None:
    """Ten wrong passwords shut the account to unknown browsers only, right password or not."""
    await make_customer(house)
    known = (await enter(house.desk)).browser
    assert known
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await enter(house.desk, password="guess")
    with pytest.raises(WrongPassword):
        await enter(house.desk)
    assert (await enter(house.desk, browser=known.value)).stage == "open"


async def test_the_mailbox_always_opens(house: DeskUnderTest) -> None:
    """A reset link makes its browser known, and the new password is not shut by guesses at the old one."""
    account = await make_customer(house)
    await house.keep(make_case("address_on_file"))
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await enter(house.desk, password="guess")
    async with house.desk.store.transaction() as tx:
        case = await tx.get(Case, "R-7F3K2M")
        assert case
        await links.issue(tx, house.desk, case, account, DESK)
    done = await links.redeem(house.desk, await mailed(house.desk, "reset"), "another horse battery 5!")
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await enter(house.desk, password="guess")
    onward = await enter(house.desk, password="another horse battery 5!", browser=done.browser.value)
    assert onward.stage == "open"


async def test_the_window_moves_on(house: DeskUnderTest) -> None:
    """At 59:59 shut, at 60:00 open: nobody has to call."""
    await make_customer(house)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await enter(house.desk, password="guess")
    house.clock.advance(minutes=59, seconds=59)
    with pytest.raises(WrongPassword):
        await enter(house.desk)
    house.clock.advance(seconds=1)
    assert (await enter(house.desk)).stage == "open"


async def test_right_passwords_use_up_nothing(house: DeskUnderTest) -> None:
    """Whoever signs in twenty times an hour is no guesser."""
    await make_customer(house)
    for _ in range(20):
        assert (await enter(house.desk)).stage == "open"


async def test_guesses_at_once_are_counted_before_they_are_compared(house: DeskUnderTest) -> None:
    """T10: of twenty at once, ten count; the right password among the rest opens nothing."""
    await make_customer(house)
    tries = [enter(house.desk, password="guess") for _ in range(20)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert {type(one) for one in answers} == {WrongPassword}
    with pytest.raises(WrongPassword):
        await enter(house.desk)


async def test_strangers_cannot_fill_the_store_with_names(house: DeskUnderTest) -> None:
    """Unknown names share a bounded number of tallies."""
    subjects = set()
    for number in range(1500):
        tag = house.desk.vault.tag("nobody", f"shopfactory nobody{number}")[:2]
        subjects.add(tag)
    assert len(subjects) <= 1024
    with pytest.raises(WrongPassword):
        await enter(house.desk, name="nobody1")
    assert await house.desk.store.count(Tally) <= len(sign_in.WINDOWS) + 1


async def test_sign_ins_are_on_the_trail_and_failures_once_an_hour(house: DeskUnderTest) -> None:
    """Strangers cannot fill the trail, and no name that was typed stands on it."""
    await make_customer(house)
    await enter(house.desk)
    for name in ("durand42", "durand42", "nobody1", "nobody2"):
        with pytest.raises(WrongPassword):
            await enter(house.desk, name=name, password="guess")
    trail = [(one.event, one.account) for one in await house.desk.store.find(AuditEntry)]
    assert trail == [
        ("account.signed_in", "A-DURAND"),
        ("account.sign_in_failed", "A-DURAND"),
        ("account.sign_in_failed", ""),
    ]
    house.clock.advance(hours=1)
    with pytest.raises(WrongPassword):
        await enter(house.desk, password="guess")
    assert len(await house.desk.store.find(AuditEntry)) == 4


@pytest.mark.parametrize("changes", [{"frozen": "R-1"}, {"password_hash": ""}])
async def test_a_shut_account_answers_like_none(house: DeskUnderTest, changes: dict[str, str]) -> None:
    """Frozen, or never given a password: the same neutral no."""
    await make_customer(house, **changes)
    with pytest.raises(WrongPassword):
        await enter(house.desk)


async def test_looking_prolongs_nothing(house: DeskUnderTest) -> None:
    """T9: `require` only reads."""
    await make_customer(house)
    token = (await enter(house.desk)).session.value
    before = await house.desk.store.find(Session)
    house.clock.advance(minutes=10)
    await sessions.require(house.desk.store, house.desk, token)
    assert await house.desk.store.find(Session) == before


@pytest.mark.parametrize("changes", [{"credentials": 1}, {"frozen": "R-1"}, {"closed_at": "now"}])
async def test_a_session_dies_with_what_it_rests_on(house: DeskUnderTest, changes: dict[str, object]) -> None:
    """Any change of credentials, a freeze, a closing: checked at use, not by a sweeper."""
    account = await make_customer(house)
    token = (await enter(house.desk)).session.value
    fields = {name: house.clock() if value == "now" else value for name, value in changes.items()}
    await house.keep(make_account(**{"password_hash": account.password_hash} | fields))
    with pytest.raises(SignInNeeded):
        await sessions.require(house.desk.store, house.desk, token)


async def test_signing_out_ends_the_session_in_the_store(house: DeskUnderTest) -> None:
    """A copy of the cookie is worth nothing afterwards; signing out twice harms nobody."""
    await make_customer(house)
    token = (await enter(house.desk)).session.value
    await sessions.end(house.desk, token)
    await sessions.end(house.desk, token)
    assert await house.desk.store.find(Session) == []


async def test_a_new_sign_in_ends_the_one_before_in_that_browser(house: DeskUnderTest) -> None:
    """And its cookie is new: one that was planted beforehand opens nothing (session fixation)."""
    await make_customer(house)
    first = (await enter(house.desk)).session.value
    visitor = sign_in.Visitor(language="fr", session=first)
    second = (await sign_in.begin(house.desk, "shopfactory", ADDRESS, GOOD_PASSWORD, visitor)).session.value
    assert second != first
    with pytest.raises(SignInNeeded):
        await sessions.require(house.desk.store, house.desk, first)


async def test_a_session_of_one_service_opens_nothing_of_another(house: DeskUnderTest) -> None:
    """Not even when somebody writes the other service's name before its token."""
    await make_customer(house)
    token = (await enter(house.desk)).session.value
    forged = "opcommerce." + token.partition(".")[2]
    with pytest.raises(SignInNeeded) as needed:
        await sessions.require(house.desk.store, house.desk, forged)
    assert needed.value.service == "opcommerce"


async def test_the_store_holds_no_cookie(house: DeskUnderTest) -> None:
    """Neither of the two: only keyed digests, each for its purpose."""
    await make_customer(house)
    onward = await enter(house.desk)
    assert onward.browser
    kept = repr(await house.desk.store.find(Session)) + repr(await house.desk.store.find(Device))
    assert onward.session.value.partition(".")[2] not in kept
    assert onward.browser.value not in kept
    assert onward.session.value not in repr(onward)


async def test_a_browser_is_forgotten_after_a_year(house: DeskUnderTest) -> None:
    """And its value is renewed whenever it proves itself, so that a planted one never becomes a key."""
    account = await make_customer(house)
    planted = house.desk.vault.token().value
    browser = (await enter(house.desk, browser=planted)).browser
    assert browser
    assert await devices.known(house.desk.store, house.desk, account, planted) is None
    assert await devices.known(house.desk.store, house.desk, account, browser.value)
    house.clock.advance(days=365)
    assert await devices.known(house.desk.store, house.desk, account, browser.value) is None


async def test_one_browser_is_known_for_several_accounts(house: DeskUnderTest) -> None:
    """Signing in to a second one keeps the first; a fifth pushes the oldest out."""
    browser, accounts = "", []
    for number in range(5):
        login = f"login{number}"
        account = await make_customer(house, id=f"A-{number}", login=login, address=f"{login}@mail.example")
        accounts.append(account)
        fresh: Secret | None = (await enter(house.desk, name=login, browser=browser)).browser
        assert fresh
        browser = fresh.value
    known = [await devices.known(house.desk.store, house.desk, one, browser) is not None for one in accounts]
    assert known == [False, True, True, True, True]


async def test_sessions_and_browsers_are_forgotten_when_due(house: DeskUnderTest) -> None:
    """They are work in queues of their own, due when they end."""
    await make_customer(house)
    await enter(house.desk)
    (session,), (device,) = await house.desk.store.find(Session), await house.desk.store.find(Device)
    assert (session.queue, session.due) == ("sessions", house.clock() + timedelta(minutes=30))
    assert (device.queue, device.due) == ("devices", house.clock() + timedelta(days=365))
