"""The replies themselves: their form is the standards', and the page for operators lists those that refuse."""

import re

import pytest

from mailin import replies
from mailin.replies import Reply
from tests.tools.tree import ROOT

CONSTANTS = {name: reply for name, reply in vars(replies).items() if isinstance(reply, Reply)}
PAGE = (ROOT / "docs" / "mail-door.md").read_text("utf-8")


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_reply_has_the_form_of_the_standards(name: str) -> None:
    """Printable ASCII of at most 512 octets (RFC 5321 4.2, 4.5.3.1.5) whose two codes agree (RFC 2034 section 4)."""
    reply = CONSTANTS[name]
    assert re.fullmatch(rb"[2345][0-5]\d [ -~]+\r\n", reply)
    assert len(reply) <= 512
    if reply is not replies.SEND_DATA:  # RFC 2034: 3xx replies have no enhanced code
        assert reply[4:6] == reply[:1] + b"."
        assert re.match(rb"\d\.\d{1,3}\.\d{1,3} ", reply[4:])


@pytest.mark.parametrize("name", [name for name, reply in CONSTANTS.items() if reply.refuses])
def test_operators_can_look_up_every_refusal(name: str) -> None:
    """Word for word, with when it is given."""
    assert f"| `{CONSTANTS[name].decode().strip()}` |" in PAGE


def test_no_two_refusals_are_the_same() -> None:
    """Who reads a log of the other side knows which rule it was."""
    assert len(set(CONSTANTS.values())) == len(CONSTANTS)
