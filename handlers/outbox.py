"""What has to leave the house: written in the transaction that caused it, delivered afterwards by its role."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.grant import Grant
from handlers.model.outbox import Alert, AlertKind, Card, CardRefresh, Letter, LetterKind
from handlers.store.contract import Transaction
from handlers.vault import Secret

URGENT, ORDINARY = "urgent", "letters"
"""The queues of letters: what a customer with an account waits for, and answers that any stranger can cause."""

ANYBODYS: tuple[LetterKind, ...] = ("acknowledgement", "refused", "delegate", "documents")
"""The kinds that go to whoever wrote, and not to an address on file."""

LEASE = timedelta(seconds=60)
"""How long a deliverer may take before its work is up for claiming again."""


def letter(
    tx: Transaction,
    desk: Desk,
    kind: LetterKind,
    about: Case | Account,
    to: str,
    *,
    language: str,
    grant: Grant | None = None,
    secret: Secret | None = None,
    in_reply_to: str = "",
    detail: str = "",
    until: datetime | None = None,
) -> Letter:
    """Write a letter to the customer about a case, or about an account where there is no case.

    Its secret is kept sealed until the courier writes it out; `detail` is what else its words depend on.
    """
    now = desk.now()
    case, account = (about.id, about.account or "") if isinstance(about, Case) else ("", about.id)
    written = Letter(
        id=desk.vault.name("L", 12),
        queue=queue_of(kind),
        due=now,
        kind=kind,
        service=about.service,
        case=case,
        account=account,
        to=to,
        language=language,
        detail=detail,
        grant=grant.id if grant else "",
        until=until,
        sealed=desk.vault.seal("letter", secret.value) if secret else "",
        in_reply_to=in_reply_to,
        written_at=now,
    )
    tx.put(written)
    return written


def alert(tx: Transaction, desk: Desk, kind: AlertKind, case: Case) -> None:
    """Have staff told in the channel, beside the case's card."""
    tx.put(Alert(id=desk.vault.name("N", 12), queue="alerts", due=desk.now(), kind=kind, case=case.id))


def queue_of(kind: LetterKind) -> str:
    """Where a letter waits."""
    return ORDINARY if kind in ANYBODYS else URGENT


async def refresh_card(tx: Transaction, desk: Desk, case: Case, wait: timedelta = timedelta(0)) -> None:
    """Have the case's card posted or redrawn after `wait`; a delivery under way keeps its lease and its count.

    A card that has yet to appear does not come sooner because more is said on its case.
    """
    due, waiting = desk.now() + wait, await tx.get(CardRefresh, case.id)
    if waiting is None:
        waiting = CardRefresh(id=case.id, queue="cards", due=due, version=0)
    elif waiting.due and await tx.get(Card, case.id) is None:
        due = max(due, waiting.due)
    tx.put(replace(waiting, due=due, version=case.version))


async def card_shown(tx: Transaction, refresh: CardRefresh, card: Card) -> None:
    """Note that the card is in Slack; done with the refresh unless the case moved on meanwhile."""
    tx.put(card)
    waiting = await tx.get(CardRefresh, refresh.id)
    if waiting and waiting.version > card.version:
        tx.put(replace(waiting, tries=0, leased_until=None))
    else:
        tx.delete(CardRefresh, refresh.id)


async def card_later(tx: Transaction, refresh: CardRefresh, at: datetime) -> None:
    """Put a refresh off that could not be delivered; its count of tries stays."""
    waiting = await tx.get(CardRefresh, refresh.id)
    if waiting:
        tx.put(replace(waiting, due=at, leased_until=None))
