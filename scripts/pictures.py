"""Draws what people see into `docs/pictures`: `python -m scripts.pictures [NAME…] [--language fr] [--width 1280]`.

Every page of the portal in every state (`tests/portal/scenes/`), every kind of letter
(`tests/handlers/letter_samples/`) and the card in Slack; then writes `docs/pictures.md`, which shows them all. A NAME
is the beginning of what to draw, such as `reset`, `letter` or `slack`. Nothing but the loopback interface is used.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from playwright.async_api import Browser, Page

from demo.slack import workspace
from handlers import cases, intake
from handlers.desk import Desk
from handlers.letters import Facts
from handlers.model.case import Case
from handlers.model.mail import Attachment, Claims, Origin
from handlers.post.addressing import reply_address
from scripts.palette import compact
from tests.bot.builders import open_desk
from tests.bot.test_emulator import card_of, running
from tests.builders import make_account, make_mail
from tests.chromium import open_browser
from tests.handlers.letterbox import part, written
from tests.handlers.samples import all_samples
from tests.portal.gallery import DESKTOP, PHONE, Scene, all_scenes, visit

ROOT = Path(__file__).resolve().parents[1]
PICTURES, PAGE = ROOT / "docs" / "pictures", ROOT / "docs" / "pictures.md"
SLACK = {
    "slack-card": "A new case.",
    "slack-forged": "A mail in a customer's name that her domain disowns.",
    "slack-unclear": "A request that the desk is not sure of, a file it did not take, and a mail of somebody else.",
    "slack-mails": "The same case's mails, whole, on a click.",
}
"""What is drawn in the local Slack, and what it shows."""

MAILBOX = "support@shop.example"
DOMAIN = "mail.example"
PROVEN = Origin(
    spf="pass", dkim="pass", dmarc="pass", aligned=True, grade="proven", domain=DOMAIN, spf_domain=DOMAIN,
    dkim_domain=DOMAIN,
)  # fmt: skip
FORGED = Origin(spf="fail", dkim="none", dmarc="fail", aligned=False, grade="failed", domain=DOMAIN, spf_domain=DOMAIN)
MARGIN = 24
"""Pixels left around a page's sheet where the window is wider than it."""

HEAD = """\
# What people see

Drawn from the pages, letters and cards of this version:

```sh
make pictures
```

draws all of them in French, on a wide window. `ONLY=reset` draws what begins with that name, `LANGUAGE=tr` in another
language, `WIDTH=360` as on a phone, `DARK=1` as at night. A page is added in `tests/portal/scenes/`, a letter in
`tests/handlers/letter_samples/`; this page is written anew each time.

"""

ENVELOPE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 16px; display: grid; grid-template-columns: {columns}; gap: 16px; background: #fff; }}
body > * {{ margin: 0; border: 1px solid #c3cbd4; border-radius: 6px; }}
p {{ grid-column: 1 / -1; padding: 10px 16px; font: 15px/1.5 "Liberation Sans", sans-serif; }}
iframe {{ width: 100%; }}
pre {{ padding: 16px; font: 13px/1.5 "Liberation Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }}
</style><p>{sender}<br><b>{subject}</b></p><iframe srcdoc="{letter}"></iframe><pre>{text}</pre>"""
"""A letter as a mail program shows it, in HTML and as text."""


def main() -> int:
    """Draw what was asked for, or all, one line a picture."""
    parser = argparse.ArgumentParser(prog="python -m scripts.pictures", description=__doc__)
    parser.add_argument("name", nargs="*", help="what to draw; everything when left out")
    parser.add_argument("--language", choices=("en", "fr", "tr"), default="fr", help="default: fr")
    parser.add_argument("--width", type=int, choices=(PHONE, DESKTOP), default=DESKTOP, help="of the window")
    parser.add_argument("--dark", action="store_true", help="as at night")
    wanted = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        sys.exit("pictures: no Chromium; `sh scripts/system.sh chromium` installs it as root")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    asyncio.run(draw(wanted, chromium))
    PAGE.write_text(page(), encoding="utf-8")
    return 0


async def draw(wanted: argparse.Namespace, chromium: str) -> None:
    """Draw all pictures that were asked for with one browser."""
    async with open_browser(chromium) as browser, easel(browser, wanted) as bench:
        artist = Artist(browser, bench, wanted)
        for scene in chosen(wanted.name, all_scenes()):
            await artist.page(scene)
        for kind, sample in all_samples().items():
            if begins(f"letter-{kind}", wanted.name):
                await artist.letter(f"letter-{kind}", sample(wanted.language))
        for name, sender in (("slack-card", PROVEN), ("slack-forged", FORGED)):
            if begins(name, wanted.name):
                await artist.card(name, sender)
        if begins("slack-unclear", wanted.name) or begins("slack-mails", wanted.name):
            await artist.mails()


@asynccontextmanager
async def easel(browser: Browser, wanted: argparse.Namespace) -> AsyncIterator[Page]:
    """A page that may run JavaScript, for letters, and for making pictures small."""
    context = await browser.new_context(
        viewport={"width": wanted.width, "height": 740}, color_scheme="dark" if wanted.dark else "light"
    )
    yield await context.new_page()
    await context.close()


def begins(name: str, wanted: Sequence[str]) -> bool:
    """Whether `name` is asked for; without a wish, everything is."""
    return not wanted or name.startswith(tuple(wanted))


def chosen(wanted: Sequence[str], scenes: list[Scene]) -> list[Scene]:
    """The scenes that are asked for."""
    return [scene for scene in scenes if begins(scene.name, wanted)]


class Artist:
    """Draws with a browser, in the language, the width and the light that were asked for."""

    def __init__(self, browser: Browser, bench: Page, wanted: argparse.Namespace) -> None:
        self._browser, self._bench = browser, bench
        self._language, self._width, self._dark = wanted.language, wanted.width, wanted.dark

    async def page(self, scene: Scene) -> None:
        """A page of the portal; in a wide window, the middle of it."""
        language = self._language if self._language in scene.languages else scene.languages[0]
        with tempfile.TemporaryDirectory() as folder:
            async with visit(scene, self._browser, Path(folder), language, self._width, self._dark) as stage:
                frame = await stage.page.evaluate(
                    """margin => {
                      const width = document.documentElement.clientWidth;
                      const sheet = document.querySelector('main').getBoundingClientRect();
                      const x = Math.max(0, sheet.left - margin);
                      const last = document.querySelector('footer') ?? document.querySelector('main');
                      return { x, y: 0, width: Math.min(width, sheet.width + 2 * margin),
                               height: last.getBoundingClientRect().bottom + window.scrollY };
                    }""",
                    MARGIN,
                )
                png = await stage.page.screenshot(full_page=True, clip=frame)
        await self._keep(scene.name, language, png)

    async def letter(self, name: str, facts: Facts) -> None:
        """A letter, in HTML beside its text; on a phone, one above the other."""
        mail = written(facts)
        shown = ENVELOPE.format(
            columns="1fr" if self._width == PHONE else "660px 1fr",
            sender=html.escape(str(mail["From"])),
            subject=html.escape(str(mail["Subject"])),
            letter=html.escape(part(mail, "html")),
            text=html.escape(part(mail, "plain")),
        )
        await self._bench.set_content(shown)
        await self._bench.evaluate(
            """() => { const letter = document.querySelector('iframe');
                       letter.style.height = letter.contentDocument.documentElement.scrollHeight + 'px'; }"""
        )
        await self._keep(name, self._language, await self._bench.locator("body").screenshot())

    async def card(self, name: str, sender: Origin) -> None:
        """The card of a new case in the local Slack, as an agent sees it, by what the mail proves."""
        with tempfile.TemporaryDirectory() as folder:
            async with workspace() as slack, open_desk(Path(folder)) as desk, running(desk, slack):
                await card_of(slack, await asked(desk, sender))
                page = await self._browser.new_page(viewport={"width": 1100, "height": 900})
                await page.goto(slack.url)
                message = page.locator(".msg", has=page.locator(".blocks")).first
                await message.wait_for()
                png = await message.screenshot()
                await page.close()
        await self._keep(name, "en", png)

    async def mails(self) -> None:
        """An unclear request with somebody else's mail in its thread, and the dialog that shows both whole."""
        with tempfile.TemporaryDirectory() as folder:
            async with workspace() as slack, open_desk(Path(folder)) as desk, running(desk, slack):
                await card_of(slack, await unclear(desk))
                page = await self._browser.new_page(viewport={"width": 1100, "height": 1000})
                await page.goto(slack.url)
                message = page.locator(".msg", has=page.locator(".blocks")).first
                await message.get_by_text("Another sender, not trusted:").wait_for()
                card = await message.screenshot()
                await page.get_by_role("button", name="Show the whole mail").click()
                await page.locator(".modal").get_by_text("Marie Durand, Lyon").wait_for()
                dialog = await page.locator(".modal").screenshot()
                await page.close()
        await self._keep("slack-unclear", "en", card)
        await self._keep("slack-mails", "en", dialog)

    async def _keep(self, name: str, language: str, png: bytes) -> None:
        phone = ".phone" if self._width == PHONE and name not in SLACK else ""
        dark = ".dark" if self._dark and name not in SLACK else ""
        file = PICTURES / f"{name}.{language}{phone}{dark}.png"
        file.write_bytes(await compact(png, self._bench))
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} KB")


async def asked(desk: Desk, sender: Origin) -> Case:
    """A case as a mail in a customer's name opens it."""
    async with desk.store.transaction() as tx:
        tx.put(make_account())
    text = "Bonjour,\n\nj'ai oublié mon mot de passe, mon identifiant est durand42.\n\nMerci, Marie Durand"
    mail = make_mail(recipients=(MAILBOX,), subject="Mot de passe oublié", text=text, origin=sender)
    return await cases.load(desk.store, await intake.receive(desk, mail) or "")


async def unclear(desk: Desk) -> Case:
    """The case of a mail that says little, and of somebody who wrote into its thread."""
    async with desk.store.transaction() as tx:
        tx.put(make_account())
    text = "Bonjour,\nje ne peux plus rien faire depuis hier, mon identifiant est durand42, client C-4711.\nMerci"
    quoted = "Le lun. 2 nov. 2026 à 09:12, Support a écrit :\n> Bonjour Marie,\n> voici votre facture."
    whole = f"{text}\n\n-- \nMarie Durand, Lyon\n\n{quoted}"
    program = Attachment(
        name="facture.exe",
        type="application/x-dosexec",
        bytes=48_128,
        sha256="0" * 64,
        verdict="dangerous",
        why="a Windows program",
    )
    mail = make_mail(
        recipients=(MAILBOX,), text=text, whole=whole, hidden_lines=5, confidence=0.3,
        claims=Claims(logins=("durand42",), numbers=("C-4711",)), attachments=(program,), subject="Problème",
    )  # fmt: skip
    case = await cases.load(desk.store, await intake.receive(desk, mail) or "")
    to = reply_address(desk, desk.service(case.service), case.id)
    said = "Hello, I am her assistant. Please send the link to this address instead."
    other = make_mail(
        from_address="assistant@elsewhere.example", from_name="The assistant", recipients=(to,), text=said,
        subject="Re: Problème", message_id="2@elsewhere.example", claims=Claims(),
    )  # fmt: skip
    await intake.receive(desk, other)
    return case


def page() -> str:
    """`docs/pictures.md`: every picture there is, with what it shows."""
    lines = HEAD.splitlines()
    lines += ["## The portal", ""]
    for scene in all_scenes():
        lines += shown(scene.name, scene.act.__doc__)
    lines += ["## Letters", ""]
    for kind, sample in sorted(all_samples().items()):
        lines += shown(f"letter-{kind}", sample.__doc__)
    lines += ["## Slack", ""]
    for name, what in SLACK.items():
        lines += shown(name, what)
    return "\n".join(lines).rstrip("\n") + "\n"


def shown(name: str, what: str | None) -> list[str]:
    """The lines about one thing: its name, what it shows, and its pictures."""
    files = sorted(PICTURES.glob(f"{name}.*.png"))
    caption = " ".join((what or "").split())
    pictures = [f"![{name} in {file.suffixes[0][1:]}](pictures/{file.name})" for file in files]
    return [f"### {name}", "", *([caption, ""] if caption else []), *([*pictures, ""] if pictures else [])]


if __name__ == "__main__":
    sys.exit(main())
