"""Which account information is still missing before a request by mail is worked on (CP.1, CP.6)."""

from __future__ import annotations

from handlers.model.account import Account
from handlers.model.service import Particular, Service


def lacking(account: Account, service: Service) -> tuple[Particular, ...]:
    """The particulars that the service requires and the account does not have, in the service's order."""
    return tuple(one for one in service.account_information.require if not getattr(account, one))
