"""A customer's account at a service."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal

from handlers.model.document import Document, Value

AccountKind = Literal["individual", "company", "association"]
Factor = Literal["", "totp", "mail", "unusable"]
"""A second factor in use; `unusable` is one that was imported and that no library can check any more."""


class FormerAddress(Value, frozen=True, kw_only=True):
    """An address that was registered until `until` (UTC): for a while its owner is still told what happens."""

    address: str
    until: datetime


class FormerName(Value, frozen=True, kw_only=True):
    """The name and company that were on record until `until` (UTC), when their customer changed them."""

    name: str
    company: str
    until: datetime


class Account(Document, frozen=True, kw_only=True):
    """An account; `login_key` and `address_key` are the comparison forms of `login` and `address`.

    Letters go to `address` as it was registered, never to anything a writer typed; it is on file since
    `address_changed_at` (UTC), or from the beginning. `profile_address` is the one the
    customer keeps in a profile of the service's own, where there is one (SF.3). `credentials` is raised by every change
    of password, address or second factor: a grant or session made under an older number is dead. `former_hashes` are
    those of earlier passwords, newest first; `hosting_hash` is the second password, of customers who are `hosted`.

    An account is closed while `closed_at` (UTC) is set, and can be reopened before `reopens_until` (UTC), as its owner
    was told when it was closed. Nothing is done for one that the case `frozen` froze; `lifted_at` (UTC) is when an
    approver last lifted a freeze.
    `integrations` run; closing an account moves them to `closed_integrations`, for good (CP.19, CP.20).
    """

    TABLE: ClassVar = "accounts"
    INDEXES: ClassVar = (("service", "address_key"), ("address_key",), ("login_key",))
    UNIQUE: ClassVar = (("service", "login_key"),)

    service: str
    login: str
    login_key: str
    address: str
    address_key: str
    address_changed_at: datetime | None = None
    profile_address: str = ""
    former_addresses: tuple[FormerAddress, ...] = ()
    kind: AccountKind = "individual"
    name: str = ""
    company: str = ""
    former_names: tuple[FormerName, ...] = ()
    country: str = ""
    city: str = ""
    born: date | None = None
    language: str = ""
    phone: str = ""
    password_hash: str = ""
    password_changed_at: datetime | None = None
    former_hashes: tuple[str, ...] = ()
    hosted: bool = False
    hosting_hash: str = ""
    second_factor: Factor = ""
    credentials: int = 0
    integrations: tuple[str, ...] = ()
    closed_integrations: tuple[str, ...] = ()
    closed_at: datetime | None = None
    reopens_until: datetime | None = None
    frozen: str = ""
    lifted_at: datetime | None = None
