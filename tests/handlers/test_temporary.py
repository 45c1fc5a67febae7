"""Temporary passwords: mailed alone, good for one sign-in, and for nothing but choosing another (ESP.5 to ESP.18)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from handlers import passwords, requests, temporary
from handlers.configuration.services import Services
from handlers.model.account import Account
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Refused, SignInNeeded, WeakPassword, WrongPassword
from handlers.model.grant import Grant
from handlers.model.outbox import Expiry, PortalRequest
from handlers.model.service import Offer, PasswordPolicy, Service
from handlers.signing_in import sessions
from handlers.timers import expire
from handlers.vault import Secret, Vault
from tests.builders import ADDRESS, GOOD_PASSWORD, KEY, DeskUnderTest, make_account, open_desk, shipped_service
from tests.handlers.letterbox import Page, part, written
from tests.handlers.samples import facts_of
from tests.handlers.signing import enter, kinds_mailed, make_customer, send_temporary

CASE = "R-7F3K2M"
NEW = "my own memorable sentence 4"


@pytest.fixture
async def esp(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """ESP's desk, which sends temporary passwords, with Marie Durand's account."""
    service = make_esp()
    async with open_desk(tmp_path) as five:
        house = DeskUnderTest(replace(five.desk, services=Services({"esp": service})), five.clock)
        await make_customer(house, "esp")
        yield house


def make_esp(**password: object) -> Service:
    """ESP as it is shipped, sending temporary passwords alone."""
    offer = Offer(actions=("send_temporary_password",), automatic=("send_temporary_password",), temporary_minutes=60)
    policy = PasswordPolicy(**password) if password else shipped_service("esp").password  # type: ignore[arg-type]
    return msgspec.structs.replace(shipped_service("esp"), offer=offer, password=policy)


async def state(house: DeskUnderTest) -> str:
    """The case's state."""
    case = await house.desk.store.get(Case, CASE)
    assert case
    return case.state


async def test_ESP_5_a_mail_carries_a_temporary_password(esp: DeskUnderTest) -> None:
    """Neither link nor code; the case says that it was issued."""
    raw = await send_temporary(esp)
    assert 8 <= len(raw) <= 20
    assert await kinds_mailed(esp.desk) == ["temporary_password"]
    assert await state(esp) == "issued"


@pytest.mark.parametrize(
    ("language", "says"), [("en", "Your password has been reset to"), ("fr", "a été réinitialisé")]
)
def test_ESP_6_the_mail_says_so_in_the_customers_language(language: str, says: str) -> None:
    """The page quotes the sentence in English on a French page."""
    text = part(written(facts_of("temporary_password", language)), "plain")
    assert says in text


@pytest.mark.parametrize("language", ["fr", "en", "tr"])
def test_ESP_8_the_password_stands_alone_on_its_line(language: str) -> None:
    """In the text a line of its own between blank ones, in the HTML an element of its own: nothing sticks to it."""
    facts = facts_of("temporary_password", language)
    assert facts.secret
    raw, mail = facts.secret.value, written(facts)
    assert f"\n\n{raw}\n\n" in part(mail, "plain")
    assert raw in Page(part(mail, "html")).words
    assert re.search(rf"<p [^>]*>{re.escape(raw)}</p>", part(mail, "html"))


@pytest.mark.parametrize(
    "policy",
    [
        {"min_length": 12},
        {"min_length": 8, "max_length": 8, "require": ("upper", "lower", "digit", "symbol")},
        {"min_length": 8, "max_length": 20, "require": ("upper", "lower", "digit", "symbol")},
        {"min_length": 30, "require": ("symbol",)},
    ],
)
async def test_ESP_7_the_password_keeps_to_the_services_own_rules(
    esp: DeskUnderTest, policy: dict[str, object]
) -> None:
    """Letters, digits and signs as they are required, between the least and the most: two hundred draws."""
    service = make_esp(**policy)
    desk = replace(esp.desk, services=Services({"esp": service}))
    account = make_account(service="esp")
    drawn = {temporary.draw(desk, account).value for _ in range(200)}
    assert len(drawn) == 200
    assert [raw for raw in drawn if passwords.broken_rules(desk, service, account, raw)] == []


async def test_ESP_8_the_password_survives_mail_programs_and_eyes(esp: DeskUnderTest) -> None:
    """No sign that looks like another, none that markup eats (`_`), no number to call, no sign first or last."""
    account = make_account(service="esp")
    for _ in range(300):
        raw = temporary.draw(esp.desk, account).value
        assert not set(raw) & set("0O1lISB8_*\\<>&`~|[](){}@#/:.,;'\"- =%")
        assert raw[0].isalnum()
        assert raw[-1].isalnum()
        assert not re.search(r"\d{4}", raw)


class Stuck(Vault):
    """Chance that always draws the first sign."""

    def draw(self, alphabet: str, length: int) -> Secret:
        return Secret(alphabet[0] * length)


async def test_rules_that_leave_no_room_are_told_to_staff(esp: DeskUnderTest) -> None:
    """Instead of a search without end."""
    services = Services({"esp": make_esp(require=("symbol",))})
    with pytest.raises(Refused, match="no room"):
        temporary.draw(replace(esp.desk, services=services, vault=Stuck((KEY,))), make_account(service="esp"))


async def test_ESP_9_it_signs_in_and_leads_to_the_change_page(esp: DeskUnderTest) -> None:
    """To nothing else: the session opens no other page."""
    onward = await enter(esp.desk, "esp", password=await send_temporary(esp))
    assert onward.stage == "change"
    with pytest.raises(SignInNeeded):
        await sessions.require(esp.desk.store, esp.desk, onward.session.value)
    with pytest.raises(SignInNeeded):
        await passwords.later(esp.desk, onward.session.value)
    assert await state(esp) == "opened"


async def test_ESP_13_the_temporary_password_is_the_current_one(esp: DeskUnderTest) -> None:
    """The old password is not, on that page; a right change ends the case and goes on to the account."""
    raw = await send_temporary(esp)
    token = (await enter(esp.desk, "esp", password=raw)).session.value
    with pytest.raises(WrongPassword):
        await passwords.change(esp.desk, token, GOOD_PASSWORD, NEW)
    onward = await passwords.change(esp.desk, token, raw, NEW)
    assert onward.stage == "open"
    await sessions.require(esp.desk.store, esp.desk, onward.session.value)
    assert await state(esp) == "redeemed"
    assert await kinds_mailed(esp.desk) == ["changed", "temporary_password"]
    assert (await enter(esp.desk, "esp", password=NEW)).stage == "open"


@pytest.mark.parametrize("around", ["{} ", " {}", "{}\r\n", "\u00a0{}\u200b"])
async def test_ESP_8_a_blank_that_was_copied_along_harms_nothing(esp: DeskUnderTest, around: str) -> None:
    """A double click in a mail program marks the blank beside the password too; sign-in and change bear it."""
    raw = around.format(await send_temporary(esp))
    token = (await enter(esp.desk, "esp", password=raw)).session.value
    with pytest.raises(WeakPassword):
        await passwords.change(esp.desk, token, raw, raw)
    assert (await passwords.change(esp.desk, token, raw, "Une lampe sous la pluie")).stage == "open"


async def test_ESP_15_the_old_password_lives_until_the_temporary_one_is_used(esp: DeskUnderTest) -> None:
    """Whoever knows an address locks nobody out by asking."""
    raw = await send_temporary(esp)
    assert (await enter(esp.desk, "esp", password=GOOD_PASSWORD)).stage == "open"
    token = (await enter(esp.desk, "esp", password=raw)).session.value
    await passwords.change(esp.desk, token, raw, NEW)
    with pytest.raises(WrongPassword):
        await enter(esp.desk, "esp", password=GOOD_PASSWORD)


async def test_ESP_16_it_signs_in_once_also_for_many_at_once(esp: DeskUnderTest) -> None:
    """T11: one of four gets a session."""
    raw = await send_temporary(esp)
    tries = [enter(esp.desk, "esp", password=raw) for _ in range(4)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, sessions.Onward) for one in answers) == 1
    with pytest.raises(WrongPassword):
        await enter(esp.desk, "esp", password=raw)


async def test_ESP_16_it_lives_an_hour(esp: DeskUnderTest) -> None:
    """At 59:59 it works, at 60:00 it does not, and its case says why."""
    raw = await send_temporary(esp)
    esp.clock.advance(minutes=60)
    with pytest.raises(WrongPassword):
        await enter(esp.desk, "esp", password=raw)
    (expiry,) = await esp.desk.store.find(Expiry)
    await expire(esp.desk, expiry)
    assert await state(esp) == "expired"
    raw = await send_temporary(esp)
    esp.clock.advance(minutes=59, seconds=59)
    assert (await enter(esp.desk, "esp", password=raw)).stage == "change"


async def test_ESP_16_it_cannot_become_the_long_term_password(esp: DeskUnderTest) -> None:
    """Though it keeps to every rule for passwords."""
    raw = await send_temporary(esp)
    token = (await enter(esp.desk, "esp", password=raw)).session.value
    with pytest.raises(WeakPassword) as weak:
        await passwords.change(esp.desk, token, raw, raw)
    assert [fault.code for fault in weak.value.faults] == ["used_before"]


async def test_ESP_17_an_unknown_address_is_asked_and_answered_alike(esp: DeskUnderTest) -> None:
    """One request each, waiting in the same queue; only the known one is mailed to, later."""
    for address in (ADDRESS, "nobody@mail.example"):
        await requests.ask(esp.desk, "esp", "", address, "fr")
    waiting = await esp.desk.store.find(PortalRequest)
    assert len(waiting) == 2
    for request in waiting:
        await requests.answer(esp.desk, request)
    assert await kinds_mailed(esp.desk) == ["temporary_password"]


async def test_ESP_18_only_the_newest_works(esp: DeskUnderTest) -> None:
    """Two requests in a row: the first password is dead."""
    first = await send_temporary(esp)
    esp.clock.advance(seconds=1)
    second = await send_temporary(esp)
    with pytest.raises(WrongPassword):
        await enter(esp.desk, "esp", password=first)
    assert (await enter(esp.desk, "esp", password=second)).stage == "change"


async def test_the_store_holds_an_argon2_hash_and_the_trail_nothing(esp: DeskUnderTest) -> None:
    """Nobody who reads the store can sign in with what was mailed."""
    raw = await send_temporary(esp)
    (grant,) = await esp.desk.store.find(Grant)
    assert grant.code.startswith("$argon2id$")
    assert raw not in repr(grant) + repr(await esp.desk.store.find(AuditEntry)) + repr(await esp.desk.store.find(Case))


async def test_guesses_use_up_no_tries_and_shut_no_temporary_password(esp: DeskUnderTest) -> None:
    """What nobody at the desk drew is recognised, and the windows for guesses do not hold up the mailbox's way."""
    raw = await send_temporary(esp)
    for number in range(12):
        with pytest.raises(WrongPassword):
            await enter(esp.desk, "esp", password=f"{raw}{number}")
    (grant,) = await esp.desk.store.find(Grant)
    assert grant.tries == 0
    assert (await enter(esp.desk, "esp", password=raw)).stage == "change"


async def test_a_temporary_password_survives_a_new_key(esp: DeskUnderTest) -> None:
    """As links and codes do: a key put before the old one kills nothing that is out."""
    raw = await send_temporary(esp)
    rotated = replace(esp.desk, vault=Vault((bytes(reversed(KEY)), KEY)))
    assert (await enter(rotated, "esp", password=raw)).stage == "change"


async def test_a_temporary_password_is_drawn_for_one_account(esp: DeskUnderTest) -> None:
    """Another customer's is recognised as nothing."""
    raw = await send_temporary(esp)
    await make_customer(esp, "esp", id="A-2", login="second", address="second@mail.example")
    with pytest.raises(WrongPassword):
        await enter(esp.desk, "esp", name="second", password=raw)


async def test_a_password_changed_elsewhere_kills_it(esp: DeskUnderTest) -> None:
    """As every grant."""
    raw = await send_temporary(esp)
    token = (await enter(esp.desk, "esp")).session.value
    await passwords.change(esp.desk, token, GOOD_PASSWORD, NEW)
    with pytest.raises(WrongPassword):
        await enter(esp.desk, "esp", password=raw)
    account = await esp.desk.store.get(Account, "A-DURAND")
    assert account
    assert account.credentials == 1


async def test_a_customer_who_chooses_no_new_password_keeps_no_case_open(esp: DeskUnderTest) -> None:
    """Half a day after the sign-in its case says so; the old password still works."""
    await enter(esp.desk, "esp", password=await send_temporary(esp))
    (expiry,) = await esp.desk.store.find(Expiry)
    assert expiry.due == esp.clock() + sessions.LONGEST
    esp.clock.advance(hours=12)
    await expire(esp.desk, expiry)
    assert await state(esp) == "expired"
    assert (await enter(esp.desk, "esp")).stage == "open"


async def test_a_case_whose_password_was_chosen_stays_as_it_is(esp: DeskUnderTest) -> None:
    """The timer finds nothing to do."""
    raw = await send_temporary(esp)
    token = (await enter(esp.desk, "esp", password=raw)).session.value
    await passwords.change(esp.desk, token, raw, NEW)
    (expiry,) = await esp.desk.store.find(Expiry)
    esp.clock.advance(hours=12)
    await expire(esp.desk, expiry)
    assert await state(esp) == "redeemed"
