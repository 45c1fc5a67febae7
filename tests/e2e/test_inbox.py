"""The customers' inbox: it keeps what it is given and shows it without letting a letter do anything."""

from collections.abc import AsyncIterator
from email.message import EmailMessage

import aiohttp
import aiosmtplib
import pytest

from demo.inbox import HOST, Inbox, inbox

TO = "marie@customers.example"


@pytest.fixture
async def box() -> AsyncIterator[Inbox]:
    async with inbox() as ready:
        yield ready


async def deliver(box: Inbox, html: str = "<p>Bonjour</p>") -> None:
    """Hand the inbox a letter with a code and a link, by SMTP, from the null return path."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Votre code – şifre", "support@desk.example", TO
    mail.set_content("Bonjour,\n\n    123456\n\nhttps://desk.example/code/abc_-1\n")
    mail.add_alternative(html, subtype="html")
    port = int(box.relay.rpartition(":")[2])
    await aiosmtplib.send(mail, sender="", recipients=[TO], hostname=HOST, port=port, start_tls=False)


async def page(box: Inbox, path: str) -> tuple[int, str, str]:
    """Status, Content-Security-Policy and text of a page."""
    async with aiohttp.ClientSession() as http, http.get(f"{box.url}{path}") as response:
        return response.status, response.headers["Content-Security-Policy"], await response.text()


async def test_a_letter_is_read_as_its_reader_would(box: Inbox) -> None:
    """Recipient, null sender, subject, link and code are those of the mail."""
    await deliver(box)
    letter = await box.wait(lambda one: one.to == TO, seconds=5)
    assert letter
    assert (letter.sender, letter.subject, letter.digits) == ("", "Votre code – şifre", "123456")
    assert letter.link == "https://desk.example/code/abc_-1"


async def test_waiting_ends_when_nothing_comes(box: Inbox) -> None:
    """Whoever waits for a letter that does not come is told so."""
    await deliver(box)
    assert await box.wait(lambda one: one.to == "nobody@customers.example", seconds=0.05) is None


async def test_a_letters_html_is_shown_in_a_frame_that_can_do_nothing(box: Inbox) -> None:
    """HTML stands escaped in a sandboxed frame without scripts, and the page allows none either."""
    await deliver(box, '<script>alert(1)</script></iframe><img src="https://elsewhere.example/x">')
    status, policy, text = await page(box, "/letters/1")
    assert status == 200
    assert "<script" not in text
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("view", ["html", "text", "headers", "nonsense"])
async def test_every_view_shows_the_subject(box: Inbox, view: str) -> None:
    """The letter, its plain text and its headers are one click away; an unknown view is the letter."""
    await deliver(box)
    status, _, text = await page(box, f"/letters/1?view={view}")
    assert (status, "Votre code – şifre" in text) == (200, True)


async def test_a_letter_that_is_not_there_is_not_found(box: Inbox) -> None:
    """A number without a letter is a page that does not exist."""
    await deliver(box)
    assert [(await page(box, f"/letters/{number}"))[0] for number in ("0", "2", "x")] == [404, 404, 404]


async def test_the_list_looks_for_new_letters_by_itself(box: Inbox) -> None:
    """The list is fetched again every few seconds; a letter being read is left alone."""
    await deliver(box)
    assert 'http-equiv="refresh"' in (await page(box, "/"))[2]
    assert 'http-equiv="refresh"' not in (await page(box, "/letters/1"))[2]


async def test_programs_read_the_letters_as_json(box: Inbox) -> None:
    """`/api/letters` lists what arrived, oldest first."""
    await deliver(box)
    async with aiohttp.ClientSession() as http, http.get(f"{box.url}/api/letters") as response:
        letters = await response.json()
    assert [(one["number"], one["to"], one["link"]) for one in letters] == [(1, TO, "https://desk.example/code/abc_-1")]
