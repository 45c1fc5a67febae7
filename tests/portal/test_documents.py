"""The page on which customers send documents, in front of a real desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from handlers import decide
from handlers.model.case import Case
from handlers.model.errors import Limited
from handlers.model.paper import Paper
from handlers.signed import token as signed
from portal import forms
from portal.app import build
from portal.busy import Busy
from portal.multipart import boundary_of, parts
from tests.builders import AYSE, DeskUnderTest, open_desk
from tests.handlers.dossiers import CASE, SHOP, asked, asked_case, pdf, photo
from tests.portal.conftest import Client, Page, get, post, token_of

NEW = "marie@nouvelle.example"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskUnderTest]:
    """The five services' desk."""
    async with open_desk(tmp_path) as house:
        yield house


@pytest.fixture
async def visitor(desk: DeskUnderTest) -> AsyncIterator[Client]:
    """A browser without JavaScript."""
    plain = replace(desk.desk, portal_url="http://recovery.shop.example")
    async with TestClient(TestServer(build(plain))) as client:
        client.session.headers["Host"] = "recovery.shop.example"
        yield client


def path(desk: DeskUnderTest) -> str:
    """The page of today's letter."""
    return f"/documents/{signed(desk.desk.vault, 'documents', CASE, desk.desk.now())}"


async def send(client: Client, path: str, *files: tuple[str, bytes, str], **fields: str) -> Page:
    """Open the page, choose files and send them, as a browser does."""
    form = FormData()
    form.add_field("token", token_of(await get(client, path)))
    for name, value in fields.items():
        form.add_field(name, value)
    for name, content, called in files:
        form.add_field(name, content, filename=called, content_type="application/octet-stream")
    return await post(client, f"{path}?lang=en", form, **{"Sec-Fetch-Site": "same-origin"})


async def papers(desk: DeskUnderTest) -> list[Paper]:
    """What came."""
    return await desk.desk.store.find(Paper, case=CASE)


async def test_O2_20_a_customer_sends_documents_on_the_page(desk: DeskUnderTest, visitor: Client) -> None:
    """One field a piece, the declaration beside it, the new address below; what came is said on top."""
    await asked(desk)
    page = await send(
        *(visitor, path(desk), ("kbis", pdf(2), "Kbis.pdf"), ("identity", photo(1), "CNI.jpg")),
        ("letter", photo(90), "lettre.jpg"),
        declared_identity="yes",
        address=NEW,
    )
    assert page.status == 200
    assert "We have everything we asked for" in page.text
    assert NEW not in page.text
    found = {one.piece: (one.name, one.declared) for one in await papers(desk)}
    assert found == {"kbis": ("Kbis.pdf", False), "identity": ("CNI.jpg", True), "letter": ("lettre.jpg", False)}
    case = await desk.desk.store.get(Case, CASE)
    assert case
    assert (case.state, case.new_address) == ("review", NEW)


async def test_O2_6_the_declaration_is_asked_for_beside_the_copy(desk: DeskUnderTest, visitor: Client) -> None:
    """Without the tick the page says so, keeps what was typed, and nothing else."""
    await asked(desk)
    page = await send(visitor, path(desk), ("identity", photo(1), "CNI.jpg"), address=NEW)
    assert page.status == 422
    assert "Tick the declaration" in page.text
    assert f'value="{NEW}"' in page.text
    assert await papers(desk) == []


async def test_O2_18_a_file_that_cannot_be_used_is_explained(desk: DeskUnderTest, visitor: Client) -> None:
    """Beside one that was kept; the file's own name is not repeated."""
    await asked(desk)
    page = await send(
        *(visitor, path(desk), ("kbis", pdf(), "Kbis.pdf")), ("letter", b"PK\x03\x04" + b"x" * 99, "<b>lettre.docx")
    )
    assert page.status == 200
    refused, kept = page.text.partition("What we have received")[::2]
    assert "<title>Please correct: " in refused
    assert "We cannot open this kind of file" in refused.partition("What we could not use")[2]
    assert "Kbis" in kept
    assert "docx" not in page.text
    assert [one.piece for one in await papers(desk)] == ["kbis"]


async def test_looking_at_the_page_changes_nothing(desk: DeskUnderTest, visitor: Client) -> None:
    """However often a scanner fetches it (T9)."""
    before = await asked(desk)
    for _ in range(3):
        assert (await get(visitor, path(desk))).status == 200
    assert await desk.desk.store.get(Case, CASE) == before


async def test_a_case_that_was_not_asked_has_no_page(desk: DeskUnderTest, visitor: Client) -> None:
    """A stranger's address and one of a case without a question read the same (T15)."""
    await desk.keep(SHOP, asked_case())
    assert (await get(visitor, path(desk))).status == (await get(visitor, "/documents/nonsense")).status == 410


@pytest.mark.parametrize("foreign", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_files_from_another_site_are_refused(
    desk: DeskUnderTest, visitor: Client, foreign: dict[str, str]
) -> None:
    """CSRF: the guards of every form hold for one with files."""
    await asked(desk)
    form = FormData({"token": token_of(await get(visitor, path(desk)))})
    form.add_field("kbis", pdf(), filename="Kbis.pdf")
    assert (await post(visitor, path(desk), form, **foreign)).status == 403
    stale = FormData({"token": "0" * 64})
    stale.add_field("kbis", pdf(), filename="Kbis.pdf")
    assert (await post(visitor, path(desk), stale)).status == 403
    assert await papers(desk) == []


async def test_too_much_at_once_is_refused_before_it_is_read(desk: DeskUnderTest, visitor: Client) -> None:
    """25 MB together; the page says what to do instead (T33)."""
    await asked(desk)
    page = await send(
        *(visitor, path(desk)),
        *((name, b"%PDF-" + bytes(9_000_000), "x.pdf") for name in ("kbis", "identity", "letter")),
    )
    assert page.status == 413
    assert "25 MB at most" in page.text


async def test_a_slow_upload_is_given_up(desk: DeskUnderTest, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that never ends holds a place for a while only."""
    await asked(desk)
    monkeypatch.setattr(forms, "SECONDS_WITH_FILES", 0.05)

    async def endless() -> AsyncIterator[bytes]:
        yield b"--x\r\n"
        await asyncio.sleep(5)

    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await post(visitor, path(desk), endless(), **kind)).status == 408


def test_only_so_many_big_forms_are_read_at_once() -> None:
    """Two of one page's address, eight altogether: each may hold 25 MB."""
    busy = Busy(most=3, most_of_one=2)
    with busy.one("a"), busy.one("a"):
        with pytest.raises(Limited), busy.one("a"):
            pass
        with busy.one("b"), pytest.raises(Limited), busy.one("c"):
            pass
    with busy.one("a"), busy.one("b"), busy.one("c"):
        pass


async def test_a_page_after_the_end_says_no_more_than_that(desk: DeskUnderTest, visitor: Client) -> None:
    """Refused in doubt or for any other reason, it reads the same (T21)."""
    await asked(desk)
    await decide.act(desk.desk, CASE, "refuse", AYSE, None, decide.Answers(reason="documents_in_doubt"))
    page = await get(visitor, path(desk))
    assert page.status == 410
    assert "doubt" not in page.text


HEAD = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"


def test_a_form_with_files_is_taken_apart() -> None:
    """Values, files and fields left empty; a file may hold anything, line ends and dashes too."""
    file = b'--x\r\nContent-Disposition: form-data; name="kbis"; filename="K \xc3\xa9.pdf"\r\nContent-Type: a/b\r\n\r\n'
    none = b'--x\r\nContent-Disposition: form-data; name="letter"; filename=""\r\n\r\n'
    sent = parts(HEAD + b"1\r\n" + file + b"%PDF\r\n\r\n--y--\r\n\r\n" + none + TAIL, b"x")
    assert sent.fields == {"a": "1"}
    assert sent.files == (("kbis", "K é.pdf", b"%PDF\r\n\r\n--y--\r\n"),)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"x" * 100,
        HEAD + b"1",
        b"before" + HEAD + b"1" + TAIL,
        HEAD + b"1\r\n" + HEAD + b"2" + TAIL,
        HEAD + b"\xff" + TAIL,
        HEAD + b"1" * 5000 + TAIL,
        HEAD * 50 + TAIL,
        b'--x\r\nContent-Disposition: form-data; name="a b"\r\n\r\n1' + TAIL,
        b"--x\r\nContent-Disposition: attachment\r\n\r\n1" + TAIL,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nX: ' + b"y" * 3000 + b"\r\n\r\n1" + TAIL,
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\n1' + TAIL,
        b'--x\r\nContent-Disposition: form-data; name="a"' + TAIL,
    ],
)
def test_what_no_browser_sends_is_refused(raw: bytes) -> None:
    """Nested, doubled, endless, cut or garbled: 400, and nothing is read twice (T33)."""
    with pytest.raises(Exception, match="Bad Request"):
        parts(raw, b"x")


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=----WebKitFormBoundaryAbc", b"----WebKitFormBoundaryAbc"),
        ('multipart/form-data; boundary="a b"', None),
        ("multipart/form-data", None),
        ("multipart/mixed; boundary=x", None),
        ("application/x-www-form-urlencoded", None),
        ("multipart/form-data; boundary=" + "x" * 71, None),
    ],
)
def test_the_boundary_is_a_plain_one(content_type: str, boundary: bytes | None) -> None:
    """Of 1 to 70 plain characters (RFC 2046, 5.1.1)."""
    assert boundary_of(content_type) == boundary
