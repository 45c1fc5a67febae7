"""The courier and the relay: outages, encryption, passwords, folders."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from handlers.configuration.endpoints import Relay
from handlers.desk import Desk
from handlers.post.carriers import carrier
from handlers.post.courier import Courier
from handlers.vault import Secret
from tests.handlers.posting import clock_of, courier_to, events, letters, post
from tests.handlers.sink import Sink, open_sink, serving


async def test_a_relay_that_is_down_is_said_once(desk: Desk, free_port: int) -> None:
    """One warning for the outage, none of the letters lost, `state` says since when."""
    for number in range(5):
        await post(desk, "changed", id=f"L-{number}")
    courier = Courier(desk, carrier(Relay(scheme="smtp", host="127.0.0.1", port=free_port), "desk.example"))
    assert courier.state == ""
    with capture_logs() as logs:
        for _ in range(3):
            await courier.deliver()
            clock_of(desk).advance(seconds=60)
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["relay.down"]
    assert courier.state == "The relay cannot be used (SMTPConnectError). (since 14:05:00 UTC)"
    assert len(await letters(desk)) == 5
    assert await events(desk) == []


async def test_after_an_outage_everything_goes_out(desk: Desk, sink: Sink) -> None:
    """530 to MAIL is about us: nothing is held against the letters, and one that is taken ends the outage."""
    sink.replies["MAIL"] = "530 5.7.0 Authentication required"
    for number in range(5):
        await post(desk, "changed", id=f"L-{number}")
    courier = courier_to(desk, sink)
    await courier.deliver()
    assert courier.state.startswith("The relay turned us away: 530 5.7.0")
    assert {letter.tries for letter in await letters(desk)} == {0}
    sink.replies.clear()
    clock_of(desk).advance(seconds=60)
    assert await courier.deliver() == 5
    assert (len(sink.envelopes), courier.state) == (5, "")


async def test_a_relay_that_hangs_up_is_an_outage(desk: Desk) -> None:
    """A server that closes every connection at once loses no letter."""

    class HangUp(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            transport.close()

    await post(desk)
    async with serving(HangUp) as port:
        courier = Courier(desk, carrier(Relay(scheme="smtp", host="127.0.0.1", port=port), "desk.example"))
        await courier.deliver()
    assert "The relay" in courier.state
    assert len(await letters(desk)) == 1


async def test_a_folder_takes_one_file_a_letter(desk: Desk, tmp_path: Path) -> None:
    """`file://`: a second delivery of a letter replaces the first, nothing half-written is left."""
    folder = tmp_path / "out"
    letter = await post(desk)
    courier = Courier(desk, carrier(Relay(scheme="file", folder=folder), "desk.example"))
    await courier.deliver()
    async with desk.store.transaction() as tx:
        tx.put(letter)
    await courier.deliver()
    [file] = folder.iterdir()
    assert file.suffix == ".eml"
    assert file.read_bytes().startswith(b"Return-Path: <support+b-l7f3k2m7f3k2m-")


async def test_letters_in_a_folder_are_their_owners_alone(desk: Desk, tmp_path: Path) -> None:
    """They hold living links; what an earlier run left readable is closed too."""
    folder, letter = tmp_path / "out", await post(desk)
    courier = Courier(desk, carrier(Relay(scheme="file", folder=folder), "desk.example"))
    await courier.deliver()
    [file] = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    left = folder / f".{file.name.removesuffix('.eml')}.part"
    left.write_text("half")
    left.chmod(0o644)
    async with desk.store.transaction() as tx:
        tx.put(letter)
    await courier.deliver()
    assert [one.stat().st_mode & 0o777 for one in folder.iterdir()] == [0o600]


async def test_a_folder_that_cannot_be_written_is_an_outage(desk: Desk, tmp_path: Path) -> None:
    """A file where the folder should be: the letters wait."""
    (tmp_path / "out").write_text("in the way")
    await post(desk)
    courier = Courier(desk, carrier(Relay(scheme="file", folder=tmp_path / "out"), "desk.example"))
    await courier.deliver()
    assert courier.state.startswith("The relay's folder cannot be written: File exists.")
    assert len(await letters(desk)) == 1


async def test_tls_is_used_when_it_is_offered(desk: Desk, tmp_path: Path) -> None:
    """A relay on this machine with a certificate that nobody signed still gets the letters encrypted."""
    async with open_sink(tls=self_signed(tmp_path)) as sink:
        await post(desk)
        await courier_to(desk, sink).deliver()
        assert sink.encrypted == [True]


@pytest.mark.parametrize(("password", "taken"), [("right horse", 1), ("wrong horse", 0)])
async def test_the_courier_signs_in_at_the_relay(desk: Desk, password: str, taken: int) -> None:
    """A wrong password is an outage for staff to mend, never a reason to give a letter up, and is in no text."""
    async with open_sink() as sink:
        await post(desk)
        courier = Courier(desk, carrier(sink.relay("desk", password), "desk.example"))
        await courier.deliver()
        assert sink.logins[0] == b"desk"
    assert len(sink.envelopes) == taken
    assert ("535" in courier.state, len(await letters(desk))) == (not taken, 1 - taken)
    assert password not in courier.state


# The same machine by a name that is not recognised as it: to the courier, a relay elsewhere.
ELSEWHERE = "127.1"


async def test_a_password_is_not_sent_in_the_clear_to_another_machine(desk: Desk, sink: Sink) -> None:
    """Nor to somebody in between who hides that the relay offers STARTTLS."""
    await post(desk)
    relay = Relay(scheme="smtp", host=ELSEWHERE, port=sink.port, user="desk", password=Secret("right horse"))
    courier = Courier(desk, carrier(relay, "desk.example"))
    await courier.deliver()
    assert courier.state.startswith("The relay does not offer STARTTLS; its password is not sent in the clear.")
    assert (sink.logins, sink.envelopes, len(await letters(desk))) == ([], [], 1)


async def test_another_machine_has_to_prove_its_name(desk: Desk, tmp_path: Path) -> None:
    """A certificate that nobody signed is an outage: nothing is handed over."""
    async with open_sink(tls=self_signed(tmp_path)) as sink:
        await post(desk)
        courier = Courier(desk, carrier(Relay(scheme="smtp", host=ELSEWHERE, port=sink.port), "desk.example"))
        await courier.deliver()
    assert courier.state.startswith("The relay cannot be used")
    assert (sink.envelopes, len(await letters(desk))) == ([], 1)


FOREIGN = "zoé@mail.example"


async def test_an_address_outside_ascii_is_reached_where_the_relay_can(desk: Desk) -> None:
    """SMTPUTF8: asked for in MAIL, and the address stands in the envelope and in `To` as it is."""
    async with open_sink(utf8=True) as sink:
        await post(desk, "changed", to=FOREIGN)
        await courier_to(desk, sink).deliver()
    [envelope], [mail] = sink.envelopes, sink.mails()
    assert (envelope.rcpt_tos, mail["To"], "SMTPUTF8" in envelope.mail_options) == ([FOREIGN], FOREIGN, True)
    assert await letters(desk) == []


async def test_an_address_outside_ascii_is_dead_where_the_relay_cannot(desk: Desk, sink: Sink) -> None:
    """Staff read why, and the next letter goes; nothing is asked of a relay that does not offer it."""
    await post(desk, "changed", id="L-1", to=FOREIGN)
    await post(desk, "changed", id="L-2")
    await courier_to(desk, sink).deliver()
    [letter] = await letters(desk)
    assert letter.id == "L-1"
    assert letter.failure.startswith("The relay takes no address with letters like é before the @")
    [envelope] = sink.envelopes
    assert "SMTPUTF8" not in envelope.mail_options


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS context with a certificate that nobody signed."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=relay.example"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    return context
