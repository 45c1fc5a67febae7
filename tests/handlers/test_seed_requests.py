"""Who gets what by asking, at the five services as they are shipped."""

from __future__ import annotations

import pytest

from handlers import decide, intake, requests
from handlers.model.case import Case
from handlers.model.mail import Claims
from handlers.model.outbox import Letter, PortalRequest
from tests.builders import ADDRESS, AYSE, DeskUnderTest, make_account, make_mail

STRANGER = "somebody@else.example"
RECORD = "alice.moreau@chorale.example"


@pytest.fixture
async def hoster(house: DeskUnderTest) -> DeskUnderTest:
    """A desk with Alice Moreau's record at o2switch beside Marie Durand's account."""
    await house.keep(make_account(id="A-MOREAU", service="o2switch", login="OX-20815", address=RECORD))
    return house


async def receivers(house: DeskUnderTest) -> list[tuple[str, str]]:
    """Kind and address of every letter that carries a secret."""
    return sorted((one.kind, one.to) for one in await house.desk.store.find(Letter) if one.sealed)


async def write(house: DeskUnderTest, sender: str, **changes: object) -> str:
    """A mail to o2switch's support; returns its case."""
    mail = make_mail(from_address=sender, recipients=("support@o2switch.example",), **changes)
    return await intake.receive(house.desk, mail) or ""


async def ask(house: DeskUnderTest, service: str, login: str, address: str) -> None:
    """Fill in the service's form, and let the desk work it off."""
    await requests.ask(house.desk, service, login, address, "fr")
    for request in await house.desk.store.find(PortalRequest):
        await requests.answer(house.desk, request)


async def test_O2_3_who_writes_from_the_address_on_record_gets_the_link(hoster: DeskUnderTest) -> None:
    """The record is up to date and its address works: one click, one link."""
    case = await write(hoster, RECORD, claims=Claims())
    await decide.act(hoster.desk, case, "send_link", AYSE, None)
    assert await receivers(hoster) == [("reset", RECORD)]


async def test_O2_4_new_access_goes_to_the_address_on_record_and_to_no_other(hoster: DeskUnderTest) -> None:
    """Whoever writes, and wherever an answer is wanted."""
    claims = Claims(logins=("OX-20815",), addresses=(RECORD,), new_address=STRANGER)
    case = await write(hoster, STRANGER, claims=claims, reply_to=STRANGER)
    await decide.act(hoster.desk, case, "send_link", AYSE, None)
    assert await receivers(hoster) == [("reset", RECORD)]


async def test_O2_15_a_forged_sender_gains_nothing(hoster: DeskUnderTest) -> None:
    """Anybody can write in the customer's name: the card calls the sender unproven, and the customer gets the link."""
    id = await write(hoster, RECORD, claims=Claims(), reply_to=STRANGER, mail_from=STRANGER)
    case = await hoster.desk.store.get(Case, id)
    assert case is not None
    assert "sender_unproven" in {one.kind for one in case.evidence}
    await decide.act(hoster.desk, id, "send_link", AYSE, None)
    assert await receivers(hoster) == [("reset", RECORD)]


async def test_O2_5_a_writer_whose_address_is_not_on_record_proves_nothing_by_writing(hoster: DeskUnderTest) -> None:
    """The record is found by its name, and the unknown address speaks against the writer."""
    id = await write(hoster, STRANGER, claims=Claims(logins=("OX-20815",)))
    case = await hoster.desk.store.get(Case, id)
    assert case is not None
    assert case.account == "A-MOREAU"
    assert "address_not_on_file" in {one.kind for one in case.evidence if one.weight == "against"}


async def test_ESP_1_customers_of_one_site_are_nobody_at_another(house: DeskUnderTest) -> None:
    """The same address at another service is another account, or none."""
    await ask(house, "esp", "", ADDRESS)  # she is known at ShopFactory
    assert await house.desk.store.find(Case) == []
    assert await receivers(house) == []


@pytest.mark.parametrize("login", ["", "durand43"])
async def test_SF_8_the_address_alone_is_not_enough(house: DeskUnderTest, login: str) -> None:
    """Neither without the identifier nor with a wrong one is anything sent."""
    await ask(house, "shopfactory", login, ADDRESS)
    assert await receivers(house) == []
    await ask(house, "shopfactory", "durand42", ADDRESS)
    assert await receivers(house) == [("reset", ADDRESS)]


async def test_SF_12_after_expiry_the_form_brings_a_new_link(house: DeskUnderTest) -> None:
    """The old link is not prolonged; asking again is what helps."""
    await ask(house, "shopfactory", "durand42", ADDRESS)
    house.clock.advance(minutes=31)
    await ask(house, "shopfactory", "durand42", ADDRESS)
    assert await receivers(house) == [("reset", ADDRESS)] * 2
