"""The address that a mail wants registered, on its way to the card."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from handlers import intake
from handlers.model.case import Case
from handlers.model.evidence import Evidence
from handlers.model.mail import Claims
from tests.builders import ADDRESS, NOW, DeskUnderTest, make_mail
from tests.handlers.changing import NEW


async def taken_in(house: DeskUnderTest, new: str | None, number: int = 1) -> Case:
    """The case of a mail that asks for this address."""
    claims = Claims(logins=("durand42",), new_address=new)
    mail = make_mail(message_id=f"{number}@mail.example", intent="address_change", claims=claims)
    case = await house.desk.store.get(Case, await intake.receive(house.desk, mail) or "")
    assert case
    return case


def kinds(case: Case) -> set[str]:
    return {one.kind for one in case.evidence}


async def test_O2_6_the_replacement_address_is_read_from_the_mail(house: DeskUnderTest) -> None:
    """O2.6, O2.7: it is one of the three things that the customer has to send; a later mail may name another."""
    assert (await taken_in(house, NEW)).new_address == NEW
    assert (await taken_in(house, None, 2)).new_address == NEW
    assert (await taken_in(house, "marie@autre.example", 3)).new_address == "marie@autre.example"


@pytest.mark.parametrize("new", [f"{NEW},b@evil.example", f"{NEW}\nCc: b@evil.example", f"Marie <{NEW}>", "x" * 5000])
async def test_T6_what_is_not_exactly_one_address_is_not_taken(house: DeskUnderTest, new: str) -> None:
    """T6: no second address comes in beside the first."""
    assert (await taken_in(house, new)).new_address == ""


async def test_T5_a_look_alike_of_the_address_on_file_speaks_against_the_writer(house: DeskUnderTest) -> None:
    """T5: with a Cyrillic `а`, as staff would not see; another address later takes the doubt away."""
    case = await taken_in(house, ADDRESS.replace("a", "\u0430", 1))
    assert "new_address_doubtful" in kinds(case)
    assert "new_address_doubtful" not in kinds(await taken_in(house, NEW, 2))


async def test_O2_19_a_later_mail_does_not_exchange_an_address_that_documents_state(house: DeskUnderTest) -> None:
    """O2.19: what was examined is what is changed; anybody can write in the customer's name."""
    case = await taken_in(house, NEW)
    accepted = Evidence(kind="documents_accepted", weight="for", source="staff", at=NOW)
    await house.keep(replace(case, evidence=(*case.evidence, accepted)))
    assert (await taken_in(house, "thief@evil.example", 2)).new_address == NEW
