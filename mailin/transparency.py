"""The end of DATA and the dots before lines (RFC 5321 4.1.1.4, 4.5.2), in input that comes in pieces."""

from __future__ import annotations

END = b"\r\n.\r\n"


class Transparency:
    """Turns what follows DATA into the mail's content, piece by piece.

    Only CRLF.CRLF ends the mail. Any other CR or LF on its own sets `bare`: such mails are how one server is made to
    see two mails where another saw one (SMTP smuggling, CVE-2023-51764), so the caller refuses them.
    """

    def __init__(self) -> None:
        self.ended = False
        self.bare = False
        self.rest = b""  # what came after the end: the client's next commands
        # The first line may be the lone dot too: act as if a line had just ended, and leave that line end out again.
        self._held = b"\r\n"
        self._virtual = 2

    def feed(self, data: bytes) -> bytes:
        """The content that `data` completes; may be empty."""
        data = self._held + data
        # Most of a big mail is base64, which has no dots: looking for one first saves looking for all else.
        dots = b"." in data
        end = data.find(END) if dots else -1
        if end >= 0:
            self.ended, self._held, self.rest = True, b"", data[end + len(END) :]
            return self._content(data[: end + 2], dots)
        held = _begun(data)
        self._held = data[len(data) - held :]
        return self._content(data[: len(data) - held], dots)

    def _content(self, piece: bytes, dots: bool) -> bytes:
        self.bare = self.bare or _has_bare_line_end(piece)
        content = piece.replace(b"\r\n.", b"\r\n") if dots else piece
        if self._virtual and content:
            content, self._virtual = content[self._virtual :], 0
        return content


def _has_bare_line_end(piece: bytes) -> bool:
    """Whether not every line end takes two bytes; half the time of counting CR, LF and CRLF.

    An END that is begun is held back whole, so a piece never ends between CR and LF.
    """
    lines = piece.splitlines()
    ends = len(lines) - (not piece.endswith((b"\r", b"\n"))) if lines else 0
    return len(piece) - len(b"".join(lines)) != 2 * ends


def _begun(data: bytes) -> int:
    """How many bytes at the end of `data` may be the beginning of END."""
    for length in range(len(END) - 1, 0, -1):
        if data.endswith(END[:length]):
            return length
    return 0
