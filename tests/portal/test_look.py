"""What makes the pages usable by everybody: contrast, labels, headings, language."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from portal.pages import HERE, Pages
from tests.portal.conftest import Client, House, Page, fill, get, make_account

STYLE = (HERE / "style.css").read_text()
PAIRS = [
    ("text", "ground"),
    ("text", "sheet"),
    ("quiet", "ground"),
    ("quiet", "sheet"),
    ("link", "ground"),
    ("link", "sheet"),
    ("button-text", "button"),
    ("bad", "bad-ground"),
    ("bad", "sheet"),
    ("good", "good-ground"),
]
EDGES = [("edge", "sheet"), ("focus", "sheet"), ("focus", "ground"), ("button", "sheet")]


def palette(dark: bool) -> dict[str, str]:
    """The colours of one scheme, by name."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    assert len(blocks) == 2
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[dark]))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(dark: bool) -> None:
    """WCAG 1.4.3 AA in light and dark: 4.5 to 1 for every pair of text and ground the stylesheet uses."""
    colours = palette(dark)
    assert {
        pair: contrast(colours[pair[0]], colours[pair[1]])
        for pair in PAIRS
        if contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    } == {}


@pytest.mark.parametrize("dark", [False, True])
def test_fields_buttons_and_focus_stand_out(dark: bool) -> None:
    """WCAG 1.4.11 AA in light and dark: 3 to 1 for what one has to see to use the page."""
    colours = palette(dark)
    assert all(contrast(colours[one], colours[other]) >= 3 for one, other in EDGES)


class Outline(HTMLParser):
    """The parts of a page that assistive technology goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag with its attributes."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, *names: str) -> list[dict[str, str]]:
        """The attributes of every tag of those names."""
        return [attributes for tag, attributes in self.tags if tag in names]


async def every_page(house: House, client: Client, language: str) -> list[Page]:
    """One of each page, forms with and without faults."""
    lang = f"?lang={language}"
    link = await house.link(await house.add(make_account()))
    code, _ = await house.code(await house.add(make_account("A-2", service="opc", login="b", address="b@x.example")))
    return [
        await get(client, f"/lost/shop{lang}"),
        await fill(client, f"/lost/shop{lang}", login="", address=""),
        await get(client, f"/lost/shop/sent{lang}"),
        await get(client, f"/reset/{link}{lang}"),
        await fill(client, f"/reset/{link}{lang}", password="abc", again="abc"),
        await fill(client, f"/reset/{link}{lang}", password="correct horse 7 battery", again="correct horse 7 battery"),
        await get(client, f"/reset/{link}{lang}"),
        await get(client, f"/code/{code}{lang}"),
        await fill(client, f"/code/{code}{lang}", code="1"),
        await fill(client, f"/code/{code}{lang}", resend="1"),
        await get(client, f"/{lang}"),
        await get(client, f"/nothing{lang}"),
    ]


@pytest.mark.parametrize("language", ["fr", "en", "tr"])
async def test_every_page_can_be_read_aloud(house: House, client: Client, language: str) -> None:
    """One language, one first heading, a title, unique ids, labelled fields, and references that lead somewhere."""
    for page in await every_page(house, client, language):
        outline = Outline(page.text)
        ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
        assert [html["lang"] for html in outline.all("html")] == [language]
        assert len(outline.all("h1")) == len(outline.all("title")) == len(outline.all("main")) == 1
        assert len(ids) == len(set(ids))
        labelled = {label["for"] for label in outline.all("label")}
        fields = [field for field in outline.all("input") if field["type"] != "hidden"]
        assert {field["id"] for field in fields} == labelled
        assert {to for field in fields for to in field.get("aria-describedby", "").split()} <= set(ids)
        assert {link["href"][1:] for link in outline.all("a") if link["href"].startswith("#")} <= set(ids)
        assert sum("autofocus" in field for field in fields) <= 1


@pytest.mark.parametrize("language", ["fr", "tr"])
async def test_no_page_is_half_translated(house: House, client: Client, language: str) -> None:
    """No English sentence is left on a French or a Turkish page."""
    english = re.compile(r"\b(the|your|you|and|is|this|please)\b", re.IGNORECASE)
    for page in await every_page(house, client, language):
        shown = re.sub(r"<[^>]+>", " ", page.text)
        assert not english.findall(shown), shown


async def test_pages_load_nothing_but_our_stylesheet(house: House, client: Client) -> None:
    """T8: no script, no image, no font, no foreign address that could learn a token."""
    for page in await every_page(house, client, "en"):
        outline = Outline(page.text)
        assert [link["href"] for link in outline.all("link")] == [Pages().style_path]
        assert outline.all("script", "img", "iframe", "object", "style") == []
        assert not any("style" in attributes for _, attributes in outline.tags)
        assert all(link["href"].startswith(("/lost/", "/sign-in/", "?lang=", "#")) for link in outline.all("a"))
    assert "url(" not in STYLE
    assert "@import" not in STYLE
