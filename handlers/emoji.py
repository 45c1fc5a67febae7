"""Emoji that are made of several: a joiner (U+200D) between two pictures makes them one, elsewhere it only hides."""

from __future__ import annotations

import re

JOINER = "\u200d"

# Where Unicode's pictures lie (UTS 51, Extended_Pictographic), with the skin tones, and a selector behind one.
_PICTURE = "[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]"

JOINT = re.compile(f"{JOINER}(?={_PICTURE})(?:(?<={_PICTURE}{JOINER})|(?<={_PICTURE}\ufe0f{JOINER}))")
"""A joiner that makes one picture of two."""

LOOSE = re.compile(f"(?!{JOINT.pattern}){JOINER}")
"""Every other joiner."""
