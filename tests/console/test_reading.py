"""What was written, whole, and what staff said that it asks for, without Slack."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from handlers import intake
from handlers.model.mail import Claims, Origin
from handlers.post.addressing import reply_address
from tests.builders import KEY, make_account, make_mail, open_desk
from tests.console.place import Place

WHOLE = "My login is durand42.\n\n> On Monday you wrote:\n> hello\nMarie, \x1b[2Jtel. 0612345678"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A desk's folder with one case: an unclear mail of its writer, and one of somebody else."""
    place = Place(tmp_path, DESK_KEYS=base64.urlsafe_b64encode(KEY).decode())

    async def prepare() -> None:
        place.data.mkdir()
        async with open_desk(place.data) as house:
            await house.keep(make_account())
            claims = Claims(logins=("durand42",), numbers=("C-77",))
            text = "My login is durand42."
            proven = Origin(
                spf="fail", dkim="pass", dmarc="pass", aligned=True, grade="proven", domain="mail.example",
                spf_domain="mail.example", dkim_domain="mail.example",
            )  # fmt: skip
            mail = make_mail(origin=proven, text=text, whole=WHOLE, hidden_lines=3, confidence=0.2, claims=claims)
            id = await intake.receive(house.desk, mail)
            to = reply_address(house.desk, house.desk.service("shopfactory"), id or "")
            says = Origin(spf="none", dkim="none", dmarc="none", aligned=False, grade="unproven", domain="evil.example")
            other: dict[str, Any] = {"from_address": "eve@evil.example", "recipients": (to,), "text": "Give it to me."}
            other |= {"mail_from": "x@\x1b[2Jdark.example", "reply_to": "y@evil.example", "origin": says}
            await intake.receive(house.desk, make_mail(message_id="2@x", **other))

    asyncio.run(prepare())
    return place


def the_case(place: Place) -> str:
    [case] = place.run("cases", "--json").json["cases"]
    return str(case["id"])


def test_a_case_says_what_is_unclear_and_what_others_wrote(place: Place) -> None:
    """As its card does: masked, and not believed."""
    id = the_case(place)
    said, plain = place.quick("case", id, "--json").json, place.quick("case", id).out
    assert (said["confidence"], said["numbers"], said["mails"], said["hidden_lines"]) == (0.2, ["C-77"], 2, 3)
    assert [(one["from"], one["text"]) for one in said["others"]] == [("e•••@e••••.example", "Give it to me.")]
    assert "unclear, maybe password reset" in plain
    assert "e•••@e••••.example wrote, not trusted: Give it to me." in plain
    assert "eve@evil" not in plain


def test_a_case_says_what_its_mail_proves_and_why_in_words(place: Place) -> None:
    """The grade, its three reasons and the evidence are those of the card, not names of ours."""
    id = the_case(place)
    told = dict.fromkeys(" ".join(line.split()) for line in place.quick("case", id).out.splitlines())
    for line in (
        "sender proven: The mail comes from mail.example. Who wrote it there is not proven.",
        "SPF handed in by a server that mail.example does not allow",
        "DKIM signed by mail.example, and unchanged since",
        "DMARC mail.example knows it as its own",
        "speaks for The mail came from the address on file.",
        "speaks for Login and address belong to the same account.",
    ):
        assert line in told
    assert not any("_" in line for line in told if line.startswith(("speaks", "worth")))
    origin = place.quick("case", id, "--json").json["origin"]
    assert (origin["grade"], [one["check"] for one in origin["reasons"]]) == ("proven", ["SPF", "DKIM", "DMARC"])


def test_the_mails_of_a_case_are_shown_whole_and_on_the_trail(place: Place) -> None:
    """Newest first, what the card left out marked, nothing that steers a terminal."""
    id = the_case(place)
    said = place.quick("case", id, "--mails")
    assert said.status == 0, said
    assert said.out.index("eve@evil.example") < said.out.index("marie.durand@mail.example")
    for line in ("another sender, not trusted", "  My login is durand42.", "> > hello", "> Marie, �[2Jtel. 0612345678"):
        assert line in said.out
    for line in (
        "returns  x@�[2Jdark.example",
        "replies  y@evil.example",
        "proves   unproven: Nothing shows that the mail comes from evil.example. A sender can be forged.",
    ):
        assert said.out.count(line) == 1
    assert "\x1b" not in said.out
    newest, _ = place.quick("case", id, "--mails", "--json").json
    assert newest["mail"]["sender"] == "eve@evil.example"
    read = [one["event"] for one in place.quick("audit", id, "--json").json]
    assert read.count("mail.read") == 2


def test_what_staff_choose_becomes_an_example_without_names(place: Place) -> None:
    """In the form that the reader is trained on."""
    id = the_case(place)
    assert place.quick("examples").out == "No examples yet.\n"
    chosen = place.quick("act", id, "choose_intent", "--by", "ayse", "--wish", "access_code")
    assert chosen.out.startswith(f"{id}: ayse said what the customer wants."), chosen
    [line] = place.quick("examples", "--json").out.splitlines()
    assert json.loads(line) == {
        "intent": "access_code",
        "subject": "mot de passe",
        "text": "My login is login.",
    }
    assert "access_code" in place.quick("examples", "--language", "fr").out
    assert place.quick("examples", "--language", "tr", "--json").out == ""
    assert place.quick("case", id, "--json").json["asked"] == "access_code"


def test_acting_on_the_mail_from_the_console_shows_it(place: Place) -> None:
    """The same action as the card's button."""
    said = place.quick("act", the_case(place), "show_mail", "--by", "ayse")
    assert "  My login is durand42." in said.out
