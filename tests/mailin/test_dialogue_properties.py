"""Whatever a client says, however it is cut: the door keeps its promises, and a second reader sees the same mails."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailin import transparency
from mailin.dialogue import Dialogue
from tests.fuzz.dialogue import fuzz

WORDS = [
    b"EHLO c.example\r\n",
    b"HELO c\r\n",
    b"MAIL FROM:<claire@customer.example>\r\n",
    b"MAIL FROM:<> BODY=8BITMIME SIZE=20\r\n",
    "MAIL FROM:<é@ü.example> SMTPUTF8\r\n".encode(),
    b"RCPT TO:<support@shop.example>\r\n",
    b"RCPT TO:<Postmaster>\r\n",
    b'RCPT TO:<@a.example:"support"@[192.0.2.1]>\r\n',
    b"DATA\r\n",
    b"Subject: x\r\n\r\n..x\r\n.\r\n",
    b".\r\n",
    b"\r\n.\r\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r",
    b"\n",
    b"RSET\r\n",
    b"NOOP\r\n",
    b"STARTTLS\r\n",
    b"QUIT\r\n",
    b"POST / HTTP/1.1\r\n",
    b"PROXY TCP4 198.51.100.7 192.0.2.1 40000 25\r\n",
    b"\x00\xff",
    b"x" * 1100,
    b"\x1e",  # wait for the replies
    b"\x1d",  # let time pass
    b"\x1c",  # say no more
    b"\x1f",  # hang up
]
BEGUN = b"EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@shop.example>\r\nDATA\r\n"
KINDS = st.integers(0, 63).map(lambda kind: bytes([kind]))
TALK = st.lists(st.sampled_from(WORDS) | st.binary(max_size=20), max_size=25).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(KINDS, st.sampled_from([b"", BEGUN]), TALK)
def test_no_session_breaks_a_promise(kind: bytes, begun: bytes, talk: bytes) -> None:
    """Each reply is one of ours, 250 was said once for each mail kept, nothing leaks over RSET or TLS."""
    fuzz(kind + begun + talk)


def test_a_door_that_smuggles_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reader is worth something: it sees what the attacks of 2023 made of other servers."""
    monkeypatch.setattr(transparency, "END", b"\n.\r\n")
    with pytest.raises(AssertionError, match=r"not answered|bare|not the mails|a reply to"):
        fuzz(b"\x00" + BEGUN + b"one\n.\r\nMAIL FROM:<a@b.example>\r\nQUIT\r\n")


def test_a_door_that_listens_for_ever_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reader counts along: so many commands that bring no mail further, and a session has to be over."""
    fuzz(b"\x04" + b"NOOP\r\n" * 20)
    monkeypatch.setattr(Dialogue, "_count_command", lambda self: None)
    with pytest.raises(AssertionError, match="heard for too long"):
        fuzz(b"\x04" + b"NOOP\r\n" * 20)


def test_a_door_that_forgets_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was said before STARTTLS must not count after it."""
    monkeypatch.setattr(Dialogue, "_forget_session", lambda self: None)
    monkeypatch.setattr(Dialogue, "_helo", "", raising=False)
    monkeypatch.setattr(Dialogue, "_sender", None, raising=False)
    monkeypatch.setattr(Dialogue, "_recipients", [], raising=False)
    with pytest.raises(AssertionError, match="a recipient without a mail"):
        fuzz(b"\x01EHLO c\r\nMAIL FROM:<a@b.example>\r\nSTARTTLS\r\n\x1eRCPT TO:<support@shop.example>\r\n")
