"""Signed addresses of pages: who holds one may do what its page is for, about one case or account, until a day.

They stand in letters, need nothing kept, and survive a rotation of the keys. What they let their holder do harms
nobody: say "it was not me", send documents, follow or cancel a request, give missing information.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from handlers.model.errors import Spent
from handlers.vault import Vault

Purpose = Literal["stop", "documents", "case", "information"]
LIVES: dict[Purpose, timedelta] = {
    "stop": timedelta(days=30),
    "documents": timedelta(days=30),
    "case": timedelta(days=90),
    "information": timedelta(days=30),
}
_TOKEN = re.compile(r"(?P<subject>[ar][0-9a-z]{4,16})-(?P<day>[0-9a-f]{5})-(?P<tag>[a-z2-7]{20})")


def token(vault: Vault, purpose: Purpose, subject: str, written_at: datetime) -> str:
    """The address's last part for a case (`R-7F3K2M`) or an account (`A-…`); the same all day long."""
    until = (written_at.astimezone(UTC) + LIVES[purpose]).date()
    body = f"{subject.replace('-', '').lower()}-{until.toordinal():05x}"
    return f"{body}-{vault.tag(f'{purpose} page', body)}"


def subject(vault: Vault, purpose: Purpose, token: str, now: datetime) -> str:
    """The case or account that the token is about; raises Spent when it is not ours, or its last day (UTC) is over."""
    found = _TOKEN.fullmatch(token) if len(token) < 64 else None
    if found is None or not vault.tag_matches(f"{purpose} page", f"{found['subject']}-{found['day']}", found["tag"]):
        raise Spent("unknown")
    if now.astimezone(UTC).date() > date.fromordinal(int(found["day"], 16)):
        raise Spent("expired")
    return f"{found['subject'][0]}-{found['subject'][1:]}".upper()
