"""A case's dossier: its checklist, what came for it, and the letter that says so (O2.18)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from handlers import cases, outbox
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.document import Value
from handlers.model.paper import Filed, Lack, Paper, Tidings
from handlers.model.service import PieceName, Service
from handlers.rules import documents as rules
from handlers.rules.documents import Checklist
from handlers.rules.information import as_it_was
from handlers.store.contract import Reader, Transaction


class Dossier(Value, frozen=True, kw_only=True):
    """A case's checklist and what came for it; `account` has the name that had settled when the case was opened."""

    case: Case
    account: Account | None
    service: Service
    papers: tuple[Paper, ...]

    @property
    def pieces(self) -> Checklist:
        """What has to be sent, in the service's order."""
        return rules.checklist(self.service, self.account)

    @property
    def missing(self) -> tuple[PieceName, ...]:
        """The pieces still to be sent."""
        return rules.missing(self.pieces, self.papers)

    @property
    def needs_address(self) -> bool:
        """Whether the customer has yet to say the new address."""
        return rules.wants_address(self.service, self.case.asked) and not self.case.new_address

    @property
    def is_whole(self) -> bool:
        """Whether staff can judge it."""
        return rules.are_there(self.pieces, self.papers) and not self.needs_address

    @property
    def was_asked(self) -> bool:
        """Whether staff asked for documents: before, nobody is told what is missing."""
        return was_asked(self.case)


def was_asked(case: Case) -> bool:
    """Whether staff asked for the documents of this case."""
    return any(step.event == "documents.requested" for step in case.history)


async def load(reader: Reader, desk: Desk, case: Case) -> Dossier:
    """The dossier of a case as it is now; what was destroyed is no part of it."""
    account = await cases.account_of(reader, case)
    account = as_it_was(account, case.opened_at) if account else None
    found = tuple(one for one in await reader.find(Paper, case=case.id) if one.destroyed_at is None)
    return Dossier(case=case, account=account, service=desk.service(case.service), papers=found)


async def tell(
    tx: Transaction, desk: Desk, dossier: Dossier, filed: Sequence[Filed] = (), *, looked: bool = False
) -> None:
    """Write to whoever asked: the letter opens nothing, and says no more of the record than its kind of account."""
    case, found = dossier.case, rules.states(dossier.pieces, dossier.papers)
    lacks = [] if dossier.is_whole else [(name, found[name]) for name in dossier.missing]
    tidings = Tidings(
        asked=dossier.was_asked,
        looked=looked,
        files=tuple(filed),
        missing=tuple(Lack(piece=name, found=state if state in rules.MENDABLE else None) for name, state in lacks)
        if dossier.was_asked
        else (),
        address=dossier.was_asked and dossier.needs_address,
        until=case.deadline if dossier.was_asked else None,
    )
    detail = msgspec.json.encode(tidings).decode()
    outbox.letter(tx, desk, "documents", case, case.requester, language=case.language, detail=detail)
