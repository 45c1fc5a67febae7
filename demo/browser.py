"""A customer's browser without a screen: keeps cookies, reads forms, fills them in and sends them off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import aiohttp
from yarl import URL

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
UNSEEN = {"head", "style", "script"}


@dataclass
class Form:
    """A form as the page gives it out: where it goes, how, what is filled in already, and what its buttons say."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: set[str] = field(default_factory=set)


@dataclass
class Page:
    """What the server answered: `text` is what a reader sees, in one line."""

    url: URL
    status: int
    language: str
    text: str
    forms: list[Form]


class Browser:
    """One customer's browser."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def open(self, url: str | URL) -> Page:
        """GET a page, following redirects."""
        async with self._http.get(url) as response:
            return _read(response.url, response.status, await response.text())

    async def submit(self, page: Page, **typed: str) -> Page:
        """Type into the page's first form that has these fields, and send it. Raises LookupError without one."""
        form = next((form for form in page.forms if set(typed) <= set(form.fields) | form.buttons), None)
        if form is None:
            raise LookupError(f"no form with {', '.join(typed)} on a page that says: {page.text}")
        target = page.url.join(URL(form.action))
        async with self._http.request(form.method, target, data={**form.fields, **typed}) as response:
            return _read(response.url, response.status, await response.text())


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser nobody has used yet."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies for an address in numbers too
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as http:
        yield Browser(http)


def _read(url: URL, status: int, html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    return Page(url, status, reader.language, " ".join(" ".join(reader.said).split()), reader.forms)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.said: list[str] = []
        self.forms: list[Form] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").upper()))
        elif tag == "input" and "form" in self._open and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and "form" in self._open and "name" in given:
            self.forms[-1].buttons.add(given["name"])

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not UNSEEN & set(self._open):
            self.said.append(data)
