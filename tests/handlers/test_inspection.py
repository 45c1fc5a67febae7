"""Documents are opened in a process of their own: what comes back is pages, or a word on what is wrong (T33)."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from handlers.files.inspection import Allowance, Inspected, Inspector, Unreadable
from handlers.files.pages import HEIGHT, WIDTH, Code, Limits
from handlers.rules.files import FILE_BYTES, PAGES
from tests.handlers.papers import HEIC, encrypted_pdf, image, large_pdf, pdf, png_of, slow_pdf
from tests.waiting import until

GOOD = {
    "application/pdf": pdf(2, b"1 0 0 rg 0 0 595 842 re f"),
    "image/jpeg": image("JPEG"),
    "image/png": image("PNG"),
    "image/webp": image("WEBP", lossless=True),
    "image/heic": HEIC,
}


def opened(page: bytes) -> Image.Image:
    """A page that was made."""
    return Image.open(BytesIO(page), formats=["JPEG"])


def is_red(page: bytes) -> bool:
    """Whether the middle of the page is red."""
    picture = opened(page)
    red, green, blue = picture.getpixel((picture.width // 2, picture.height // 2))  # type: ignore[misc]
    return bool(red > 180 and green < 60 and blue < 60)


@pytest.mark.parametrize("type", GOOD)
async def test_every_type_we_take_is_opened_and_shown(type: str) -> None:
    """Five types, each told by its content, each a red page in the end."""
    inspector, content = Inspector(), GOOD[type]
    found = await inspector.inspect(content)
    pages = await inspector.render(content)
    assert (found.type, found.pages) == (type, len(pages))
    assert all(map(is_red, pages))


async def test_pages_and_pixels_are_counted() -> None:
    """A PDF has pages, an image has pixels."""
    assert await Inspector().inspect(pdf(PAGES)) == Inspected(type="application/pdf", pages=PAGES, pixels=0)
    assert await Inspector().inspect(image("PNG", (70, 30))) == Inspected(type="image/png", pages=1, pixels=2100)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"%PDF-" + bytes(FILE_BYTES), "too_large"),
        (b"<html><script>alert(1)</script>", "wrong_type"),
        (b"PK\x03\x04 a docx", "wrong_type"),
        (b"GIF89a", "wrong_type"),
        (b"%PDF-1.7 <html><script>alert(1)</script>", "unreadable"),
        (pdf()[:300], "unreadable"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 100, "unreadable"),
        (pdf(0), "unreadable"),
        (encrypted_pdf(), "encrypted"),
        (pdf(PAGES + 1), "too_many_pages"),
        (pdf(10_000), "too_many_pages"),
        (png_of(7000, 7000), "too_many_pixels"),
        (png_of(2_000_000_000, 2_000_000_000), "too_many_pixels"),
        (png_of(6000, 6000), "unreadable"),
        (image("JPEG", (900, 900))[:-300], "unreadable"),
        (image("PNG", (900, 900))[:-60], "unreadable"),
        (image("WEBP")[:-20], "unreadable"),
        (HEIC[:-20], "unreadable"),
        (b"\xff\xd8\xff\xe0" + image("PNG"), "unreadable"),
        (b"\x89PNG\r\n\x1a\n" + image("JPEG"), "unreadable"),
        (b"\0\0\0\x18ftypheic" + b"\xff" * 400, "unreadable"),
    ],
    ids=range(22),
)
async def test_what_cannot_be_taken_is_told_with_its_reason(content: bytes, code: Code) -> None:
    """Bombs, cut files, two types in one, a page of HTML: none is opened, each has its word for the customer."""
    for looks in (Inspector().inspect, Inspector().render):
        with pytest.raises(Unreadable) as refused:
            await looks(content)
        assert refused.value.code == code


@pytest.mark.parametrize("box", ["0 0 14400 14400", "0 0 1 14400", "0 0 100000000 3", "0 0 0 0", "9 9 nan 1e99", ""])
async def test_no_page_is_larger_than_staff_need(box: str) -> None:
    """A page of two hundred feet, or of none, becomes one that fits."""
    [page] = await Inspector().render(pdf(box=box))
    width, height = opened(page).size
    assert 0 < width <= WIDTH + 1
    assert 0 < height <= HEIGHT + 1


async def test_a_photograph_is_shown_upright_and_small() -> None:
    """The telephone's note on how it was held is followed, and left behind."""
    turned = Image.Exif()
    turned[0x0112] = 6
    [page] = await Inspector().render(image("JPEG", (4000, 3000), exif=turned))
    assert opened(page).size == (1600, 2133)
    assert not opened(page).getexif()


async def test_nothing_of_the_original_travels_along() -> None:
    """No place where it was taken, no comment, no profile, no second file behind the first (T33)."""
    place = Image.Exif()
    place[0x010E] = "at home, 48.85 north"
    hidden = image("JPEG", exif=place, comment=b"a comment", icc_profile=b"a profile") + b"PK\x03\x04 a second file"
    [page] = await Inspector().render(hidden)
    assert all(word not in page for word in (b"at home", b"comment", b"profile", b"second"))


@pytest.mark.parametrize(
    ("content", "color"),
    [
        (image("PNG", mode="RGBA", color=(0, 0, 0, 0)), (255, 255, 255)),
        (image("PNG", mode="I;16", color=40_000), (156, 156, 156)),
        (image("PNG", mode="1", color=1), (255, 255, 255)),
        (image("PNG", mode="P", color=0), (0, 0, 0)),
        (image("JPEG", mode="CMYK", color=(0, 0, 0, 255)), (0, 0, 0)),
        (image("PNG", mode="LA", color=(0, 0)), (255, 255, 255)),
    ],
    ids=["clear", "sixteen-bits", "fax", "palette", "print", "clear-grey"],
)
async def test_every_kind_of_picture_comes_out_as_it_looks(content: bytes, color: tuple[int, int, int]) -> None:
    """What is transparent lies on white, what a scanner wrote in sixteen bits is not white."""
    [page] = await Inspector().render(content)
    shown = opened(page).getpixel((5, 5))
    assert isinstance(shown, tuple)
    assert all(abs(one - other) < 4 for one, other in zip(shown, color, strict=True))


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    """The kernel ends the process when the processor's time is used up; the next file is opened."""
    inspector = Inspector(Limits(seconds=1), at_once=1)
    with pytest.raises(Unreadable) as refused:
        await inspector.inspect(slow_pdf())
    assert refused.value.code == "too_long"
    assert (await inspector.inspect(image("PNG"))).pages == 1


async def test_a_process_that_answers_nothing_is_ended() -> None:
    """Time by the clock is bounded too, and nothing is left behind."""
    before = children()
    with pytest.raises(Unreadable) as refused:
        await Inspector(Limits(waiting=0.3)).render(slow_pdf())
    assert refused.value.code == "too_long"
    assert children() == before


async def test_a_file_that_eats_memory_is_unreadable() -> None:
    """It gets so much and no more."""
    with pytest.raises(Unreadable) as refused:
        await Inspector(Limits(memory=300_000_000)).render(image("PNG", (6000, 6000), mode="RGBA"))
    assert refused.value.code == "unreadable"


def children() -> set[int]:
    """The pids of the processes this one started and that still run."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


async def test_the_process_has_no_secret_and_no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key in its environment; no file, socket or process can be opened by it, no memory image written."""
    monkeypatch.setenv("DESK_KEYS", "the keys")
    before = children()
    looking = asyncio.create_task(Inspector().inspect(slow_pdf()))
    await until(lambda: bool(children() - before), 10)
    [pid] = children() - before
    await until(lambda: "Max open files            0 " in about(pid, "limits"), 10)
    limits = [line.split()[-3:-1] for line in about(pid, "limits").splitlines() if line.startswith(CLOSED)]
    assert [line[:2] for line in limits] == [["0", "0"]] * len(CLOSED)
    assert "the keys" not in about(pid, "environ")
    os.kill(pid, signal.SIGABRT)
    with pytest.raises(Unreadable, match="unreadable"):
        await looking


CLOSED = ("Max file size", "Max core file size", "Max open files", "Max processes")


def about(pid: int, what: str) -> str:
    """What the kernel says of a process; nothing once it is gone."""
    return Path(f"/proc/{pid}/{what}").read_text()


@pytest.mark.parametrize("attempt", ["open('/etc/hostname')", "open('x', 'w')", "__import__('socket').socket()"])
def test_what_was_given_up_stays_given_up(attempt: str, tmp_path: Path) -> None:
    """Code that runs in the process, whoever wrote it, opens nothing."""
    code = f"""if True:
        import socket
        from handlers.files.pages import Limits, Task
        from handlers.files.rendering import confine
        confine(Task(type="image/png", render=False, limits=Limits()))
        try:
            {attempt}
        except OSError as error:
            raise SystemExit(error.errno)
        """
    assert python(code, cwd=tmp_path).returncode == errno.EMFILE


@pytest.mark.parametrize("type", GOOD)
def test_an_ordinary_user_can_open_documents_too(type: str) -> None:
    """Some limits do not hold for root, and the desk does not run as root."""
    code = f"""if True:
        import os
        from handlers.files.pages import Limits, Task
        from handlers.files.rendering import answer, confine, prepare
        prepare()
        os.geteuid() or os.setuid(65534)
        task = Task(type={type!r}, render=True, limits=Limits())
        confine(task)
        print(answer(task, {GOOD[type]!r}).pages)
        """
    assert python(code).stdout == f"{2 if 'pdf' in type else 1}\n"


def python(code: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Code that ran in a process of its own, with our modules at hand."""
    command = [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}"]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=30)


def test_the_desk_itself_never_loads_a_parser() -> None:
    """What opens strangers' files is not even in the memory that holds the keys."""
    modules = "bot, handlers.files.inspection, handlers.configuration.opening, mailin.worker, portal.app"
    loaded = python(f"import {modules}; print(*sys.modules)").stdout.split()
    assert "mailin.worker" in loaded
    assert {"PIL", "pi_heif", "pypdfium2", "handlers.files.rendering"} & set(loaded) == set()


async def test_many_at_once_wait_for_each_other() -> None:
    """Ten uploads do not start ten processes."""
    before, most = children(), 0
    inspector = Inspector(at_once=2)
    looking = [asyncio.create_task(inspector.inspect(GOOD["image/jpeg"])) for _ in range(6)]
    while not all(task.done() for task in looking):
        most = max(most, len(children() - before))
        await asyncio.sleep(0.005)
    assert [task.result().pages for task in looking] == [1] * 6
    assert most == 2


async def test_T33_an_upload_does_not_wait_for_the_files_of_mails() -> None:
    """T33: anybody can mail; one of the two processes is the customers' on the page, and staff's."""
    inspector = Inspector(at_once=2)
    mailed = [asyncio.create_task(inspector.inspect(slow_pdf(), "mail")) for _ in range(3)]
    await asyncio.sleep(0)
    assert (await inspector.inspect(image("PNG"))).pages == 1
    assert not any(task.done() for task in mailed)
    for task in mailed:
        task.cancel()
    await asyncio.gather(*mailed, return_exceptions=True)


async def test_T33_what_could_not_be_shown_is_not_taken() -> None:
    """T33: a PDF is drawn as large as for staff before it is taken, and in half the time."""
    inspector = Inspector(Limits(seconds=4))
    with pytest.raises(Unreadable) as refused:
        await inspector.inspect(large_pdf())
    assert refused.value.code == "too_long"


async def test_T33_nothing_is_opened_when_the_time_of_a_submission_is_used_up() -> None:
    """T33: and what was opened is taken off it, however it ended."""
    allowance = Allowance(0.5)
    with pytest.raises(Unreadable):
        await Inspector().inspect(slow_pdf(), "mail", allowance)
    assert allowance.left <= 0.01
    with pytest.raises(Unreadable) as refused:
        await Inspector().inspect(image("PNG"), "mail", Allowance(0.0))
    assert refused.value.code == "too_long"
