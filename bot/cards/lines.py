"""Lines and blocks that every part of a card is made of."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import ContextBlock, MarkdownTextObject, SectionBlock


def fit(lines: Sequence[str], longest: int = 1400) -> str:
    """As many of the lines as fit into `longest` characters, and how many were left out."""
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) + 20 > longest:
            break
        kept.append(line)
    left = len(lines) - len(kept)
    return "\n".join([*kept, f"… ({left} more)"] if left else kept)


def said(sentence: str) -> SectionBlock:
    """A paragraph; Slack makes no link or mention of what only looks like one."""
    return SectionBlock(text=MarkdownTextObject(text=sentence, verbatim=True))


def aside(sentence: str) -> ContextBlock:
    """The same, small."""
    return ContextBlock(elements=[MarkdownTextObject(text=sentence, verbatim=True)])


def several(count: int, one: str, many: str = "") -> str:
    """`1 approval`, `2 approvals`."""
    return f"{count} {one}" if count == 1 else f"{count} {many or f'{one}s'}"


def lasting(hours: int) -> str:
    """`72 hours` as people say it, `3 days`; what is no whole number of days, or a single one, stays in hours."""
    return several(hours // 24, "day") if hours >= 48 and hours % 24 == 0 else several(hours, "hour")


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def within(label: str) -> str:
    """A label inside a sentence: without its capital, other names keep theirs."""
    return label[:1].lower() + label[1:]
