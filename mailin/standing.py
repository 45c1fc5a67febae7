"""What the writer is to the account: whose kind it is, and whether they say that it is somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from handlers.model.account import AccountKind
from mailin.lexicon import claim_words

BEFORE = 24  # characters in which a word takes back what follows it
BEHIND = 24
REACH = 64
ADDRESSED = re.compile(r"[\w.+-]{0,64}@")


class Patterns(NamedTuple):
    """The words for kinds and for acting for others, ready to meet folded text."""

    kinds: dict[AccountKind, re.Pattern[str]]
    not_kind_before: re.Pattern[str]
    not_kind_behind: re.Pattern[str]
    says: re.Pattern[str]
    denied_before: re.Pattern[str]
    denied_behind: re.Pattern[str]


@cache
def _patterns() -> Patterns:
    words = claim_words()
    kinds, owner = words.account_kinds, words.not_owner
    return Patterns(
        kinds={kind: _words(alternatives) for kind, alternatives in kinds.items()},
        not_kind_before=re.compile(rf"(?<!\w)(?:{'|'.join(words.not_kind['before'])})$"),
        not_kind_behind=re.compile("|".join(words.not_kind["behind"])),
        says=_words(owner["says"]),
        denied_before=re.compile(rf"(?<!\w)(?:{'|'.join(owner['denied_before'])})$"),
        denied_behind=re.compile("|".join(owner["denied_behind"])),
    )


def _words(alternatives: Iterable[str]) -> re.Pattern[str]:
    # None begins with a space: without saying so, all would be tried where words end.
    return re.compile(rf"\b(?! )(?:{'|'.join(alternatives)})")


def kind_of(folded: str) -> AccountKind | None:
    """Whose account it is, by O2.6 to O2.8; of several kinds named an association, then a company holds."""
    return next((kind for kind, words in _patterns().kinds.items() if _named(words, folded)), None)


def _named(words: re.Pattern[str], folded: str) -> bool:
    """Whether a kind is named as the writer's own: not "your company", a courier's, or one that they are not."""
    patterns = _patterns()
    return any(
        not ADDRESSED.match(folded, match.end())
        and "@" not in folded[max(0, match.start() - REACH) : match.start()].rpartition(" ")[2]
        and not patterns.not_kind_before.search(folded, max(0, match.start() - BEFORE), match.start())
        and not patterns.not_kind_behind.match(folded, match.end())
        for match in words.finditer(folded)
    )


def for_another(folded: str) -> bool:
    """Whether the writer says that the account is somebody else's, or that they look after it for its owner.

    A webmaster does not own the account (O2.11), nor does who writes for a client, a relative, an employer or one
    who left. Who has a part in the account's own organisation (president, treasurer, accountant) is no stranger: the
    papers of O2.7 and O2.8 are what proves their part.
    """
    patterns = _patterns()
    return any(
        not patterns.denied_before.search(folded, max(0, match.start() - BEFORE), match.start())
        and not patterns.denied_behind.match(folded, match.end(), match.end() + BEHIND)
        for match in patterns.says.finditer(folded)
    )
