"""What a customer wants: guessed by the reader, said by staff where that is unclear, learnt from without names."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from handlers import decide, intake, requests, wishes
from handlers.decide import Answers
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Refused, Stale
from handlers.model.example import Example
from handlers.model.mail import Claims, Intent
from handlers.model.outbox import PortalRequest
from handlers.rules.wishes import BAR, is_unclear, nameless
from tests.builders import ADDRESS, AYSE, BORIS, DeskUnderTest, make_mail


async def asked(house: DeskUnderTest, **changes: Any) -> Case:
    """The case after a mail."""
    case = await house.desk.store.get(Case, await intake.receive(house.desk, make_mail(**changes)) or "")
    assert case is not None
    return case


async def choose(house: DeskUnderTest, case: Case, intent: Intent | None = "access_code", **by: Any) -> Case:
    seen = by.pop("seen", None)
    return await decide.act(house.desk, case.id, "choose_intent", by.pop("by", AYSE), seen, Answers(intent=intent))


@pytest.mark.parametrize(("confidence", "unclear"), [(0.0, True), (0.49, True), (BAR, False), (1.0, False)])
def test_below_the_bar_a_wish_is_unclear(confidence: float, unclear: bool) -> None:
    """The bar itself is clear."""
    assert is_unclear(confidence) is unclear


@pytest.mark.parametrize("intent", get_args(Intent))
async def test_staff_say_what_the_customer_wants(house: DeskUnderTest, intent: Intent) -> None:
    """The case asks for that from then on, clearly; the trail says who said so."""
    case = await choose(house, await asked(house, confidence=0.1), intent)
    assert (case.asked, case.confidence) == (intent, 1.0)
    [entry] = [one for one in await house.desk.store.find(AuditEntry) if one.event == "intent.chosen"]
    assert (entry.by, entry.detail) == (AYSE.id, intent)


async def test_a_choice_of_nothing_is_refused(house: DeskUnderTest) -> None:
    """Nothing is changed by it."""
    case = await asked(house)
    with pytest.raises(Refused):
        await choose(house, case, None)
    assert await house.desk.store.get(Case, case.id) == case


async def test_who_may_not_act_on_a_case_may_not_say_what_it_is(house: DeskUnderTest) -> None:
    """Somebody else has it, it is over, or it changed since."""
    case = await asked(house)
    with pytest.raises(Stale):
        await choose(house, case, seen=case.version - 1 or 99)
    await decide.act(house.desk, case.id, "claim", BORIS, None)
    with pytest.raises(Refused, match="claimed"):
        await choose(house, case)
    await decide.act(house.desk, case.id, "refuse", BORIS, None, Answers(reason="other"))
    with pytest.raises(Refused, match="over"):
        await choose(house, case, by=BORIS)


async def test_a_clearer_mail_settles_what_was_unclear(house: DeskUnderTest) -> None:
    """But not what staff chose, nor what was clear before."""
    await asked(house, intent="documents", confidence=0.2)
    case = await asked(house, intent="access_code", confidence=0.8, message_id="2@x")
    assert (case.asked, case.confidence) == ("access_code", 0.8)
    case = await asked(house, intent="documents", confidence=0.9, message_id="3@x")
    assert case.asked == "access_code"
    await choose(house, case, "address_change")
    assert (await asked(house, intent="documents", confidence=1.0, message_id="4@x")).asked == "address_change"


async def test_nothing_the_desk_knows_is_settled_by_a_clear_mail(house: DeskUnderTest) -> None:
    """Though it was sure of that; a mail that says nothing settles nothing."""
    await asked(house, intent="other", confidence=0.9)
    assert (await asked(house, intent="other", confidence=0.1, message_id="2@x")).confidence == 0.9
    assert (await asked(house, message_id="3@x")).asked == "password_reset"


async def test_a_portal_request_is_clear(house: DeskUnderTest) -> None:
    """It was asked for by a button; a choice there teaches nothing."""
    await requests.ask(house.desk, "shopfactory", "durand42", ADDRESS, "fr")
    [request] = await house.desk.store.find(PortalRequest)
    await requests.answer(house.desk, request)
    [case] = await house.desk.store.find(Case)
    assert case.confidence == 1.0
    await choose(house, case)
    assert await house.desk.store.find(Example) == []


async def test_a_choice_becomes_an_example_without_the_customer(house: DeskUnderTest) -> None:
    """Addresses, logins, numbers and names are gone; the words that decide stay."""
    text = (
        "Bonjour, Marie DURAND, client 482913, login durand42, marie.durand@mail.example, tél. 06 12 34 56 78.\n"
        "Je n'ai pas reçu le code, voir https://shop.example/x?u=durand42 ou ref AB-77c."
    )
    case = await asked(house, text=text, subject="code pour durand42", from_name="Marie Durand")
    await choose(house, case)
    [example] = await wishes.examples(house.desk)
    assert (example.intent, example.language, example.case, example.by) == ("access_code", "fr", case.id, AYSE.id)
    assert example.subject == "code pour login"
    assert "Je n'ai pas reçu le code" in example.text
    for gone in ("arie", "URAND", "durand", "482913", "06 12", "shop.example", "77c"):
        assert gone not in example.text
    assert await wishes.examples(house.desk, "tr") == []


async def test_choosing_again_keeps_one_example(house: DeskUnderTest) -> None:
    """Of the last word, and of the mail it all began with."""
    case = await asked(house, text="the first mail")
    await choose(house, case)
    await asked(house, text="a later one", message_id="2@x")
    await choose(house, case, "documents")
    [example] = await house.desk.store.find(Example)
    assert (example.intent, example.text) == ("documents", "the first mail")


async def test_the_oldest_example_makes_way(house: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many are kept, the newest."""
    monkeypatch.setattr(wishes, "MOST_EXAMPLES", 3)
    for number in range(5):
        house.clock.advance(minutes=1)
        case = await asked(house, from_address=f"c{number}@mail.example", message_id=f"{number}@x", claims=Claims())
        await choose(house, case)
    kept = await house.desk.store.find(Example)
    assert [one.at.minute for one in kept] == [8, 9, 10]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("write to a.b+c@x.example now", "write to name@mail.example now"),
        ("see www.evil.example/a?b", "see https://link.example"),
        ("client 4711", "client 0000"),
        ("kevlar_59 here", "login here"),
        ("mot de passe", "mot de passe"),
        ("Şifremi unuttum", "Şifremi unuttum"),
    ],
)
def test_what_names_somebody_is_taken_out(text: str, said: str) -> None:
    """And nothing else."""
    assert nameless(text) == said


async def test_the_numbers_a_writer_names_are_kept_and_bounded(house: DeskUnderTest) -> None:
    """The first five of all mails, none longer than a line of a card."""
    await asked(house, claims=Claims(numbers=("C-1", "C-2", "x" * 500)))
    case = await asked(house, claims=Claims(numbers=("C-2", "C-3", "C-4", "C-5")), message_id="2@x")
    assert case.numbers == ("C-1", "C-2", "x" * 40, "C-3", "C-4")
