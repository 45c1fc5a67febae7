"""The address that shall replace the registered one, as a mail or the documents page names it."""

from __future__ import annotations

from handlers import cases
from handlers.desk import Desk
from handlers.model.account import Account
from handlers.model.case import Case
from handlers.model.staff import CUSTOMER
from handlers.rules.address_changes import is_disputed, with_new_address
from handlers.store.contract import Transaction

NAMED = "with the new address"
"""What the trail says of a mail or a visit that set it."""


async def take(tx: Transaction, desk: Desk, case: Case, account: Account | None, new: str, *, fixed: bool) -> Case:
    """The case with the address named, not kept yet; or, where it is `fixed`, kept with a step that says who tried.

    That step is made once: nobody fills a history by naming address after address (T16).
    """
    named = with_new_address(case, account, new, desk.now(), fixed=fixed)
    if is_disputed(named) and not is_disputed(case):
        return await cases.record(tx, desk, named, "address.disputed", CUSTOMER)
    return named
