"""A sixth service, written by somebody who read docs/services.md and nothing else, works without a change of code."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from demo.slack import AYSE, workspace
from tests.builders import SERVICES
from tests.scenarios.people import Customer
from tests.scenarios.town import Scenario, in_one_loop, look_often, town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120), pytest.mark.xdist_group("scenarios-2"), in_one_loop]

FILE = Path(__file__).parent / "sixth" / "harbour-library.toml"
GRACE = "grace.okoye@mail.example"
READER = {
    "service": "harbour-library", "login": "HL-20417", "address": GRACE, "name": "Grace Okoye",
    "phone": "+44 20 7946 0000", "language": "en",
}  # fmt: skip
OLD, NEW = "seven orange kites 7", "four green boats 44"


@pytest_asyncio.fixture(loop_scope="module")
async def library(tmp_path: Path, slack_emulator_path: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scenario]:
    """A desk that answers for the five services and for a sixth."""

    look_often(monkeypatch)
    services = tmp_path / "services"
    services.mkdir()
    for file in (*SERVICES.glob("*.toml"), FILE):
        shutil.copy(file, services)
    async with workspace() as slack, town(tmp_path, slack, services) as running:
        yield Scenario(running)


async def test_the_card_number_alone_brings_a_link(library: Scenario, jane: Customer) -> None:
    """Its own key, its own subject, its own rules for passwords, its own steps afterwards, sent by the desk alone."""
    await library.add(**READER)
    await jane.open(f"{library.house.portal}/lost/harbour-library")
    await jane.fill("Send", login="hl-20417")
    await library.pass_time(seconds=5)
    letter = await library.opens(GRACE, "Harbour Library: set a new password")
    assert "20 minutes" in letter.text
    await jane.open(letter.link)
    await jane.reads("10 to 64 characters", "a digit")
    await jane.fill("Reset the password", password=NEW, again=NEW)
    await jane.reads("Sign in again in the reading app on your telephone and tablet.")


async def test_a_request_by_mail_is_answered_with_a_code_of_seven_digits(library: Scenario, jane: Customer) -> None:
    """A mail to its mailbox, its name on the card, a code that lives eight minutes."""
    await library.add(**READER)
    mail = f"""From: Grace Okoye <{GRACE}>
To: help@harbour-library.example
Subject: I need a code
Message-ID: <1@mail.example>

Hello, please send me an access code, my library card number is HL-20417. Grace
"""
    card = await library.write(mail.encode())
    assert "Harbour Library" in card.text
    await library.click(card.case, "send_code", AYSE.id)
    letter = await library.opens(GRACE, "Harbour Library: your one-time code")
    assert len(letter.digits) == 7
    assert "8 minutes" in letter.text
    await jane.open(letter.link)
    await library.pass_time(minutes=8)
    await jane.fill("Verify", code=letter.digits)
    await jane.titled("This link is no longer valid")


async def test_its_readers_sign_in_and_can_leave(library: Scenario, jane: Customer) -> None:
    """A code on a new device, the reading room's own password, and fourteen days to come back."""
    await library.add_with_password(OLD, **READER, hosted="yes")
    await jane.open(f"{library.house.portal}/sign-in/harbour-library")
    await jane.fill("Continue", name="HL-20417")
    await jane.fill("Sign in", password=OLD)
    letter = await library.letter(lambda one: one.to == GRACE and bool(one.digits), "a sign-in code")
    await jane.fill("Verify", code=letter.digits)
    await jane.titled("Your account")
    await jane.open(f"{library.house.portal}/account/hosting")
    await jane.reads("reading room")
    await jane.open(f"{library.house.portal}/account/close")
    await jane.reads("14 days")


async def test_its_documents_are_asked_for_as_its_file_says(library: Scenario) -> None:
    """A company's register extract of at most sixty days, in the words of the writer."""
    company = READER | {"login": "HL-90001", "kind": "company", "company": "Okoye Books Ltd"}
    await library.add(**company)
    mail = """From: Grace Okoye <grace@okoye-books.example>
To: help@harbour-library.example
Subject: Our address is gone
Message-ID: <2@okoye-books.example>

Hello, we lost access to the mailbox grace.okoye@mail.example. Our library card number is HL-90001, please change our
address to grace@okoye-books.example. Which documents do you need? Grace Okoye
"""
    card = await library.write(mail.encode())
    await library.click(card.case, "request_documents", AYSE.id)
    letter = await library.letter(lambda one: "/documents/" in one.text, "what to send")
    assert letter.to == "grace@okoye-books.example"
    assert "60 days" in letter.text
