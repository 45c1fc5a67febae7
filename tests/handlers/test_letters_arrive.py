"""What staff send is what the customer can use: from the click through the letter to the page."""

from __future__ import annotations

import re

import pytest

from handlers import codes, decide, links
from handlers.desk import Desk
from handlers.model.case import Action, Case
from handlers.model.errors import Limited
from handlers.model.outbox import Letter
from tests.builders import AYSE, make_account, make_case
from tests.handlers.posting import clock_of, courier_to
from tests.handlers.sink import Sink


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    """The shop's desk with Marie Durand's account and a case that staff can answer."""
    async with desk.store.transaction() as tx:
        tx.put(make_account(), make_case("address_on_file"))
    return desk


async def text_after(desk: Desk, sink: Sink, action: Action) -> str:
    """The text of the letter that the action sends."""
    await decide.act(desk, "R-7F3K2M", action, AYSE, seen=1)
    return await newest_text(desk, sink)


async def newest_text(desk: Desk, sink: Sink) -> str:
    await courier_to(desk, sink).deliver()
    body = sink.mails()[-1].get_body(("plain",))
    assert body is not None
    text: str = body.get_content().replace("\r\n", "\n")
    return text


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    assert match is not None
    return match[1]


async def test_the_link_in_the_letter_opens_the_page(desk: Desk, sink: Sink) -> None:
    """The raw token is in the letter and nowhere else."""
    text = await text_after(desk, sink, "send_link")
    view = await links.look(desk, found(r"^https://recovery\.shop\.example/reset/(\S+)$", text))
    assert (view.login, view.service.id) == ("durand42", "shopfactory")


async def test_the_code_in_the_letter_is_the_one_the_page_takes(desk: Desk, sink: Sink) -> None:
    """The digits on the page that the letter leads to."""
    text = await text_after(desk, sink, "send_code")
    token = found(r"^https://recovery\.shop\.example/code/(\S+)$", text)
    raw = await codes.verify(desk, token, found(r"^(\d{6})$", text))
    assert (await links.look(desk, raw.value)).login == "durand42"


async def test_only_the_newest_of_two_codes_is_mailed(desk: Desk, sink: Sink) -> None:
    """The relay was slow: the first code's letter is still in the outbox when the customer asks for another."""
    await decide.act(desk, "R-7F3K2M", "send_code", AYSE, seen=1)
    [first] = await desk.store.find(Letter)
    token = desk.vault.open("letter", first.sealed).value.split()[0]
    clock_of(desk).advance(minutes=2)
    await codes.resend(desk, token)
    text = await newest_text(desk, sink)
    assert len(sink.envelopes) == 1
    await codes.verify(desk, token, found(r"^(\d{6})$", text))


async def test_a_link_replaced_before_it_was_mailed_is_not_mailed(desk: Desk, sink: Sink) -> None:
    """Two clicks before the courier comes: one letter, and its link works."""
    case: Case = await decide.act(desk, "R-7F3K2M", "send_link", AYSE, seen=1)
    await decide.act(desk, "R-7F3K2M", "send_link", AYSE, seen=case.version)
    text = await newest_text(desk, sink)
    assert len(sink.envelopes) == 1
    await links.look(desk, found(r"/reset/(\S+)$", text))


async def test_a_resend_too_soon_sends_nothing(desk: Desk, sink: Sink) -> None:
    """Refused before anything reaches the outbox."""
    text = await text_after(desk, sink, "send_code")
    with pytest.raises(Limited):
        await codes.resend(desk, found(r"/code/(\S+)$", text))
    assert await desk.store.find(Letter) == []
