"""A neural network with one hidden layer beside a linear one, learnt from rows of seldom-met keys.

Adam (Kingma & Ba 2015), with the moments of a key kept still while no mail has it; dropout (Srivastava et al. 2014) of
keys and of hidden units, and smoothed labels (Szegedy et al. 2016), so that no few words decide alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

HIDDEN = 32
PASSES = 10
BATCH = 128
RATE = 2e-3
LAST_RATE = 1e-4
KEYS_DROPPED = 0.2
HIDDEN_DROPPED = 0.5
SMOOTHED = 0.05
DECAY = (0.9, 0.999)


class Network(NamedTuple):
    """What each key says: a number for each label, then one for each hidden unit; and what the units say of labels."""

    keys: np.ndarray
    bias: np.ndarray
    outputs: np.ndarray

    def scores(self, table: csr_matrix) -> np.ndarray:
        """One row of scores for each row of the table."""
        sums, labels = table @ self.keys + self.bias, self.outputs.shape[1]
        return np.asarray(sums[:, :labels] + np.maximum(sums[:, labels:], 0) @ self.outputs)


def learn(table: csr_matrix, right: np.ndarray, worth: np.ndarray, seed: int) -> Network:
    """A network that gives each row of the table its right label (0, 1, ...); a row counts as much as it is worth."""
    chance, labels = np.random.default_rng(seed), int(right.max()) + 1
    network = _untaught(table.shape[1], labels, chance)
    keys, bias, outputs = map(_Adam, network)
    steps = PASSES * -(-table.shape[0] // BATCH)
    for number, rows in enumerate(_batches(table.shape[0], chance)):
        met, some = _some(table[rows], chance)
        shares = worth[rows] / worth[rows].sum()
        of_keys, of_bias, of_outputs = _slopes(network, met, some, _wanted(right[rows], labels), shares, chance)
        rate = max(LAST_RATE, RATE * (1 - number / steps))
        keys.step(of_keys, rate, met)
        bias.step(of_bias, rate)
        outputs.step(of_outputs, rate)
    return network


def _untaught(keys: int, labels: int, chance: np.random.Generator) -> Network:
    hidden = chance.normal(0, 0.05, (keys, HIDDEN))
    return Network(
        np.hstack([np.zeros((keys, labels)), hidden]).astype(np.float32),
        np.zeros(labels + HIDDEN, np.float32),
        (chance.uniform(-1, 1, (HIDDEN, labels)) / np.sqrt(HIDDEN)).astype(np.float32),
    )


def _batches(rows: int, chance: np.random.Generator) -> Iterator[np.ndarray]:
    for _ in range(PASSES):
        order = chance.permutation(rows)
        yield from (order[at : at + BATCH] for at in range(0, rows, BATCH))


def _some(rows: csr_matrix, chance: np.random.Generator) -> tuple[np.ndarray, csr_matrix]:
    """The keys that some rows have, and the rows with these keys alone, a few of them left out."""
    met, places = np.unique(rows.indices, return_inverse=True)
    kept = rows.data * _kept(rows.data.shape, KEYS_DROPPED, chance)
    return met, csr_matrix((kept, places, rows.indptr), shape=(rows.shape[0], len(met)))


def _wanted(right: np.ndarray, labels: int) -> np.ndarray:
    wanted = np.full((len(right), labels), SMOOTHED / labels, np.float32)
    wanted[np.arange(len(right)), right] += 1 - SMOOTHED
    return wanted


def _kept(shape: tuple[int, ...], dropped: float, chance: np.random.Generator) -> np.ndarray:
    """Nought for what is left out by chance; what stays makes up for it."""
    return (chance.random(shape, np.float32) >= dropped).astype(np.float32) / np.float32(1 - dropped)


def _slopes(
    network: Network,
    met: np.ndarray,
    some: csr_matrix,
    wanted: np.ndarray,
    worth: np.ndarray,
    chance: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How the surprise at what is wanted grows with the met keys, the bias and the outputs."""
    labels = wanted.shape[1]
    sums = some @ network.keys[met] + network.bias
    lets = (sums[:, labels:] > 0) * _kept(sums[:, labels:].shape, HIDDEN_DROPPED, chance)
    hidden = sums[:, labels:] * lets
    scores = sums[:, :labels] + hidden @ network.outputs
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    surprise = (powers / powers.sum(axis=1, keepdims=True) - wanted) * worth[:, None]
    of_sums = np.hstack([surprise, (surprise @ network.outputs.T) * lets]).astype(np.float32)
    return some.T @ of_sums, of_sums.sum(axis=0), hidden.T @ surprise


class _Adam:
    """Changes an array in place against its slopes, with a memory of their mean and of their size."""

    def __init__(self, array: np.ndarray) -> None:
        self._array, self._mean, self._size = array, np.zeros_like(array), np.zeros_like(array)
        self._steps = 0

    def step(self, slope: np.ndarray, rate: float, rows: np.ndarray | slice = slice(None)) -> None:
        """One step against the slope, of all rows or of some."""
        self._steps += 1
        of_mean, of_size = DECAY
        mean = of_mean * self._mean[rows] + (1 - of_mean) * slope
        size = of_size * self._size[rows] + (1 - of_size) * slope * slope
        self._mean[rows], self._size[rows] = mean, size
        known_mean, known_size = 1 - of_mean**self._steps, 1 - of_size**self._steps
        self._array[rows] -= rate * (mean / known_mean) / (np.sqrt(size / known_size) + 1e-8)
