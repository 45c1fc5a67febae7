"""Every reply of the SMTP door (RFC 5321 4.2) with its enhanced status code (RFC 3463); tests compare with these."""

from __future__ import annotations

from typing import Final


class Reply(bytes):
    """A reply as it goes over the wire, line ends included."""

    @property
    def refuses(self) -> bool:
        """Whether the client is told no, for now (4xx) or for good (5xx)."""
        return self[0] in b"45"


def _reply(line: str) -> Reply:
    return Reply(line.encode("ascii") + b"\r\n")


OK: Final = _reply("250 2.0.0 OK")
BYE: Final = _reply("221 2.0.0 Bye")
SENDER_OK: Final = _reply("250 2.1.0 Sender accepted")
RECIPIENT_OK: Final = _reply("250 2.1.5 Recipient accepted")
SEND_DATA: Final = _reply("354 End data with <CR><LF>.<CR><LF>")
ACCEPTED: Final = _reply("250 2.0.0 Mail accepted")
TLS_READY: Final = _reply("220 2.0.0 Ready to start TLS")
HELP: Final = _reply("214 2.0.0 See RFC 5321")
NOT_VERIFIED: Final = _reply("252 2.0.0 Addresses are not verified; send the mail and see")

SHUTTING_DOWN: Final = _reply("421 4.3.2 Service is shutting down, try again later")
TOO_MANY_SESSIONS: Final = _reply("421 4.3.2 Too many sessions, try again later")
TOO_MANY_FROM_YOU: Final = _reply("421 4.7.0 Too many sessions from your network, try again later")
TOO_MANY_VISITS: Final = _reply("421 4.7.0 Too many sessions without a mail from your network, try again later")
TOO_MANY_COMMANDS: Final = _reply("421 4.7.0 Too many commands in one session")
TOO_MANY_ERRORS: Final = _reply("421 4.7.0 Too many errors in one session")
TOO_SLOW: Final = _reply("421 4.4.2 Time is up")
MAKE_ROOM: Final = _reply("421 4.3.2 Others wait and you were silent, try again later")
GIVE_WAY: Final = _reply("421 4.3.2 Others wait for a place, try again later")
MISTRUSTED: Final = _reply("421 4.7.0 What follows a bare CR or LF is not read")
NOT_SMTP: Final = _reply("421 4.7.0 This is SMTP")
MAILBOX_BUSY: Final = _reply("450 4.2.1 Too many mails to this mailbox, try again later")
TOO_MANY_MAILS: Final = _reply("451 4.7.1 Too many mails from your network, try again later")
TOO_MANY_FROM_SENDER: Final = _reply("451 4.7.1 Too many mails from this sender, try again later")
FAILED: Final = _reply("451 4.3.0 Something failed on our side, try again later")
SPOOL_FULL: Final = _reply("452 4.3.1 No room to keep mail, try again later")
TOO_MANY_RECIPIENTS: Final = _reply("452 4.5.3 Too many recipients in one mail")

LINE_TOO_LONG: Final = _reply("500 5.5.2 Command line too long")
BAD_LINE: Final = _reply("500 5.5.2 Not a command")
UNKNOWN_COMMAND: Final = _reply("500 5.5.1 Command not recognised")
NOT_OFFERED: Final = _reply("502 5.5.1 Command not offered")
BAD_ARGUMENT: Final = _reply("501 5.5.4 Wrong argument")
HELO_FIRST: Final = _reply("503 5.5.1 Send EHLO or HELO first")
SENDER_FIRST: Final = _reply("503 5.5.1 Send MAIL first")
SENDER_TWICE: Final = _reply("503 5.5.1 A mail is already begun")
RECIPIENT_FIRST: Final = _reply("503 5.5.1 Send RCPT first")
TLS_TWICE: Final = _reply("503 5.5.1 TLS is already active")
TLS_FIRST: Final = _reply("530 5.7.0 Send STARTTLS first")
NO_SUCH_MAILBOX: Final = _reply("550 5.1.1 No such mailbox here")
BARE_LINE_END: Final = _reply("550 5.5.2 Line ends must be CRLF; bare CR or LF is refused")
TOO_BIG: Final = _reply("552 5.3.4 Mail is too big")
BAD_SENDER: Final = _reply("553 5.1.7 Sender address is malformed")
BAD_RECIPIENT: Final = _reply("553 5.1.3 Recipient address is malformed")
UTF8_NOT_ASKED: Final = _reply("553 5.6.7 Non-ASCII address needs SMTPUTF8")
UNKNOWN_PARAMETER: Final = _reply("555 5.5.4 Parameter not recognised")


def greeting(hostname: str) -> Reply:
    """The first line of a session; names no software and no version."""
    return _reply(f"220 {hostname} ESMTP")


def hello(hostname: str) -> Reply:
    """The answer to HELO."""
    return _reply(f"250 {hostname}")


def extensions(hostname: str, most_bytes: int, starttls: bool) -> Reply:
    """The answer to EHLO: `most_bytes` is announced as SIZE (RFC 1870)."""
    offers = [hostname, f"SIZE {most_bytes}", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]
    if starttls:
        offers.append("STARTTLS")
    return Reply(b"".join([*(_reply(f"250-{offer}") for offer in offers[:-1]), _reply(f"250 {offers[-1]}")]))
