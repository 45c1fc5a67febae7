"""Every page in every state, for everybody: axe finds nothing, a phone is wide enough, nothing is left in English."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from portal.pages import HERE
from tests.axe import BEST, FITTING, lay_out, open_bench, violations, widths
from tests.builders import shipped_services
from tests.chromium import open_browser
from tests.portal.gallery import SCENES, Scene, all_scenes, visit

STYLE = HERE / "style.css"
READ = """() => {
  const said = [document.title, ...document.body.innerText.split('\\n')];
  for (const one of document.querySelectorAll('[aria-label], [placeholder], [alt], [title]'))
    for (const name of ['aria-label', 'placeholder', 'alt', 'title']) said.push(one.getAttribute(name) || '');
  return said.map(line => line.trim()).filter(line => line);
}"""
"""The lines a reader sees or hears, the title first."""

SENTENCE = re.compile(r"[^\W\d_]{2,}\W+[^\W\d_]{2,}.*")
"""More than one word: a single one may be the same in two languages, such as `Message`."""

PEOPLE = ("Marie Durand", "Jean Durand", "Jean.Durand@mail.example", "jean.durand@mail.example")

in_one_loop = pytest.mark.asyncio(loop_scope="module")
pytestmark = pytest.mark.slow


def half(scenes: list[Scene], which: int) -> list[Any]:
    """Every second scene; each half shares a browser, and the two can run side by side."""
    mark = pytest.mark.xdist_group(f"gallery-{which}")
    return [pytest.param(scene, id=scene.name, marks=mark) for scene in scenes[which::2]]


every_scene = pytest.mark.parametrize("scene", [*half(all_scenes(), 0), *half(all_scenes(), 1)])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """One browser for all visits."""
    async with open_browser(chromium_path) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(browser: Browser, axe_path: Path) -> AsyncIterator[Page]:
    """Where pages that were seen without JavaScript are looked at again, with it.

    The portal's own policy lets no script run, so they are shown without that policy.
    """
    async with open_bench(browser, axe_path) as bench:
        yield bench


@dataclass(frozen=True)
class Seen:
    """A page as somebody without JavaScript sees it on a phone."""

    language: str
    html: str
    lines: list[str]
    widths: dict[int, int]
    complaints: list[str]


async def see(scene: Scene, browser: Browser, folder: Path, language: str) -> Seen:
    """Play the scene and read the page it ends on."""
    async with visit(scene, browser, folder, language) as stage:
        page = stage.page
        lines = await page.evaluate(READ)
        return Seen(language, await page.content(), lines, await widths(page), stage.complaints)


def made(folder: Path) -> Path:
    """The folder, made."""
    folder.mkdir()
    return folder


@in_one_loop
@every_scene
async def test_every_page_is_for_everybody(scene: Scene, browser: Browser, bench: Page, tmp_path: Path) -> None:
    """No violation of WCAG 2.2 AA, no scrolling sideways, nothing missing without JavaScript, nothing in English."""
    seen = await asyncio.gather(*(see(scene, browser, made(tmp_path / name), name) for name in scene.languages))
    for one in seen:
        assert one.complaints == []
        assert one.widths == FITTING
        assert f'<html lang="{one.language}"' in one.html
    first, *others = seen
    assert {one.language: left for one in others if (left := untranslated(one.lines, first.lines))} == {}
    # The languages share one template, so what axe looks at is the same in all; Turkish has the longest words.
    await lay_out(bench, seen[-1].html, STYLE)
    assert await bench.evaluate(READ) == seen[-1].lines, "JavaScript shows something else"
    assert await violations(bench, *BEST) == []


def untranslated(lines: list[str], english: list[str]) -> list[str]:
    """The lines of a page that are word for word on the English one, and are neither a name nor a value."""
    names = {service.name for service in shipped_services().values()} | set(PEOPLE)
    return [line for line in lines if line in english and line not in names and SENTENCE.fullmatch(line)]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Reset your password", True),
        ("We never ask for a password.", True),
        ("Message", False),
        ("L'Opcommerce", False),
        ("Marie Durand", False),
        ("j•••@m••••.example", False),
        ("27 minutes", False),
    ],
)
def test_english_left_on_a_page_is_noticed(line: str, left: bool) -> None:
    """A forgotten sentence is seen; names, values and single words are no sentences."""
    assert (untranslated(["Mot de passe oublié", line], ["Forgot your password?", line]) == [line]) is left


@in_one_loop
@pytest.mark.xdist_group("gallery-0")
async def test_axe_sees_what_is_wrong(bench: Page) -> None:
    """A picture without words, a field without a label, grey on white: an empty list means something."""
    html = '<html lang="fr"><title>x</title><main><h1 style="color:#aaa">Titre</h1><img src="x"><input></main>'
    await lay_out(bench, html)
    found = [line.partition(":")[0] for line in await violations(bench, *BEST)]
    assert found == ["color-contrast", "image-alt", "label", "color-contrast"]


def test_every_file_of_scenes_has_a_scene() -> None:
    """A file that forgets its decorator would be checked by nobody."""
    names = [scene.name for scene in all_scenes()]
    areas = [file.stem.replace("_", "-") for file in SCENES.glob("[!_]*.py")]
    assert [area for area in areas if not any(name.startswith(f"{area}-") for name in names)] == []
