"""What can be fuzzed: `tests/fuzz/NAME.py` has a function `fuzz(data)`, `tests/fuzz/corpus/NAME` what to begin with."""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """`watched` are the packages whose branches guide the fuzzing; `most_bytes` the longest input."""

    watched: tuple[str, ...]
    most_bytes: int


TARGETS = {
    "dialogue": Target(("mailin", "aiosmtpd.proxy_protocol"), 6000),
}
