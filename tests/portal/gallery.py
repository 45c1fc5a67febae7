"""The gallery: every page of the portal in every state worth looking at, on a real desk and in a real browser.

It is what the accessibility tests check, and what `make pictures` draws. To add a page, write its states in a file of
its own in `tests/portal/scenes/`; it is found by itself, and `sign_in.py` with this in it is the scene `sign-in-wrong`:

    @scene(status=422)
    async def wrong(stage: Stage) -> None:
        await stage.open("/sign-in/shopfactory")
        await stage.send(address="jean@mail.example", password="not this one")

The portal of each scene serves the five shipped services on a fresh store, in the language of the visit. A scene ends
on the page to look at; `status` is what that page must answer, so that no scene shows another page than it means.
`stage.house` puts accounts and grants in place and moves the clock, `stage.page` is the browser (Playwright) for all
that `open` and `send` do not do. The browser runs no JavaScript: what a scene reaches works without it. The function's
docstring is the picture's caption; `make pictures ONLY=sign-in` draws the new scenes.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, Response
from yarl import URL

from portal.app import build, serve
from tests.builders import MovingClock, make_desk, open_store, shipped_services
from tests.portal.conftest import House

SCENES = Path(__file__).parent / "scenes"
PHONE, DESKTOP = 360, 1280
LANGUAGES = ("en", "fr", "tr")


@dataclass
class Stage:
    """One visit: a desk whose portal is served at `address`, and a browser page that speaks `language`."""

    house: House
    page: Page
    language: str
    address: str
    status: int = 0
    """What the page in view answered."""
    complaints: list[str] = field(default_factory=list)
    """What the browser blocked or fetched elsewhere, and what broke in the portal."""

    async def open(self, path: str) -> None:
        """Go to a path of the portal, such as `/lost/shopfactory`, in the language of the visit."""
        url = URL(self.address + path, encoded=True)
        await self.page.goto(str(url.update_query(lang=self.language)))

    async def fill(self, **fields: str | bool | Path) -> None:
        """Type a text, choose by a value, tick a box (True) or choose a file, each in the first field of that name."""
        for name, value in fields.items():
            where = self._field(name).first
            match value, await where.evaluate("field => field.type"):
                case bool(), _:
                    await where.set_checked(value)
                case Path(), _:
                    await where.set_input_files(value)
                case str(), "radio":
                    await self.page.locator(f'[name="{name}"][value="{value}"]').check()
                case str(), "select-one":
                    await where.select_option(value)
                case str(), _:
                    await where.fill(value)

    async def send(self, button: str = "button", /, **fields: str | bool | Path) -> None:
        """Fill the fields, press the first button of their form, and wait for the next page.

        `button` is a CSS selector, for a form with several buttons, and for one without fields (`.second button`).
        """
        await self.fill(**fields)
        form = (
            self.page.locator("form").filter(has=self._field(next(iter(fields))))
            if fields
            else self.page.locator("main")
        )
        async with self.page.expect_navigation():
            await form.locator(button).first.click()

    def _field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]:not([type=hidden])')

    async def watch(self) -> None:
        """Note what the browser does from now on."""
        self.page.on("console", lambda said: self._complain(said.text, "Security Policy" in said.text))
        self.page.on("request", lambda asked: self._complain(asked.url, not asked.url.startswith(self.address)))
        self.page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        self._complain(f"{response.status} {response.url}", response.status in (500, 502))
        if response.request.is_navigation_request():
            self.status = response.status

    def _complain(self, what: str, indeed: bool) -> None:
        if indeed:
            self.complaints.append(what)


Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Scene:
    """A state of a page: its name, how to get there, and what the page then answers."""

    name: str
    act: Act
    status: int
    languages: tuple[str, ...]


_scenes: dict[str, Scene] = {}


def scene(*, status: int = 200, languages: tuple[str, ...] = LANGUAGES) -> Callable[[Act], Act]:
    """Add a scene, named by its file and its function: `faults` in `sign_in.py` is `sign-in-faults`.

    Pages for staff are written in one language: `languages=("en",)`.
    """

    def add(act: Act) -> Act:
        name = f"{act.__module__.rpartition('.')[2]}-{act.__name__}".replace("_", "-")
        assert name not in _scenes, f"two scenes are called {name}"
        _scenes[name] = Scene(name, act, status, languages)
        return act

    return add


def all_scenes() -> list[Scene]:
    """Every scene of every file in `scenes/`, by name."""
    for file in sorted(SCENES.glob("[!_]*.py")):
        import_module(f"tests.portal.scenes.{file.stem}")
    return [_scenes[name] for name in sorted(_scenes)]


@asynccontextmanager
async def visit(
    scene: Scene, browser: Browser, folder: Path, language: str, width: int = PHONE, dark: bool = False
) -> AsyncIterator[Stage]:
    """The scene, played: the page to look at is in view. `folder` is empty and holds the desk's store."""
    async with house(folder) as (at_home, address):
        context = await browser.new_context(
            base_url=address,
            java_script_enabled=False,
            locale=language,
            viewport={"width": width, "height": 740},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        stage = Stage(at_home, await context.new_page(), language, address)
        try:
            await stage.watch()
            await scene.act(stage)
            assert stage.status == scene.status, f"{scene.name} ends on {stage.page.url}, which answers {stage.status}"
            yield stage
        finally:
            await context.close()


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[tuple[House, str]]:
    """A desk that answers for the five services, and the loopback address of its portal."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    address, clock = f"http://127.0.0.1:{port}", MovingClock()
    async with open_store(folder) as store:
        desk = make_desk(store, services=shipped_services(), portal_url=address, clock=clock)
        serving = await serve(build(desk), "127.0.0.1", port)
        try:
            yield House(desk, clock, store.path), address
        finally:
            await serving.stop()
