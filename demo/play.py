"""Plays the story and says of every step whether it held, and how long it took."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from demo.browser import browser
from demo.house import House
from demo.story import Broken, Step, Story, title
from services.stories import CHAPTERS

Tell = Callable[[str], None]
LONGEST = 800
"""How many characters of what came instead are printed."""


async def play(house: House, tell: Tell) -> int:
    """Play every chapter; a chapter ends at the first step that does not hold. Returns how many steps did not hold."""
    broken = 0
    expected: set[str] = set()
    for name, steps in CHAPTERS.items():
        tell(f"\n{name}")
        async with browser() as new:
            broken += await _chapter(Story(house, new, expected), steps, tell)
    return broken


async def _chapter(story: Story, steps: tuple[Step, ...], tell: Tell) -> int:
    for number, step in enumerate(steps):
        started = monotonic()
        why = await _wrong(step, story)
        tell(f"  {'✗' if why else '✓'} {title(step)} ({monotonic() - started:.1f} s)")
        if why:
            tell(f"    {why[:LONGEST]}{'…' if len(why) > LONGEST else ''}")
            left = len(steps) - number - 1
            tell(f"    {left} more of this chapter not played") if left else None
            return 1 + left
    return 0


async def _wrong(step: Step, story: Story) -> str:
    """What did not hold, or nothing."""
    try:
        await step(story)
    except Broken as error:
        return str(error)
    except Exception as error:  # whatever goes wrong, the story says where and goes on
        return f"{type(error).__name__}: {error}"
    return ""
