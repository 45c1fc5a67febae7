"""What can be fuzzed: `tests/fuzz/NAME.py` has a function `fuzz(data)`, `tests/fuzz/corpus/NAME` what to begin with.

Where the inputs are mails, `NAME.py` also has `mutate(data, most, seed)`, whose changes leave them mails.
"""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """`watched` are the packages whose branches guide the fuzzing; `most_bytes` the longest input.

    `begins_with` are folders below `tests`, whose files are inputs as well.
    """

    watched: tuple[str, ...]
    most_bytes: int
    begins_with: tuple[str, ...] = ()


TARGETS = {
    "dialogue": Target(("mailin", "aiosmtpd.proxy_protocol"), 6000),
    "reader": Target(("mailin", "handlers.rules"), 16_384, ("mails",)),
    "origin": Target(("mailin.origin", "handlers.rules.origins", "spf", "authres"), 16_384, ("mails",)),
}
