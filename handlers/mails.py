"""The mails of a case, whole: kept sealed, shown to whoever asks by name, forgotten with the case.

A card shows what the writer wrote; what was left out of it (quotes, signatures) is never lost, only one click away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.errors import Unavailable
from handlers.model.kept_mail import LeftOut, Mail, Written
from handlers.model.mail import InboundMail, Origin
from handlers.rules.addresses import canonical
from handlers.store.contract import Reader, Transaction

MOST = 20
"""How many mails a case keeps, the newest."""

WHOLE_LIMIT = 20_000
TEXT_LIMIT = 4000
NAME_LIMIT = 200
MOST_FILES = 30
"""How much of a mail is kept: characters of it, of what its writer wrote, of a name or subject; and attachments."""

UNREADABLE = "(This mail was sealed with a key that the desk does not have any more.)"


class Shown(Value, frozen=True, kw_only=True):
    """A mail of a case, opened: when it came (UTC), and whether somebody else than the case's writer sent it.

    `on_file` says that it names the account's own address as its sender, believed or not.
    """

    at: datetime
    others: bool
    mail: Written
    on_file: bool = False


class Glance(Value, frozen=True, kw_only=True):
    """What a card says of its mails: how many there are, and how much of the newest own one it does not show.

    `left_out` are the newest own mail's files that were not taken, `others` what other senders wrote, newest first.
    """

    count: int = 0
    hidden_lines: int = 0
    left_out: tuple[LeftOut, ...] = ()
    others: tuple[Shown, ...] = ()


async def keep(
    tx: Transaction,
    desk: Desk,
    case: Case,
    mail: InboundMail,
    *,
    others: bool = False,
    left_out: Sequence[LeftOut] = (),
) -> None:
    """Keep a mail with its case; the oldest makes way when there are too many."""
    kept = await tx.find(Mail, case=case.id)
    number = int(kept[-1].id.rpartition("-")[2]) + 1 if kept else 1
    sealed = _sealed(desk, _written(mail, left_out))
    tx.put(Mail(id=f"{case.id}-{number:06}", case=case.id, at=desk.now(), others=others, sealed=sealed))
    for one in kept[: max(0, len(kept) + 1 - MOST)]:
        tx.delete(Mail, one.id)


async def correct(tx: Transaction, desk: Desk, case: Case, origin: Origin) -> None:
    """Say in the mails of the case's own writer what they proved to prove; one whose key is gone stays as it is."""
    for kept in await tx.find(Mail, case=case.id):
        written = None if kept.others else _written_in(desk, kept)
        if written:
            tx.put(replace(kept, sealed=_sealed(desk, replace(written, origin=origin))))


async def newest_first(reader: Reader, desk: Desk, case_id: str) -> list[Shown]:
    """The mails of a case, whole."""
    return [_opened(desk, one) for one in reversed(await reader.find(Mail, case=case_id))]


async def first(reader: Reader, desk: Desk, case_id: str) -> Written | None:
    """The oldest mail that the case's own writer sent, if it is kept."""
    own = [one.mail for one in await newest_first(reader, desk, case_id) if not one.others]
    return own[-1] if own else None


async def glance(reader: Reader, desk: Desk, case: Case, account: Account | None) -> Glance:
    """What the case's card says of its mails."""
    kept = await newest_first(reader, desk, case.id)
    known = account.address_key if account else ""
    own = next((one.mail for one in kept if not one.others), None)
    return Glance(
        count=len(kept),
        hidden_lines=own.hidden_lines if own else 0,
        left_out=own.left_out if own else (),
        others=tuple(
            replace(one, on_file=canonical(one.mail.sender) == known)
            for one in kept
            if one.others and not one.mail.automatic
        ),
    )


def marked(mail: Written) -> Iterator[tuple[str, bool]]:
    """Every line of a mail, and whether its card left it out: a quote, a signature, a disclaimer."""
    shown = Counter(_plain(line) for line in mail.text.splitlines())
    lines = mail.whole.splitlines()
    told = any(shown[_plain(line)] for line in lines if _plain(line))
    for line in lines:
        key = _plain(line)
        hidden = bool(key) and told and not shown[key]
        shown[key] -= 0 if hidden else 1
        yield line, hidden


def _plain(line: str) -> str:
    return " ".join(line.split())


def _written(mail: InboundMail, left_out: Sequence[LeftOut]) -> Written:
    return Written(
        sender=(mail.from_address or mail.mail_from)[:NAME_LIMIT],
        sender_name=mail.from_name[:NAME_LIMIT],
        returned=_returned(mail)[:NAME_LIMIT],
        reply_to=mail.reply_to[:NAME_LIMIT],
        subject=mail.subject[:NAME_LIMIT],
        language=mail.language,
        text=mail.text[:TEXT_LIMIT],
        whole=(mail.whole or mail.text)[:WHOLE_LIMIT],
        hidden_lines=mail.hidden_lines,
        origin=mail.origin,
        tricks=mail.tricks,
        attachments=mail.attachments[:MOST_FILES],
        left_out=tuple(left_out[:MOST_FILES]),
        defects=mail.defects[:MOST_FILES],
        automatic=mail.automatic,
    )


def _returned(mail: InboundMail) -> str:
    """The return path, where it is of another domain than From: who forges a mail hands it in as somebody else."""
    is_own = not mail.from_address or _domain(mail.mail_from) == _domain(mail.from_address)
    return "" if is_own else mail.mail_from


def _domain(address: str) -> str:
    return canonical(address).rpartition("@")[2]


def _sealed(desk: Desk, mail: Written) -> str:
    return desk.vault.seal("mail", msgspec.json.encode(mail).decode())


def _opened(desk: Desk, mail: Mail) -> Shown:
    lost = Written(sender="", text=UNREADABLE, whole=UNREADABLE)
    return Shown(at=mail.at, others=mail.others, mail=_written_in(desk, mail) or lost)


def _written_in(desk: Desk, mail: Mail) -> Written | None:
    """What is sealed in it; None when the key is gone."""
    try:
        return msgspec.json.decode(desk.vault.open("mail", mail.sealed).value, type=Written)
    except Unavailable:
        return None
