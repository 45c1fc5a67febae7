"""QR codes, drawn in the page itself: the strict policy of our pages loads no picture and takes no style."""

from __future__ import annotations

import segno
from markupsafe import Markup, escape


def drawing(text: str, label: str) -> Markup:
    """The text as an SVG that is dark on light in any palette, with the quiet zone around it that cameras need.

    `label` is what a screen reader says in its place.
    """
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    # Drawn from numbers alone: nothing of the text stands in it.
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))  # noqa: S704
