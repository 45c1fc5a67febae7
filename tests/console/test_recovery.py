"""A whole recovery on the command line alone, Slack being down: what the log says of it, and what it does not."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from email import message_from_bytes
from email.policy import default
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from tests.console.place import HOST, Place, Serving, lost_mail

MARIE = "marie.durand@mail.example"
TO = "support@shopfactory.example"
WORDS = "perroquet d'Amazonie"
PASSWORD = "Sept cerfs-volants orange 7"


def recover(place: Place, desk: Serving) -> list[str]:
    """From the mail to the new password; returns every secret that was on its way."""
    place.quick("accounts", "add", "shopfactory", "durand42", MARIE, "--name", "Marie Durand", "--language", "fr")
    desk.send(lost_mail("durand42", MARIE, "1", WORDS), MARIE, TO)
    case = place.quick("cases", "--json").json["cases"][0]["id"]
    assert place.quick("act", case, "send_link", "--by", "ayse").status == 0
    desk.wait("letter.sent", 2)
    link = _link(place)
    assert link.startswith(desk.events("portal.open")[0]["url"])
    page = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    form = page.open(link, timeout=10).read().decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    names = re.findall(r'<input[^>]*type="password"[^>]*name="(\w+)"|name="(\w+)"[^>]*type="password"', form)
    fields |= {one or other: PASSWORD for one, other in names}
    page.addheaders = [("Origin", link.rpartition("/reset")[0])]
    page.open(link, urllib.parse.urlencode(fields).encode(), timeout=10)
    assert place.quick("case", case, "--json").json["state"] == "redeemed"
    return [link.rpartition("/")[2], PASSWORD]


def _link(place: Place) -> str:
    texts = [_text(file) for file in place.letters.glob("*.eml")]
    return next(found[0] for text in texts if (found := re.search(r"http://\S+/reset/\S+", text)))


def _text(file: Path) -> str:
    body = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
    return str(body.get_content()) if body else ""


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_log_of_a_recovery_names_nobody_and_no_secret(place: Place, form: str) -> None:
    """No address, no token, no password, not a word of the customer's, nor the name; in either form."""
    place.settings["DESK_LOG"] = form
    with place.serving() as desk:
        secrets = recover(place, desk)
        desk.stop()
        said = desk.said
    assert said.startswith("{") == (form == "json")
    for private in (*secrets, MARIE, "marie", "Durand", "durand42", WORDS, "perroquet"):
        assert private.lower() not in said.lower()


def test_a_relay_that_is_down_makes_the_desk_unready_until_it_is_back(place: Place, free_port: int) -> None:
    """503 names the part; the desk goes on, keeps the letter, and says so in the metrics."""
    place.settings["DESK_RELAY"] = f"smtp://{HOST}:{free_port}"
    with place.serving() as desk:
        assert desk.get("/ready")[0] == 200
        desk.send(lost_mail("durand42", MARIE, "1"), MARIE, TO)
        desk.wait("relay.down")
        status, body = desk.get("/ready")
        assert (status, desk.get("/live")[0]) == (503, 200)
        assert '"courier": "The relay cannot be used' in body
        metrics = desk.get("/metrics")[1]
        assert 'desk_part_ready{part="courier"} 0.0' in metrics
        assert "desk_letters_waiting 1.0" in metrics
        assert desk.stop() < 5
