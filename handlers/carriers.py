"""Ways out of the house: an SMTP relay, or a folder; each takes one parcel at a time and says how it went."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
from pathlib import Path
from typing import Protocol

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from handlers.endpoints import Relay
from handlers.model.document import Value
from handlers.model.errors import DeskError, Unavailable

REPLY_SECONDS = 15.0
"""How long the relay may take for one reply."""

HAND_OVER_SECONDS = 20.0
"""How long handing over one letter may take in all."""

QUIT_SECONDS = 1.0


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


class Rejected(DeskError):
    """The relay will never take this letter (5xx)."""


class Carrier(Protocol):
    """Takes letters out of the house; the texts of its errors are the relay's and still have to be made safe."""

    async def hand_over(self, parcel: Parcel) -> None:
        """Give the parcel away for good; raises RelayDown, Deferred or Rejected, and then it is still ours."""

    async def close(self) -> None:
        """Let go of the connection, if there is one; the next parcel opens another."""


def carrier(relay: Relay, hello: str) -> Carrier:
    """The way to `relay`; `hello` is the name we give in EHLO."""
    if relay.folder is not None:
        return FolderCarrier(relay.folder)
    return SmtpCarrier(relay, hello)


class FolderCarrier:
    """One `.eml` a letter, its envelope in the headers a mailbox has; a second delivery replaces the first."""

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
        self._folder.mkdir(parents=True, exist_ok=True)
        envelope = f"Return-Path: <{parcel.sender}>\r\nDelivered-To: {parcel.to}\r\n"
        with part.open("wb") as file:
            file.write(envelope.encode("ascii") + parcel.message)
            file.flush()
            os.fsync(file.fileno())
        part.replace(whole)


class SmtpCarrier:
    """An SMTP relay, over one connection until `close`; TLS when offered, always where a password leaves us."""

    def __init__(self, relay: Relay, hello: str) -> None:
        self._relay = relay
        self._hello = hello
        self._client: SMTP | None = None

    async def hand_over(self, parcel: Parcel) -> None:
        """See `Carrier`."""
        try:
            async with asyncio.timeout(HAND_OVER_SECONDS):
                client = self._client or await self._connected()
                await client.sendmail(parcel.sender, [parcel.to], parcel.message)
        except SMTPRecipientsRefused as error:
            raise self._outcome(error.recipients[0]) from error
        except SMTPResponseException as error:
            raise self._outcome(error) from error
        except (SMTPException, OSError) as error:
            self._drop()
            raise RelayDown(f"The relay cannot be used ({type(error).__name__}).") from error

    async def close(self) -> None:
        """See `Carrier`; a relay that does not answer to QUIT is left without one."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await client.quit(timeout=QUIT_SECONDS)
        except (SMTPException, OSError):
            client.close()

    async def _connected(self) -> SMTP:
        """A fresh connection, signed in if we have a user."""
        near = _is_loopback(self._relay.host)
        client = SMTP(
            hostname=self._relay.host,
            port=self._relay.port,
            local_hostname=self._hello,
            timeout=REPLY_SECONDS,
            use_tls=self._relay.scheme == "smtps",
            # A relay on this machine mostly has a certificate that nobody signed, and nobody is in between.
            validate_certs=not near,
        )
        self._client = client
        try:
            await client.connect()
            await self._sign_in(client, near)
        except SMTPResponseException as error:
            self._drop()
            raise RelayDown(f"The relay turned us away: {error.code} {error.message}") from error
        return client

    async def _sign_in(self, client: SMTP, near: bool) -> None:
        if not self._relay.user or self._relay.password is None:
            return
        if not near and client.get_transport_info("sslcontext") is None:
            self._drop()
            raise RelayDown("The relay does not offer STARTTLS; its password is not sent in the clear.")
        await client.login(self._relay.user, self._relay.password.value)

    def _outcome(self, error: SMTPResponseException) -> DeskError:
        """What a reply means for the letter (RFC 5321 section 4.2.1).

        421 is about the connection, and 530 to 538 about who we are (RFC 4954 section 6): the letter is not at fault.
        """
        text = f"{error.code} {error.message}"
        if error.code == 421 or 530 <= error.code <= 538:
            self._drop()
            return RelayDown(f"The relay turned us away: {text}")
        return Rejected(text) if error.code >= 500 else Deferred(text)

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
