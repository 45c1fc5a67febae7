"""A second reader of an SMTP session, slow and simple: which mails were in what the client said, by RFC 5321 alone.

It goes through the client's words and the server's replies side by side. What a reply promised is held against the
words it answered; whatever does not fit is an AssertionError. It shares no code with the door.
"""

from __future__ import annotations

from typing import NamedTuple

from mailin import replies
from mailin.replies import Reply

CONSTANTS = frozenset(bytes(value) for value in vars(replies).values() if isinstance(value, Reply))
_LAST = (b"221", b"421", b"554 5.3.2")


class Mail(NamedTuple):
    """A mail that was accepted: its sender, how many recipients it had, its content, and whether it came by TLS."""

    sender: str
    recipients: int
    content: bytes
    tls: bool


class Witness:
    """Reads one session: `chunks` is what the client said, cut where it waited; `said` is all the server said."""

    def __init__(
        self, chunks: list[bytes], said: bytes, own: frozenset[bytes], vain: int, balanced: bool = False
    ) -> None:
        """`own` are the replies with the server's name; `vain` commands in a row without a mail end the session;
        `balanced` if a PROXY header comes first.
        """
        self._chunks, self._own, self._balanced = chunks, own, balanced
        self._replies = _split(said)
        self._left = b""
        self.mails: list[Mail] = []
        self._vain = self._patience = vain
        self.over = False  # whether the server ended the session
        self._tls = self._greeted = False
        self._forget()

    def read(self) -> None:
        """Go through the whole session; raises AssertionError."""
        if self._balanced and not self._replies:
            return  # the header was refused, or is awaited still
        if self._balanced:
            self._read_header()
        if self._reply_heard()[:3] != b"220":
            self.over = True
        while not self.over and (line := self._line()) is not None:
            self._judge(line)
        while self._replies:  # what the server said unasked can only be its last words
            self._reply_heard()
            assert self.over, "a reply to nothing"

    def _forget(self) -> None:
        self._sender: str | None = None
        self._recipients = 0

    def _more(self) -> bool:
        if not self._chunks:
            return False
        self._left += self._chunks.pop(0)
        return True

    def _read_header(self) -> None:
        """Versions 1 and 2 of the PROXY protocol, sections 2.1 and 2.2: only how long it is."""
        self._need(6)
        if self._left.startswith(b"PROXY "):
            while b"\r\n" not in self._left and self._more():
                pass
            length = self._left.index(b"\r\n") + 2
            assert length <= 107, "a header that is too long"
        else:
            self._need(16)
            assert self._left.startswith(b"\r\n\r\n\x00\r\nQUIT\n"), "what is no header was taken for one"
            length = 16 + int.from_bytes(self._left[14:16], "big")
            self._need(length)
        self._left = self._left[length:]

    def _need(self, count: int) -> None:
        while len(self._left) < count:
            assert self._more(), "half a header was taken for one"

    def _line(self) -> bytes | None:
        while b"\n" not in self._left:
            if not self._more():
                return None
        line, _, self._left = self._left.partition(b"\n")
        return line + b"\n"

    def _content(self) -> bytes | None:
        """RFC 5321 4.5.2, word for word; None when the mail does not end."""
        content = b""
        while True:
            while b"\r\n" not in self._left:
                if not self._more():
                    self._left = b""  # all of it belongs to a mail that does not end
                    return None
            line, _, self._left = self._left.partition(b"\r\n")
            if line == b".":
                return content
            content += line.removeprefix(b".") + b"\r\n"

    def _reply_heard(self) -> bytes:
        assert self._replies, "a command was not answered"
        reply = self._replies.pop(0)
        assert reply in CONSTANTS or reply in self._own, f"not one of ours: {reply!r}"
        if reply.startswith(_LAST):
            self.over = True
            assert not self._replies, "said something after the last words"
        return reply

    def _judge(self, line: bytes) -> None:
        if not self._replies:
            self.over = True  # the connection broke; who plays the session knows whether it was meant to
            return
        reply = self._reply_heard()
        self._wait(reply)
        if reply[:1] in b"45":
            return
        assert line.endswith(b"\r\n"), "answered what is no line"
        assert len(line) <= 1024, "answered what is too long"
        assert not set(line[:-2]) & set(b"\x00\r\x7f"), "answered control characters"
        verb = line[:-2].split(b" ")[0].upper()
        promised = _PROMISES[bytes(reply)] if reply in _PROMISES else (b"EHLO", b"HELO")
        assert verb in promised, f"{reply!r} to {verb!r}"
        self._take(verb, line, reply)

    def _wait(self, reply: bytes) -> None:
        """A mail that comes on is waited for anew; NOOP and the like, and what was refused, only so often."""
        assert self._vain or reply.startswith(_LAST), "a session that sends no mail was heard for too long"
        self._vain = self._patience if reply in _PROGRESS else self._vain - 1

    def _take(self, verb: bytes, line: bytes, reply: bytes) -> None:
        match verb:
            case b"EHLO" | b"HELO":
                self._forget()
                self._greeted = True
            case b"RSET":
                self._forget()
            case b"MAIL":
                assert self._greeted, "a mail without a greeting"
                assert self._sender is None, "a mail inside a mail"
                self._sender = _path(line)
            case b"RCPT":
                assert self._sender is not None, "a recipient without a mail"
                assert _path(line), "a recipient that is nobody"
                self._recipients += 1
            case b"DATA":
                self._data()
            case b"STARTTLS":
                assert not self._tls, "TLS inside TLS"
                self._tls, self._greeted, self._left = True, False, b""
                self._forget()

    def _data(self) -> None:
        assert self._sender is not None, "data without a sender"
        assert self._recipients, "data without a recipient"
        content = self._content()
        if content is None:
            return
        if not self._replies:
            self.over = True
            return
        reply = self._reply_heard()
        bare = content.replace(b"\r\n", b"")
        if reply == replies.ACCEPTED:
            assert b"\r" not in bare, "a bare CR was accepted"
            assert b"\n" not in bare, "a bare LF was accepted"
            self.mails.append(Mail(self._sender, self._recipients, content, self._tls))
        else:
            assert reply[:1] in b"45", f"{reply!r} to a mail"
        self._forget()


_PROGRESS = frozenset({replies.SENDER_OK, replies.RECIPIENT_OK, replies.SEND_DATA})
_PROMISES: dict[bytes, tuple[bytes, ...]] = {
    replies.OK: (b"NOOP", b"RSET"),
    replies.BYE: (b"QUIT",),
    replies.SENDER_OK: (b"MAIL",),
    replies.RECIPIENT_OK: (b"RCPT",),
    replies.SEND_DATA: (b"DATA",),
    replies.TLS_READY: (b"STARTTLS",),
    replies.HELP: (b"HELP",),
    replies.NOT_VERIFIED: (b"VRFY",),
}


def _split(said: bytes) -> list[bytes]:
    """The replies, each with all its lines (RFC 5321 4.2.1)."""
    found, begun = [], b""
    for line in said.splitlines(keepends=True):
        assert line.endswith(b"\r\n"), f"half a reply: {line!r}"
        begun += line
        if line[3:4] == b" ":
            found.append(begun)
            begun = b""
    assert not begun, f"half a reply: {begun!r}"
    return found


def _path(line: bytes) -> str:
    """What stands in the angle brackets, without a source route, and without quotes that change nothing."""
    text = line.decode()
    at, quoted, start = text.index("<") + 1, False, text.index("<") + 1
    if text[at] == "@":
        at = start = text.index(":", at) + 1
    while quoted or text[at] != ">":
        if text[at] == "\\":
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        at += 1
    local, at_sign, domain = text[start:at].rpartition("@")
    signs = iter(local[1:-1])
    bare = "".join(next(signs) if sign == "\\" else sign for sign in signs)
    needless = local[:1] == '"' and bare and not set(bare) & set(' "(),:;<>@[\\]')
    return bare + at_sign + domain if needless else text[start:at]
