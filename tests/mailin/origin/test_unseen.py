"""Where nobody saw who handed a mail in, the words say whose silence that is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import cards
from handlers import lookups
from handlers.model.mail import Grade
from mailin.explain import CONTRACT, Explanation, explain_origins
from mailin.origin import border
from mailin.origin.checks import Checks
from mailin.origin.clues import NO_TRUST, Trust
from mailin.origin.content import Content
from tests.bot.reading import PLAIN, shown
from tests.mailin.origin.door import DoorStep, doorstep
from tests.mailin.origin.world import DOMAIN, MAIL, REJECT, SPF, Dns, rsa_signer, signed, zone
from tests.mailin.reading import SERVICES

BORDER = "mx.border.example"
DNS = Dns(zone(SPF, REJECT, rsa_signer()))
ON_TOP = (
    f"Return-Path: <marie@{DOMAIN}>\r\nReceived: from mx.{DOMAIN} (unknown [%s])\r\n"
    "\tby mx.desk.example with ESMTP id 1; Fri, 20 Nov 2026 09:12:45 +0100\r\n"
)
TOPS = {"its own server": (ON_TOP % "192.0.2.7").encode(), "another": (ON_TOP % "192.0.2.99").encode()}


async def explained(folder: Path, mail: bytes, dns: Dns = DNS, trust: Trust = NO_TRUST) -> Explanation:
    """What `explain --dns` says of a saved mail."""
    (folder / "a.eml").write_bytes(mail)
    [one] = [one async for one in explain_origins([str(folder / "a.eml")], SERVICES, Checks(dns, trust))]
    assert one.origin is not None
    return one


@pytest.mark.parametrize(("top", "grade"), [("its own server", "proven"), ("another", "failed")])
async def test_a_saved_file_is_believed_as_far_as_its_reader_trusts_its_top(
    tmp_path: Path, top: str, grade: Grade
) -> None:
    """Whoever asks knows where the file is from; that anybody can write there is said (T2)."""
    one = await explained(tmp_path, TOPS[top] + MAIL)
    origin = json.loads(one.as_json())["origin"]
    assert tuple(origin) == CONTRACT["origin"]
    assert origin["grade"] == grade
    assert "as the file says, which anybody can write" in one.as_text()


async def test_a_file_that_names_no_server_is_not_called_forged(tmp_path: Path) -> None:
    """By its owner's rules nothing in it passes; that SPF may have, where it came in, stands beside."""
    one = await explained(tmp_path, MAIL)
    origin = json.loads(one.as_json())["origin"]
    assert (origin["spf"], origin["dmarc"], origin["aligned"], origin["grade"]) == ("none", "fail", False, "failed")
    assert f"Nothing in this file shows that the mail comes from {DOMAIN}" in one.as_text()
    assert "A saved file does not show who handed it in." in one.as_text()
    assert "This mail does not come from" not in one.as_text()


async def test_a_silent_dns_is_to_blame_for_what_it_kept(tmp_path: Path) -> None:
    """A signature whose key nobody gave out might have proven the mail: that is not the file's fault."""
    silent = Dns({**zone(SPF, REJECT), (f"rsa._domainkey.{DOMAIN}", "TXT"): None})
    assert "The name servers did not answer." in (await explained(tmp_path, signed(), silent)).as_text()


async def says(step: DoorStep) -> str:
    """The card of the only case."""
    [case] = await step.cases()
    view = await lookups.card(step.desk.desk, case.id)
    assert view is not None
    return shown(cards.card(view, PLAIN))


@pytest.mark.parametrize("top", [b"", b"Authentication-Results: mail.border.example; spf=pass smtp.mailfrom=x\r\n"])
async def test_a_border_server_that_said_nothing_is_named(tmp_path: Path, top: bytes) -> None:
    """Not the name servers, which answered: through the door, on the card, with what staff can tell their operator."""
    async with doorstep(tmp_path, DNS, Trust(authserv_id=BORDER)) as step:
        await step.hand_in(top + MAIL)
        said = await says(step)
        assert f"could not be checked. Your border server (`{BORDER}`) said nothing about this mail." in said
        assert "name servers" not in said


async def test_a_border_server_that_left_spf_out_is_told_apart(tmp_path: Path) -> None:
    """It said something, which is not nothing."""
    top = f"Authentication-Results: {BORDER}; dkim=none\r\n".encode()
    text = (await explained(tmp_path, top + MAIL, trust=Trust(authserv_id=BORDER))).as_text()
    assert f"Your border server ({BORDER}) did not say whether its sender was allowed to hand it in." in text


@pytest.mark.parametrize(("quiet", "lines"), [(600.0, [1]), (0.0, [1, 1, 1])])
async def test_an_unknown_border_is_logged_once_in_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: float, lines: list[int]
) -> None:
    """With the name that was seen, for whoever can set it right; a flood of such mails writes one line."""
    monkeypatch.setattr(border, "QUIET_SECONDS", quiet)
    tops = [*["mail.border.example; spf=pass smtp.mailfrom=x"] * 3, f"{BORDER}; none"]
    with capture_logs() as logs:
        async with doorstep(tmp_path, DNS, Trust(authserv_id=BORDER)) as step:
            for number, top in enumerate(tops):
                content = f"Authentication-Results: {top}\r\n".encode() + MAIL
                await step.hand_in(content.replace(b"<m1@", f"<m{number}@".encode()))
            await step.cases()
    found = [line for line in logs if line["event"] == "border.unknown"]
    assert [line["mails"] for line in found] == lines
    assert {(line["log_level"], line["seen"], line["awaited"]) for line in found} == {
        ("warning", "mail.border.example", BORDER)
    }


@pytest.mark.parametrize(
    ("field", "seen"),
    [
        ("mail.border.example; spf=pass", "mail.border.example"),
        ("MX.Border.example; none", ""),
        (f"{'x' * 5000}; none", "x" * 79 + "…"),
        ("\x1b[2J\u202eevil\tone\r\n  two; none", "[2Jevil one two"),
        ("; none", "?"),
    ],
)
def test_what_a_stranger_calls_itself_is_cut_and_harmless(field: str, seen: str) -> None:
    """It stands in a log (T26)."""
    content = Content(f"Authentication-Results: {field}\r\n".encode() + MAIL)
    assert border.another_speaks(content, BORDER) == seen
    assert border.another_speaks(content, "") == ""
