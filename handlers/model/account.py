"""A customer's account at a service."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from handlers.model.document import Document

AccountKind = Literal["individual", "company", "association"]


class Account(Document, frozen=True, kw_only=True):
    """An account; `login_key` and `address_key` are the comparison forms of `login` and `address`.

    Letters go to `address` as it was registered, never to anything a writer typed. `credentials` is raised by every
    change of password or address: a grant issued under an older number is dead.
    """

    TABLE: ClassVar = "accounts"
    INDEXES: ClassVar = (("service", "address_key"), ("address_key",), ("login_key",))
    UNIQUE: ClassVar = (("service", "login_key"),)

    service: str
    login: str
    login_key: str
    address: str
    address_key: str
    kind: AccountKind = "individual"
    name: str = ""
    company: str = ""
    language: str = ""
    phone: str = ""
    password_hash: str = ""
    password_changed_at: datetime | None = None
    credentials: int = 0
