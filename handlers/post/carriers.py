"""Ways out of the house: an SMTP relay, or a folder; each takes several parcels at a time and says how each went."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
from pathlib import Path
from typing import Protocol

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException, SMTPSenderRefused

from handlers.configuration.endpoints import Relay
from handlers.model.document import Value
from handlers.model.errors import DeskError, Unavailable


class Patience(Value, frozen=True, kw_only=True):
    """How many seconds the relay may take: to greet us and sign us in, for one reply, for one letter, for QUIT."""

    sign_in: float = 10.0
    reply: float = 15.0
    hand_over: float = 20.0
    quit: float = 1.0


PATIENCE = Patience()


class Parcel(Value, frozen=True, kw_only=True):
    """A letter, written out: envelope sender ("" for the null one), its one recipient, its Message-ID, its bytes."""

    sender: str
    to: str
    message_id: str
    message: bytes


class RelayDown(Unavailable):
    """The relay takes nothing from anybody; all letters wait."""


class Deferred(DeskError):
    """The relay does not take this letter now (4xx)."""


class BrokenOff(DeskError):
    """The relay had let us in and then did not answer about this letter; its recipient may be why, or the relay."""


class Rejected(DeskError):
    """The relay will never take this letter (5xx)."""


class Carrier(Protocol):
    """Takes letters out of the house; the texts of its errors are the relay's and still have to be made safe."""

    async def hand_over(self, parcel: Parcel) -> None:
        """Give the parcel away for good; raises RelayDown, Deferred, BrokenOff or Rejected: then it is still ours.

        Several may be handed over at the same time.
        """

    async def close(self) -> None:
        """Let go of the connections that are not in use; the next parcel opens another."""


def carrier(relay: Relay, hello: str, patience: Patience = PATIENCE) -> Carrier:
    """The way to `relay`; `hello` is the name we give in EHLO."""
    if relay.folder is not None:
        return FolderCarrier(relay.folder)
    return SmtpCarrier(relay, hello, patience)


class FolderCarrier:
    """One `.eml` a letter, its envelope in the headers a mailbox has; a second delivery replaces the first.

    Letters hold living links: the files, and the folder if it is made here, are their owner's alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def hand_over(self, parcel: Parcel) -> None:
        """See `Carrier`; the file is whole and on disk when it gets its name."""
        try:
            await asyncio.to_thread(self._write, parcel)
        except OSError as error:
            raise RelayDown(f"The relay's folder cannot be written: {error.strerror}.") from error

    async def close(self) -> None:
        """See `Carrier`; there is nothing to let go of."""

    def _write(self, parcel: Parcel) -> None:
        name = re.sub(r"[^a-z0-9.@-]", "_", parcel.message_id.strip("<>").lower())
        whole, part = self._folder / f"{name}.eml", self._folder / f".{name}.part"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        envelope = f"Return-Path: <{parcel.sender}>\r\nDelivered-To: {parcel.to}\r\n"
        with os.fdopen(_private(part), "wb") as file:
            file.write(envelope.encode() + parcel.message)
            file.flush()
            os.fsync(file.fileno())
        part.replace(whole)


class SmtpCarrier:
    """An SMTP relay, over as many connections as letters are handed over at a time, each used again until `close`.

    TLS when offered, always where a password leaves us.
    """

    def __init__(self, relay: Relay, hello: str, patience: Patience = PATIENCE) -> None:
        self._relay = relay
        self._hello = hello
        self._patience = patience
        self._idle: list[SMTP] = []
        self._in_use = 0

    async def hand_over(self, parcel: Parcel) -> None:
        """See `Carrier`."""
        client = self._idle_one() or await self._another()
        self._in_use += 1
        try:
            async with asyncio.timeout(self._patience.hand_over):
                await client.sendmail(
                    parcel.sender, [parcel.to], parcel.message, mail_options=_options(client, parcel.to)
                )
            self._idle.append(client)
        except (SMTPRecipientsRefused, SMTPResponseException) as error:
            raise self._after(client, error) from error
        except (SMTPException, OSError) as error:
            client.close()
            raise BrokenOff(f"The relay did not answer ({type(error).__name__}).") from error
        except BaseException:
            client.close()
            raise
        finally:
            self._in_use -= 1

    async def close(self) -> None:
        """See `Carrier`; a relay that does not answer to QUIT is left without one."""
        idle, self._idle = self._idle, []
        for client in idle:
            try:
                await client.quit(timeout=self._patience.quit)
            except (SMTPException, OSError):
                client.close()

    def _idle_one(self) -> SMTP | None:
        """A connection that is open and not in use; the relay may have hung up meanwhile."""
        while self._idle:
            client = self._idle.pop()
            if client.is_connected:
                return client
        return None

    async def _another(self) -> SMTP:
        """One more connection; a relay that lets us have only so many is not down."""
        try:
            return await self._connected()
        except RelayDown as error:
            if self._in_use:
                raise BrokenOff(str(error)) from error
            raise

    async def _connected(self) -> SMTP:
        """A fresh connection, greeted, and signed in if we have a user."""
        near = _is_loopback(self._relay.host)
        client = SMTP(
            hostname=self._relay.host,
            port=self._relay.port,
            local_hostname=self._hello,
            timeout=self._patience.reply,
            use_tls=self._relay.scheme == "smtps",
            # A relay on this machine mostly has a certificate that nobody signed, and nobody is in between.
            validate_certs=not near,
        )
        try:
            async with asyncio.timeout(self._patience.sign_in):
                await self._sign_in(client, near)
        except SMTPResponseException as error:
            client.close()
            raise RelayDown(f"The relay turned us away: {error.code} {error.message}") from error
        except (SMTPException, OSError) as error:
            client.close()
            raise RelayDown(f"The relay cannot be used ({type(error).__name__}).") from error
        except BaseException:
            client.close()
            raise
        return client

    async def _sign_in(self, client: SMTP, near: bool) -> None:
        await client.connect()
        # STARTTLS makes both sides forget what was said; what fails in here is nobody's letter's fault.
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        if not self._relay.user or self._relay.password is None:
            return
        if not near and client.get_transport_info("sslcontext") is None:
            raise RelayDown("The relay does not offer STARTTLS; its password is not sent in the clear.")
        await client.login(self._relay.user, self._relay.password.value)

    def _after(self, client: SMTP, error: SMTPRecipientsRefused | SMTPResponseException) -> DeskError:
        """What a reply means for the letter (RFC 5321 section 4.2.1); the connection is good for the next one.

        421 is about the connection, and 530 to 538 about who we are (RFC 4954 section 6). But a relay may hand on what
        the recipient's server said: unless it said so to MAIL, one letter does not prove that the others have to wait.
        """
        reply = error.recipients[0] if isinstance(error, SMTPRecipientsRefused) else error
        text = f"{reply.code} {reply.message}"
        if reply.code == 421 or 530 <= reply.code <= 538:
            client.close()
            at_mail = isinstance(error, SMTPSenderRefused) and reply.code != 421
            return (RelayDown if at_mail else BrokenOff)(f"The relay turned us away: {text}")
        self._idle.append(client)
        return Rejected(text) if reply.code >= 500 else Deferred(text)


def _options(client: SMTP, to: str) -> list[str]:
    """What MAIL has to say of the letter (RFC 6531 section 3.4). Raises Rejected where the relay cannot take it."""
    if to.isascii():
        return []
    if not client.supports_extension("smtputf8"):
        raise Rejected("The relay takes no address with letters like é before the @ (it does not offer SMTPUTF8).")
    return ["SMTPUTF8", "BODY=8BITMIME"]


def _private(path: Path) -> int:
    """Open for writing by the owner alone, also what an earlier run left for everybody to read."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(file, 0o600)
    return file


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
