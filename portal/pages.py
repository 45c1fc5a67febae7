"""Turns a template and its values into a page: language, brand, stylesheet, and the switch between languages."""

from __future__ import annotations

import hashlib
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from handlers.languages import LANGUAGES, Catalogues, choose
from handlers.model.service import Service
from portal.voice import Voice

HERE = Path(__file__).parent
NAMES = {"fr": "Français", "en": "English", "tr": "Türkçe"}


class Pages:
    """The templates, the catalogues and the stylesheet, read once at the start.

    Raises Unavailable, naming the file, when a catalogue is missing or broken.
    """

    def __init__(self) -> None:
        catalogues = Catalogues.load(HERE / "locale")
        self.voices = {language: Voice(language, catalogues[language]) for language in LANGUAGES}
        self.style = (HERE / "style.css").read_bytes()
        self.style_path = f"/style.{hashlib.sha256(self.style).hexdigest()[:12]}.css"
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(style_path=self.style_path, languages=NAMES)

    def html(self, template: str, voice: Voice, path: str, service: Service | None, **values: object) -> str:
        """The page as text; `path` is where the language switch leads."""
        return self._environment.get_template(f"{template}.html").render(
            say=voice.say,
            count=voice.count,
            lasting=voice.lasting,
            language=voice.language,
            path=path,
            brand=service.name if service else "",
            service=service,
            **values,
        )


PAGES = web.AppKey("pages", Pages)


def speak(request: web.Request, *hints: str | None) -> Voice:
    """The voice for this reader: what they chose on the page, else the first hint that names a language we have.

    Hints come best first; a browser's wish (Accept-Language) is a hint like the others.
    """
    chosen = request.query.get("lang")
    return request.app[PAGES].voices[choose(chosen, *hints)]


def wish(request: web.Request) -> str | None:
    """What the reader's browser prefers."""
    return request.headers.get("Accept-Language")


def show(
    request: web.Request,
    template: str,
    voice: Voice,
    service: Service | None = None,
    status: int = 200,
    /,
    **values: object,
) -> web.Response:
    """The page as an answer to `request`."""
    text = request.app[PAGES].html(template, voice, request.rel_url.raw_path, service, **values)
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def spoken(path: str, voice: Voice) -> str:
    """The address `path` with the reader's language kept."""
    return f"{path}?lang={voice.language}"


async def stylesheet(request: web.Request) -> web.Response:
    """GET /style.<hash>.css: may be kept for ever, because its name changes with it."""
    keep = {"Cache-Control": "public, max-age=31536000, immutable"}
    return web.Response(body=request.app[PAGES].style, content_type="text/css", charset="utf-8", headers=keep)
