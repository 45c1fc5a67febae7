"""Signs that draw nothing: they hide, but for those that make one emoji of several, or a picture of a sign."""

from __future__ import annotations

import re
from typing import Final

JOINER = "\u200d"
SELECTOR = "\ufe0f"

UNSEEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\u2800\u2d7f\U00013430-\U0001345f\U00016fe4\U0001107f\U0001d159"
)
"""Within the brackets of a pattern: what Unicode has ignored where it is unknown (Default_Ignorable_Code_Point of
DerivedCoreProperties.txt), and below that the letters of scripts which are blank, fill a place or only join."""

# Where Unicode's pictures lie (UTS 51, Extended_Pictographic), with the skin tones, and a selector behind one.
_PICTURE = "[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]"
# Signs besides that are drawn as pictures if a selector asks for it; none that is read as a letter.
_SIGN = f"[\u00a9\u00ae\u203c\u2049\u25a0-\u25ff\u2934\u2935\u3030\u303d\U0001f000-\U0001f0ff{_PICTURE[1:]}"

JOINT = re.compile(f"{JOINER}(?={_PICTURE})(?:(?<={_PICTURE}{JOINER})|(?<={_PICTURE}{SELECTOR}{JOINER}))")
"""A joiner that makes one picture of two."""

KEPT = re.compile(f"({JOINT.pattern}|(?<={_SIGN}){SELECTOR}|(?<=[0-9#*]){SELECTOR}(?=\u20e3))")
"""What draws nothing and is part of an emoji: also a selector behind its picture, or within a key (`1` in a box)."""

LOOSE = re.compile(f"(?=[{UNSEEN}])(?!{KEPT.pattern})[{UNSEEN}]")
"""Everything else that draws nothing."""
