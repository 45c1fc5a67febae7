"""The corpus of customers' wishes, and how many of its judging part the reader understands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

from handlers.model.mail import Intent
from mailin.intent import intent_of

CORPUS = Path(__file__).resolve().parent.parent / "tests" / "corpus" / "wishes"
LANGUAGES = {"fr": "French", "en": "English", "tr": "Turkish"}
JUDGING = ("judging-1", "judging-2", "judging-3")
INTENTS: tuple[Intent, ...] = get_args(Intent)


class Mail(NamedTuple):
    """A mail of the corpus: the folder of its language, the part it is from, and what its writer wants."""

    folder: str
    part: str
    intent: Intent
    subject: str
    text: str


class Judged(NamedTuple):
    """How often each wish (first) was taken for which (second)."""

    taken: Counter[tuple[Intent, Intent]]

    @property
    def macro_f1(self) -> float:
        """The mean over the wishes of the harmonic mean of precision and recall."""
        return sum(map(self.f1, INTENTS)) / len(INTENTS)

    @property
    def recovery_precision(self) -> float:
        """Of what is taken for a wish of recovery, how much is one."""
        asks = {wish: count for wish, count in self.taken.items() if wish[1] != "other"}
        return sum(count for wish, count in asks.items() if wish[0] != "other") / max(1, sum(asks.values()))

    def f1(self, intent: Intent) -> float:
        """Precision and recall of one wish, as one number."""
        both = sum(count * wish.count(intent) for wish, count in self.taken.items())
        return 2 * self.taken[intent, intent] / max(1, both)

    def row(self, intent: Intent) -> list[int]:
        """How many of the mails with this wish were taken for each."""
        return [self.taken[intent, guess] for guess in INTENTS]


def mails(pattern: str, *languages: str) -> Iterator[Mail]:
    """The mails of the files whose names match, of some languages or of all."""
    for folder in languages or LANGUAGES:
        for path in sorted((CORPUS / folder).glob(pattern)):
            for line in path.read_text("utf-8").splitlines():
                row = json.loads(line)
                yield Mail(folder, path.stem, row["intent"], row["subject"], row["text"])


def judged(language: str, part: str = "judging-*") -> Judged:
    """The judging part of a language, which nothing was tuned on, or one file of it, as the reader understands it.

    `judging-1` was meant to be hard in a quarter of its mails, `judging-3` in a third; `judging-2` is what a support
    mailbox gets in a month.
    """
    read = ((mail.intent, intent_of(mail.subject, mail.text).intent) for mail in mails(f"{part}.jsonl", language))
    return Judged(Counter(read))
