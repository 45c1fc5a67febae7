"""Every life, wait, grace, renewal and age limit of the desk, side by side; and the times that are none."""

from __future__ import annotations

from tests.lives import changed, closed, factors, granted, kept, signed_in, windows
from tests.lives.life import Life

PARTS = (granted, signed_in, factors, changed, closed, kept, windows)
LIVES: dict[str, Life] = {name: life for part in PARTS for name, life in part.LIVES.items()}

INTERNAL = {
    "handlers.configuration.certificates.WARN_BEFORE": "when operators are reminded of a certificate's end",
    "handlers.post.courier.ASIDE": "how letters of a slow domain step aside",
    "handlers.post.courier.FIRST_PAUSE": "pause between two attempts",
    "handlers.post.courier.HAND_OVER": "patience with a relay",
    "handlers.post.courier.LEASE": "work of a process that died is taken up by another",
    "handlers.post.courier.LONGEST_PAUSE": "pause between two attempts",
    "handlers.closing.erasure.AGAIN": "when the store's files are cleaned",
    "handlers.closing.erasure.DAILY": "when the store's files are cleaned",
    "handlers.closing.erasure.LASTLY": "when the store's files are cleaned",
    "handlers.factors.factor_resets.BY_MAIL": "compares two moments of the past, and no clock",
    "handlers.answers.LIFE": "a unit",
    "handlers.answers.MINUTE": "a unit",
    "handlers.limits.DAY": "a unit",
    "handlers.limits.HOUR": "a unit",
    "handlers.post.outage.FIRST_PAUSE": "pause between two attempts",
    "handlers.post.outage.LONGEST_PAUSE": "pause between two attempts",
    "handlers.outbox.LEASE": "work of a process that died is taken up by another",
    "handlers.paperwork.papers.SETTLING": "files of a crash are swept after it, by the file system's time",
    "handlers.closing.purges.LOOK_AGAIN": "how often a held deletion is looked at",
    "handlers.requests.LATEST": "chance within seconds, so that time tells nothing",
    "handlers.rules.information.REMEMBERED": "older names go with the next change",
    "handlers.rules.information.OLDEST": "the oldest plausible birthday",
}
"""Constants that hold a time and promise nobody anything, and why."""
