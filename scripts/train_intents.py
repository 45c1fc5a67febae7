"""Learns what words and meanings are worth for each wish, and writes `mailin/lexicon/wishes.weights`.

`python -m scripts.train_intents` after a change of the corpus, the lexicon or the reading of a mail; it takes some
minutes. It never opens the judging part of the corpus. The same inputs give the same weights, up to the last digits of
the machine's arithmetic; the file's first line has the hash of what was learnt from, which a test compares.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.feature_extraction import DictVectorizer
from sklearn.model_selection import StratifiedKFold

from bench.wishes import Mail, mails
from mailin.meanings import Said, meaning_keys, pair_keys, said, word_keys
from mailin.weights import FILE, LEVELS, MIDDLE, length, words_of
from scripts import network

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "tests" / "mailin" / "wishes.toml"
NAME = f"mailin/lexicon/{FILE}"
TARGET = ROOT / NAME
# How much each kind of key counts before anything is learnt: places of meanings repeat what the meanings say.
KINDS = {"w": 1.0, "s": 1.0, "c": 0.35, "b": 1.0, "k": 1.0, "h": 0.7, "f": 0.5, "l": 0.5, "a": 0.7, "n": 0.7, "p": 0.7}
SELDOM = 9  # keys of fewer mails are not learnt from
PARTS = 5
SEED = 20261122
PRECISION = 0.985  # of what is taken for a wish of recovery, on mails not learnt from: the goal and a little more
ORDINARY = {"tuning-1", "tuning-4", "tuning-6", "tuning-7", "tuning-9"}  # like a day's mail; on them the bar is found
SUBJECTS = "tuning-subjects"  # a part whose mails say all in the subject
COPIED = 0.3  # what a copy of a mail with something left out counts beside the mail
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class Learnt(NamedTuple):
    """A model: the place of each key, which places are learnt, and what is learnt of their worth."""

    places: DictVectorizer
    often: np.ndarray
    intents: tuple[str, ...]
    network: network.Network

    def scores(self, found: Sequence[dict[str, float]]) -> np.ndarray:
        """One row of scores for each mail."""
        return self.network.scores(csr_matrix(self.places.transform(found))[:, self.often])


def digest(found: Sequence[dict[str, float]], corpus: Sequence[Mail]) -> str:
    """The SHA-256 of all that is learnt from: a new corpus, lexicon or reading shows, a new comment does not."""
    recipe = sorted((name, value) for name, value in vars(network).items() if name.isupper())
    sha = hashlib.sha256(repr((KINDS, SELDOM, PARTS, SEED, PRECISION, COPIED, sorted(ORDINARY), recipe)).encode())
    for mail, keys in zip(corpus, found, strict=True):
        sha.update(repr((mail.intent, [(key, round(worth, 6)) for key, worth in sorted(keys.items())])).encode())
    return sha.hexdigest()


def tuning() -> list[Mail]:
    """The mails that may be learnt from."""
    return [*mails("tuning-*.jsonl"), *_sentences()]


def _sentences() -> Iterator[Mail]:
    for language, rows in tomllib.loads(SENTENCES.read_text("utf-8")).items():
        yield from (Mail(language, "sentences", intent, "", words) for intent, words in rows)


def features(mail: Said) -> dict[str, float]:
    """The keys of a mail and how much each counts in it, as `Weights.scores` adds them up."""
    words = words_of(mail)
    found: dict[str, float] = {}
    for key in (key for word in sorted(words) for key in word_keys(word)):
        found[key] = found.get(key, 0.0) + KINDS[key[0]] / length(words)
    for keys in (pair_keys(mail), *meaning_keys(mail).values()):
        found.update((key, KINDS[key[0]] / length(keys)) for key in sorted(keys))
    return found


def copies(corpus: Sequence[Mail]) -> list[Mail]:
    """Mails without their subject, and without one sentence: people leave out what others say."""
    found = [mail._replace(subject="") for mail in corpus if mail.subject and mail.text and mail.part != SUBJECTS]
    for mail in corpus:
        sentences = [sentence for sentence in SENTENCE.split(mail.text) if sentence.strip()]
        if len(sentences) >= 3:
            del sentences[zlib.crc32(mail.text.encode()) % len(sentences)]
            found.append(mail._replace(text=" ".join(sentences)))
    return found


def learn(found: Sequence[dict[str, float]], corpus: Sequence[Mail]) -> Learnt:
    """What the keys of mails say about their intents; rare keys count more than common ones."""
    more = copies(corpus)
    table, places = _table([*found, *map(_features, more)])
    spread = np.asarray((table > 0).sum(axis=0)).ravel()
    often = spread >= SELDOM
    rarity = np.log((1 + table.shape[0]) / (1 + spread[often]))
    rare = csr_matrix(table[:, often] @ diags(rarity))
    scale = 1 / np.sqrt(rare.multiply(rare).sum(axis=1).mean())
    intents = sorted({str(mail.intent) for mail in corpus})
    right = np.array([intents.index(mail.intent) for mail in (*corpus, *more)])
    worth = np.array([1.0] * len(corpus) + [COPIED] * len(more), np.float32)
    learnt = network.learn((rare * scale).astype(np.float32), right, worth, SEED)
    keys = learnt.keys * (rarity * scale)[:, None].astype(np.float32)
    return Learnt(places, often, tuple(intents), learnt._replace(keys=keys))


def _table(found: Sequence[dict[str, float]]) -> tuple[csr_matrix, DictVectorizer]:
    places = DictVectorizer(dtype=np.float64)
    return csr_matrix(places.fit_transform(found)), places


@cache
def _features(mail: Mail) -> dict[str, float]:
    return features(said(mail.subject, mail.text))


def guesses(found: Sequence[dict[str, float]], corpus: Sequence[Mail]) -> tuple[tuple[str, ...], np.ndarray]:
    """The scores of every mail by models that did not see it."""
    rows = np.zeros((len(corpus), len({mail.intent for mail in corpus})))
    kinds = [f"{mail.folder} {mail.intent}" for mail in corpus]
    intents: tuple[str, ...] = ()
    for seen, unseen in StratifiedKFold(PARTS, shuffle=True, random_state=SEED).split(kinds, kinds):
        model = learn([found[at] for at in seen], [corpus[at] for at in seen])
        rows[unseen] = model.scores([found[at] for at in unseen])
        intents = model.intents
    return intents, rows


def likelihoods(scores: np.ndarray, sharpness: float) -> np.ndarray:
    """Of each row of scores, numbers that add up to 1."""
    powers = np.exp((scores - scores.max(axis=1, keepdims=True)) * sharpness)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sharpness(scores: np.ndarray, right: np.ndarray) -> float:
    """What makes likelihoods of scores that are neither too sure nor too modest on mails not learnt from."""
    rows = np.arange(len(right))

    def surprise(sharp: float) -> float:
        return float(-np.log(likelihoods(scores, sharp)[rows, right] + 1e-12).mean())

    return min((step / 20 for step in range(10, 61)), key=surprise)


def recovery_from(likely: np.ndarray, right: np.ndarray, other: int) -> float:
    """How likely a mail must ask for some recovery to be believed, for the precision that is wanted."""
    asks = 1 - likely[:, other]
    for bar in (step / 100 for step in range(50, 100)):
        taken = asks >= bar
        if taken.any() and (right[taken] != other).mean() >= PRECISION:
            return bar
    return 1.0


def written(learnt: Learnt) -> tuple[dict[str, float], list[str]]:
    """What one level is worth for each kind of key, and a line for each key that says something."""
    keys = learnt.places.get_feature_names_out()[learnt.often]
    values = learnt.network.keys * np.array([KINDS[key[0]] for key in keys])[:, None]
    steps = {
        kind: float(np.abs(values[[key[0] == kind for key in keys]]).max() / LEVELS) or 1.0 for kind in sorted(KINDS)
    }
    lines = []
    for key, worth in sorted(zip(map(str, keys), values, strict=True), key=lambda pair: pair[0]):
        levels = np.rint(worth / steps[key[0]]).astype(int)
        if levels.any():
            lines.append(f"{key}\t" + "".join(chr(MIDDLE + level) for level in levels))
    return steps, lines


def main() -> None:
    """Learn, find the bar on mails not learnt from, and write."""
    argparse.ArgumentParser(
        prog="python -m scripts.train_intents",
        description=f"Learn what customers want from tests/corpus/wishes, and write {NAME} anew (some minutes).",
        allow_abbrev=False,
    ).parse_args()
    corpus = tuning()
    found = [features(said(mail.subject, mail.text)) for mail in corpus]
    intents, scores = guesses(found, corpus)
    right = np.array([intents.index(mail.intent) for mail in corpus])
    sharp = sharpness(scores, right)
    ordinary = np.array([mail.part in ORDINARY for mail in corpus])
    bar = recovery_from(likelihoods(scores, sharp)[ordinary], right[ordinary], intents.index("other"))
    learnt = learn(found, corpus)
    steps, lines = written(learnt)
    head = {
        "inputs": digest(found, corpus),
        "intents": learnt.intents,
        "bias": [round(bias, 4) for bias in learnt.network.bias.tolist()],
        "outputs": [[round(worth, 4) for worth in unit] for unit in learnt.network.outputs.tolist()],
        "steps": {kind: round(step, 6) for kind, step in steps.items()},
        "sharpness": sharp,
        "recovery_from": bar,
    }
    TARGET.write_text("\n".join([json.dumps(head), *lines]) + "\n", "utf-8")
    share = (scores.argmax(axis=1) == right)[ordinary].mean()
    print(f"{len(corpus)} mails, {len(lines)} keys, {TARGET.stat().st_size} bytes; {share:.1%} right of ordinary ones")
    print(f"likelihoods sharpened by {sharp}, recovery believed from {bar}")


if __name__ == "__main__":
    main()
