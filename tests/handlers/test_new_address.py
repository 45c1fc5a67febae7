"""The address that a mail wants registered, on its way to the card."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from handlers import decide, intake
from handlers.cases import MOST_REQUESTS
from handlers.model.audit import AuditEntry
from handlers.model.case import Case
from handlers.model.errors import Stale
from handlers.model.evidence import Evidence
from handlers.model.mail import Claims
from handlers.paperwork import documents
from tests.builders import ADDRESS, AYSE, NOW, DeskUnderTest, make_mail
from tests.handlers import dossiers
from tests.handlers.changing import NEW

EVIL = "mallory@brigand.example"


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


async def forged(house: DeskUnderTest, number: int, **claims: Any) -> Case:
    """The case after a mail that anybody wrote in the customer's name."""
    mail, _ = dossiers.mail_with(message_id=f"{number}@evil", mail_from="", claims=Claims(**claims), intent="other")
    await intake.receive(house.desk, mail)
    return await dossiers.the_case(house)


async def trail(house: DeskUnderTest) -> list[str]:
    """What the trail says of the case."""
    return [one.event for one in await house.desk.store.find(AuditEntry) if one.case == dossiers.CASE]


async def test_T6_a_forged_mail_does_not_exchange_the_address_once_documents_came(house: DeskUnderTest) -> None:
    """T6: after fifty mails in her name too; the attempt is evidence, a step, and a new version, once."""
    await dossiers.asked(house, new_address=NEW)
    await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), "")
    for number in range(MOST_REQUESTS):
        await forged(house, number)
    seen = (await dossiers.the_case(house)).version
    case = await forged(house, 90, new_address=EVIL)
    assert (case.new_address, case.version > seen, "new_address_disputed" in kinds(case)) == (NEW, True, True)
    assert (await forged(house, 91, new_address="other@brigand.example")).new_address == NEW
    assert (await trail(house)).count("address.disputed") == 1
    with pytest.raises(Stale):
        await decide.act(house.desk, dossiers.CASE, "review_documents", AYSE, seen)


@pytest.mark.parametrize("claims", [{"new_address": EVIL}, {"not_owner": True}, {"logins": ("other",)}])
async def test_T6_a_full_case_changes_in_nothing_but_words_without_a_step(
    house: DeskUnderTest, claims: dict[str, Any]
) -> None:
    """T6: what staff decide from is never another behind the version that they looked at."""
    await house.keep(dossiers.SHOP, dossiers.asked_case())
    for number in range(MOST_REQUESTS):
        await forged(house, number)
    before, told = await dossiers.the_case(house), len(await trail(house))
    case = await forged(house, 90, **claims)
    same = case == replace(before, text=case.text)
    assert same == (case.version == before.version) == (len(await trail(house)) == told)
    assert case.evidence == before.evidence


async def test_T6_the_documents_page_corrects_the_address_until_a_file_came(house: DeskUnderTest) -> None:
    """T6: whoever has only the link cannot put another address beside documents that are there."""
    await dossiers.asked(house, new_address="marie@typo.example")
    assert (await documents.upload(house.desk, dossiers.page(house), [], NEW)).takes_address
    await documents.upload(house.desk, dossiers.page(house), dossiers.dossier(), "")
    view = await documents.upload(house.desk, dossiers.page(house), [], EVIL)
    case = await dossiers.the_case(house)
    assert (case.new_address, view.takes_address, "new_address_disputed" in kinds(case)) == (NEW, False, True)
    assert (await trail(house))[-1] == "address.disputed"
