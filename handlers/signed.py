"""Signed addresses of pages: who holds one may do what its page is for, about one case or account, until a day.

They stand in letters, need nothing kept, and survive a rotation of the keys. What they let their holder do harms
nobody: say "it was not me", send documents, follow or cancel a request, give missing information.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Literal, NamedTuple

from handlers.model.errors import Spent
from handlers.vault import Vault

Purpose = Literal["stop", "documents", "case", "information"]
LIVES: dict[Purpose, timedelta] = {
    "stop": timedelta(days=30),
    "documents": timedelta(days=30),
    "case": timedelta(days=90),
    "information": timedelta(days=30),
}
_TOKEN = re.compile(r"(?P<subject>[ar][0-9a-z]{4,16})-(?P<written>[0-9a-f]{9})-(?P<tag>[a-z2-7]{20})")


class Signed(NamedTuple):
    """What an address is about, and the second (UTC) in which its letter was written."""

    subject: str
    written_at: datetime

    def was_written_before(self, moment: datetime) -> bool:
        """Whether the letter was written before that moment, and not in the same second."""
        return self.written_at < moment.replace(microsecond=0)


def token(vault: Vault, purpose: Purpose, subject: str, written_at: datetime) -> str:
    """The address's last part for a case (`R-7F3K2M`) or an account (`A-…`)."""
    body = f"{subject.replace('-', '').lower()}-{int(written_at.timestamp()):09x}"
    return f"{body}-{vault.tag(f'{purpose} page', body)}"


def subject(vault: Vault, purpose: Purpose, token: str, now: datetime) -> str:
    """The case or account that the token is about; raises as `opened`."""
    return opened(vault, purpose, token, now).subject


def opened(vault: Vault, purpose: Purpose, token: str, now: datetime) -> Signed:
    """What the token says; raises Spent when it is not ours, or its last day (UTC) is over."""
    found = _TOKEN.fullmatch(token) if len(token) < 64 else None
    if found is None or not vault.tag_matches(
        f"{purpose} page", f"{found['subject']}-{found['written']}", found["tag"]
    ):
        raise Spent("unknown")
    written_at = datetime.fromtimestamp(int(found["written"], 16), UTC)
    after = datetime.combine((written_at + LIVES[purpose]).date() + timedelta(days=1), time(), UTC)
    if now >= after:
        raise Spent("expired")
    return Signed(f"{found['subject'][0]}-{found['subject'][1:]}".upper(), written_at)
