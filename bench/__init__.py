"""Benchmarks: how fast the desk is, measured on the machine at hand. See README.md for how to add one."""

from typing import NamedTuple


class Row(NamedTuple):
    """One measured figure.

    `what` says what was measured in a few words, `value` and `unit` how much of what ("ms", "mails/s"), and `goal` what
    we want to reach, in words, or nothing where there is no goal.
    """

    what: str
    value: float
    unit: str
    goal: str = ""
