"""What is said in one SMTP session (RFC 5321): each command, and the reply to it.

aiosmtpd's own commands are not used: every reply has to be one of ours, and its DATA reads line by line, which takes
many times as long on a mail with an attachment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from traceback import extract_tb
from typing import Any

import structlog

from mailin import replies
from mailin.commands import Refusal, Sender, read_line, read_mail, read_rcpt
from mailin.connection import Connection
from mailin.door import Door
from mailin.draft import Draft
from mailin.envelope import Envelope
from mailin.errors import SpoolFailed, SpoolFull
from mailin.replies import Reply
from mailin.transparency import Transparency

_log = structlog.get_logger(__name__)
_BEFORE_TLS = frozenset({"EHLO", "NOOP", "QUIT", "STARTTLS"})  # RFC 3207 section 4
_GROUPED = frozenset({"MAIL", "RCPT", "RSET"})
# A browser made to talk to us, or a balancer nobody told us about; the lines that follow are not meant as commands.
_FOREIGN = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PROXY", "PUT", "TRACE"})


class Dialogue(Connection):
    """A session with one client."""

    def __init__(self, door: Door, stock: dict[str, Any]) -> None:
        super().__init__(door, stock)
        self._forget_session()

    def _forget_session(self) -> None:
        self._helo = ""
        self._forget_mail()

    def _drop_mail(self) -> None:
        if self._sender is not None:
            self._take_back()
        self._forget_mail()

    def _forget_mail(self) -> None:
        self._sender: Sender | None = None
        self._recipients: list[str] = []

    async def _obey(self, line: bytes) -> None:
        command = read_line(line)
        if command is None:
            return await self._say(replies.BAD_LINE)
        verb, argument = command
        self._grouped = verb in _GROUPED
        method = _METHODS.get(verb)
        if verb in _FOREIGN:
            self._last_words = replies.NOT_SMTP
            return None
        if method is None:
            return await self._say(replies.UNKNOWN_COMMAND)
        if self._door.tls_required and not self._tls and verb not in _BEFORE_TLS:
            return await self._say(replies.TLS_FIRST)
        try:
            await method(self, argument)
        except Refusal as refusal:
            await self._say(refusal.reply)
        except ConnectionError:
            raise
        except Exception as error:
            _log.error("smtp.failed", verb=verb, peer=self._peer, **_where(error))
            # Part of a mail may be unread, and must not be taken for commands: the session ends here.
            self._last_words = replies.FAILED

    # --- the commands ---

    async def _on_helo(self, argument: str) -> None:
        """The client names itself, in the old way."""
        await self._greet(argument, self._door.hello)

    async def _on_ehlo(self, argument: str) -> None:
        """The client names itself and asks what we can do."""
        await self._greet(argument, self._door.extensions(self._tls))

    async def _greet(self, name: str, answer: Reply) -> None:
        if not name:
            raise Refusal(replies.BAD_ARGUMENT)
        self._helo = name
        self._drop_mail()
        await self._say(answer)

    async def _on_mail(self, argument: str) -> None:
        """A mail begins."""
        if not self._helo:
            raise Refusal(replies.HELO_FIRST)
        if self._sender is not None:
            raise Refusal(replies.SENDER_TWICE)
        sender = read_mail(argument, self._door.limits.mail_bytes)
        if self._door.spool.is_full:
            raise Refusal(replies.SPOOL_FULL)
        self._check_pace(sender)
        self._sender = sender
        self._begin_mail()
        await self._say(replies.SENDER_OK)

    def _check_pace(self, sender: Sender) -> None:
        paces = self._door.paces
        if self._is_own:
            return
        if not paces.allow_network(self._network):
            raise Refusal(replies.TOO_MANY_MAILS)
        if not paces.allow_sender(self._network, sender.address):
            raise Refusal(replies.TOO_MANY_FROM_SENDER)

    async def _on_rcpt(self, argument: str) -> None:
        """The mail has one more recipient."""
        if self._sender is None:
            raise Refusal(replies.SENDER_FIRST)
        if len(self._recipients) >= self._door.limits.recipients:
            self._get_on(buys_time=False)  # for the others an honest server begins another mail (RFC 5321 4.5.3.1.10)
            raise Refusal(replies.TOO_MANY_RECIPIENTS)
        mailbox = self._door.mailbox(read_rcpt(argument, self._sender.smtputf8))
        if mailbox is None:
            raise Refusal(replies.NO_SUCH_MAILBOX)
        if not self._is_own and not self._door.paces.allow_mailbox(self._network, mailbox):
            raise Refusal(replies.MAILBOX_BUSY)
        self._get_on(buys_time=not self._recipients)  # one after another, unhurriedly, many would buy minutes
        self._recipients.append(mailbox)
        await self._say(replies.RECIPIENT_OK)

    async def _on_data(self, argument: str) -> None:
        """The mail itself; accepted only when it is on disk."""
        if self._sender is None:
            raise Refusal(replies.SENDER_FIRST)
        if not self._recipients:
            raise Refusal(replies.RECIPIENT_FIRST)
        if argument:
            raise Refusal(replies.BAD_ARGUMENT)
        await self._say(replies.SEND_DATA)
        try:
            await self._receive(self._door.spool.draft(self._network), self._sender)
            if not self._is_own:
                self._door.paces.count(self._network, self._sender.address, self._recipients)
                self._end_visit()
            self._get_on()
        finally:
            self._forget_mail()
        await self._say(replies.ACCEPTED)
        self._give_way()

    async def _on_rset(self, argument: str) -> None:
        """The client takes back the mail it began."""
        if argument:
            raise Refusal(replies.BAD_ARGUMENT)
        self._drop_mail()
        await self._say(replies.OK)

    async def _on_noop(self, argument: str) -> None:
        """The client asks whether we are there."""
        await self._say(replies.OK)

    async def _on_vrfy(self, argument: str) -> None:
        """The client asks who lives here; we do not tell."""
        if not argument:
            raise Refusal(replies.BAD_ARGUMENT)
        await self._say(replies.NOT_VERIFIED)

    async def _on_expn(self, argument: str) -> None:
        """The client asks who is on a list; we do not tell."""
        await self._say(replies.NOT_OFFERED)

    async def _on_help(self, argument: str) -> None:
        """The client asks what it may say."""
        await self._say(replies.HELP)

    async def _on_quit(self, argument: str) -> None:
        """The client is done."""
        if argument:
            raise Refusal(replies.BAD_ARGUMENT)
        self._last_words = replies.BYE

    async def _on_starttls(self, argument: str) -> None:
        """The client wants to go on encrypted."""
        if argument:
            raise Refusal(replies.BAD_ARGUMENT)
        if self._tls:
            raise Refusal(replies.TLS_TWICE)
        if self._door.tls is None:
            raise Refusal(replies.NOT_OFFERED)
        context = self._door.tls()
        await self._say(replies.TLS_READY)
        await self._encrypt(context)

    # --- the mail ---

    async def _receive(self, draft: Draft, sender: Sender) -> None:
        """Read the mail to its end, whatever is wrong with it, and keep it; raises Refusal."""
        try:
            refusal = await self._read_content(draft)
            if refusal is not None:
                _log.info("mail.refused", peer=self._peer, reply=refusal[:3].decode())
                raise Refusal(refusal)
        except BaseException:
            draft.discard()
            raise
        try:
            with self._working():
                await self._door.spool.accept(self._envelope(draft, sender), draft)
        except SpoolFailed as error:
            raise Refusal(self._not_kept(error)) from error

    async def _read_content(self, draft: Draft) -> Reply | None:
        content, refusal = Transparency(), None
        self._begin_data()
        with self._lines.wide():
            while not content.ended:
                data = await self._lines.some()
                self._count_data(len(data))
                piece = content.feed(data)
                if refusal is None:
                    refusal = await self._write(draft, piece)
        self._end_data()
        self._lines.unread(content.rest)
        if content.bare:
            # Where another server saw the end of this mail is anybody's guess, and so is whose words come next.
            self._last_words = replies.MISTRUSTED
            return replies.BARE_LINE_END
        return refusal

    async def _write(self, draft: Draft, piece: bytes) -> Reply | None:
        if draft.size + len(piece) > self._door.limits.mail_bytes:
            draft.discard()
            return replies.TOO_BIG
        try:
            with self._working():
                await draft.write(piece)
        except SpoolFailed as error:
            draft.discard()
            return self._not_kept(error)
        return None

    def _not_kept(self, error: SpoolFailed) -> Reply:
        _log.error("mail.not_kept", peer=self._peer, why=str(error))
        return replies.SPOOL_FULL if isinstance(error, SpoolFull) else replies.FAILED

    def _envelope(self, draft: Draft, sender: Sender) -> Envelope:
        return Envelope(
            id=draft.id,
            received_at=self._door.clock(),
            peer=self._peer,
            helo=self._helo,
            mail_from=sender.address,
            rcpt_tos=tuple(self._recipients),
            tls=self._tls,
            smtputf8=sender.smtputf8,
            size=draft.size,
        )


def _where(error: Exception) -> dict[str, str]:
    """What and where, but not its words: they may be the client's."""
    frame = extract_tb(error.__traceback__)[-1]
    return {"error": type(error).__name__, "where": f"{frame.name}:{frame.lineno}"}


_METHODS: dict[str, Callable[[Dialogue, str], Awaitable[None]]] = {
    "HELO": Dialogue._on_helo,
    "EHLO": Dialogue._on_ehlo,
    "MAIL": Dialogue._on_mail,
    "RCPT": Dialogue._on_rcpt,
    "DATA": Dialogue._on_data,
    "RSET": Dialogue._on_rset,
    "NOOP": Dialogue._on_noop,
    "VRFY": Dialogue._on_vrfy,
    "EXPN": Dialogue._on_expn,
    "HELP": Dialogue._on_help,
    "QUIT": Dialogue._on_quit,
    "STARTTLS": Dialogue._on_starttls,
}
