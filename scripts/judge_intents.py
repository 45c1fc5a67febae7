"""Writes the confusion matrices of docs/reading.md: how many mails that nobody tuned on are understood.

`python -m scripts.judge_intents` after the weights are learnt anew; `--show` prints and writes nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from bench.wishes import INTENTS, JUDGING, LANGUAGES, Judged, judged

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reading.md"
BEGIN = "<!-- written by scripts/judge_intents.py -->"
END = "<!-- end -->"


def figures() -> str:
    """The three matrices, as Markdown."""
    return "\n".join(line for language in LANGUAGES for line in _language(language))


def _language(language: str) -> Iterator[str]:
    found = judged(language)
    parts = "; ".join(f"`{part}` {_figures(judged(language, part))}" for part in JUDGING)
    yield f"**{LANGUAGES[language]}**, {found.taken.total()} mails: {_figures(found)} ({parts})."
    yield ""
    yield f"| is, taken for | {' | '.join(f'`{intent}`' for intent in INTENTS)} | F1 |"
    yield f"|---|{'---:|' * (len(INTENTS) + 1)}"
    for intent in INTENTS:
        cells = " | ".join(str(count or "") for count in found.row(intent))
        yield f"| `{intent}` | {cells} | {found.f1(intent):.2f} |"
    yield ""


def _figures(found: Judged) -> str:
    return f"macro-F1 {found.macro_f1:.3f}, precision of recovery {found.recovery_precision:.3f}"


def renewed(page: str, written: str) -> str:
    """The page with its figures replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{written}{END}{after}"


def main() -> None:
    """Judge and write."""
    options = argparse.ArgumentParser(
        prog="python -m scripts.judge_intents",
        description="Judge the reader on mails that it did not learn from, and write the tables of docs/reading.md.",
        allow_abbrev=False,
    )
    options.add_argument("--show", action="store_true", help="print the tables and write nothing")
    shows = options.parse_args().show
    written = figures()
    if shows:
        print(written)
    else:
        PAGE.write_text(renewed(PAGE.read_text("utf-8"), written), "utf-8")


if __name__ == "__main__":
    main()
