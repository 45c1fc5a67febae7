"""Turns a template and its values into a page: language, brand, stylesheet, and the switch between languages.

A page is rendered once for all its readers, with holes for what is theirs alone (a token, a masked login, what they
typed), and filled in for each.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from handlers.languages import LANGUAGES, Catalogues, choose
from handlers.model.service import Service
from portal.voice import Voice

HERE = Path(__file__).parent
NAMES = {"fr": "Français", "en": "English", "tr": "Türkçe"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
MOST_SKELETONS = 512
_HOLE = re.compile("\0([a-z]+)\0")
"""No template, catalogue or service file holds a NUL, and what customers type only ever fills a hole."""


class Skeleton:
    """A rendered page with holes."""

    def __init__(self, text: str) -> None:
        pieces = _HOLE.split(text)
        self._parts = [piece.encode() for piece in pieces]
        self._holes = pieces[1::2]

    def fill(self, values: Mapping[str, str]) -> bytes:
        """The page in UTF-8 with the values in its holes, escaped."""
        escaped = {name: escape(value).encode() for name, value in values.items()}
        parts = self._parts.copy()
        parts[1::2] = [escaped[name] for name in self._holes]
        return b"".join(parts)


class Pages:
    """The templates, the catalogues and the stylesheet, read once at the start.

    Raises Unavailable, naming the file, when a catalogue is missing or broken.
    """

    def __init__(self) -> None:
        catalogues = Catalogues.load(HERE / "locale")
        self.voices = {language: Voice(language, catalogues[language]) for language in LANGUAGES}
        self.style = (HERE / "style.css").read_bytes()
        self.style_path = f"/style.{hashlib.sha256(self.style).hexdigest()[:12]}.css"
        self.skeleton: Callable[..., Skeleton] = lru_cache(MOST_SKELETONS)(self._skeleton)
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(style_path=self.style_path, languages=NAMES)

    def _skeleton(
        self, template: str, voice: Voice, holes: tuple[str, ...], values: tuple[tuple[str, Hashable], ...]
    ) -> Skeleton:
        """The page for these values, each a name and a value, with a hole under each name of `holes`."""
        text = self._environment.get_template(f"{template}.html").render(
            # The names are written in this package, and the holes are filled with escaped text only.
            {name: Markup(f"\0{name}\0") for name in holes},  # noqa: S704
            say=voice.say,
            language=voice.language,
            **dict(values),
        )
        return Skeleton(text)

    def draw(self, template: str, /, **values: object) -> bytes:
        """A page for one reader alone, drawn once and kept nowhere."""
        return self._environment.get_template(f"{template}.html").render(values).encode()


PAGES = web.AppKey("pages", Pages)
_choose = lru_cache(choose)


def speak(request: web.Request, *hints: str | None) -> Voice:
    """The voice for this reader: what they chose on the page, else the first hint that names a language we have.

    Hints come best first; a browser's wish (Accept-Language) is a hint like the others.
    """
    chosen = request.query.get("lang") if request.rel_url.raw_query_string else None
    return request.app[PAGES].voices[_choose(chosen, *hints)]


def speak_as(request: web.Request, language: str) -> Voice:
    """The voice for a reader whom our letters address in `language`."""
    return speak(request, language, wish(request))


def wish(request: web.Request) -> str | None:
    """What the reader's browser prefers."""
    return request.headers.get("Accept-Language")


def show(
    request: web.Request,
    template: str,
    voice: Voice,
    service: Service | None = None,
    status: int = 200,
    own: Mapping[str, str] = MappingProxyType({}),
    /,
    **values: Hashable,
) -> web.Response:
    """The page as an answer to `request`; `own` is what is one reader's alone, `values` what many share."""
    brand, id = (service.name, service.id) if service else ("", "")
    shared = (("brand", brand), ("service_id", id), *values.items())
    body = request.app[PAGES].skeleton(template, voice, tuple(own), shared).fill(own)
    return web.Response(body=body, status=status, headers=HTML)


def spoken(path: str, voice: Voice) -> str:
    """The address `path` with the reader's language kept."""
    return f"{path}?lang={voice.language}"


async def stylesheet(request: web.Request) -> web.Response:
    """GET /style.<hash>.css: may be kept for ever, because its name changes with it."""
    keep = {"Cache-Control": "public, max-age=31536000, immutable"}
    return web.Response(body=request.app[PAGES].style, content_type="text/css", charset="utf-8", headers=keep)
