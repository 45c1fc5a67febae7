"""The process that opens one file a customer sent, and ends: whatever the file does, it does to this process alone.

It has no environment and no keys, and before it reads the first byte it gives up, for good, the right to open a file or
a socket, to start a process, and to more time and memory than one file is worth (T33). Only `handlers.files.inspection`
starts it; nothing else imports this module, or the libraries that parse what strangers made.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import msgspec
import pi_heif
import pypdfium2
from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin
from pypdfium2 import raw as pdfium

from handlers.files.pages import HEIGHT, MOST_IMAGES, WIDTH, Answer, Code, Task
from handlers.rules.files import PAGES, PIXELS

QUALITY = 80
CLOSEST = 4.0  # 288 dots per inch: a tiny page is not blown up further
FORMATS = {"image/jpeg": ["JPEG"], "image/png": ["PNG"], "image/webp": ["WEBP"], "image/heic": ["HEIF"]}
LOCKED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
# Loaded here, because later nothing can be: photographs in several pictures, orientation, WebP.
LOADED = (MpoImagePlugin, TiffImagePlugin, WebPImagePlugin)


class _Fault(Exception):
    """What is wrong with the file."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def serve() -> None:
    """Read a task and a file from standard input, answer on standard output; the process's whole life."""
    prepare()
    task = msgspec.json.decode(sys.stdin.buffer.readline(), type=Task)
    confine(task)
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer(task, sys.stdin.buffer.read())))


def prepare() -> None:
    """Load what will be needed, as long as files can be opened."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # ours is stricter, and an error instead of a warning
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def confine(task: Task) -> None:
    """Give up what no file needs, for good: as hard limits, which only a privileged process could raise again."""
    seconds, memory = task.limits.seconds, task.limits.memory
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # No memory image of an identity paper on disk, no file, no socket.
    for what in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE):
        resource.setrlimit(what, (0, 0))
    if task.type != "image/heic":  # libheif aborts without threads of its own, and to the kernel they are processes
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def answer(task: Task, content: bytes) -> Answer:
    """What the file holds, or what is wrong with it."""
    try:
        return _pdf(content, task.render) if task.type == "application/pdf" else _image(content, task)
    except _Fault as fault:
        return Answer(fault=fault.code)
    except Exception:  # parsers of broken files raise whatever they like; out of memory is among it
        return Answer(fault="unreadable")


def _pdf(content: bytes, render: bool) -> Answer:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise _Fault("encrypted" if error.err_code in LOCKED else "unreadable") from error
    document.init_forms()  # what a customer typed into a form is drawn, too
    if len(document) > PAGES:
        raise _Fault("too_many_pages")
    images = tuple(_drawn(document))  # always in full size, so that what was taken can be shown
    if not images:
        raise _Fault("unreadable")
    if sum(len(image) for image in images) > MOST_IMAGES:
        raise _Fault("too_many_pixels")
    return Answer(pages=len(images), images=images if render else ())


def _drawn(document: pypdfium2.PdfDocument) -> Iterator[bytes]:
    for number in range(len(document)):
        page = document[number]
        width, height = (max(side, 1.0) for side in page.get_size())
        bitmap = page.render(scale=min(WIDTH / width, HEIGHT / height, CLOSEST))
        yield _jpeg(bitmap.to_pil())
        bitmap.close()
        page.close()


def _image(content: bytes, task: Task) -> Answer:
    image = Image.open(BytesIO(content), formats=FORMATS[task.type])
    pixels = image.width * image.height
    if pixels > PIXELS:
        raise _Fault("too_many_pixels")
    image.draft(None, (HEIGHT, HEIGHT))
    image.load()
    if image.width * image.height > PIXELS:  # a HEIC's header and its picture may differ
        raise _Fault("too_many_pixels")
    made = _jpeg(image)  # always, so that what was taken can be shown
    return Answer(pages=1, pixels=pixels, images=(made,) if task.render else ())


def _jpeg(image: Image.Image) -> bytes:
    """The picture anew, upright, on white, without a word of what else was in the file."""
    flat = _flat(image)
    flat.thumbnail((HEIGHT, HEIGHT))
    with suppress(Exception):  # a broken note on orientation is none
        flat = ImageOps.exif_transpose(flat)
    flat.thumbnail((WIDTH, HEIGHT))
    flat.info.clear()  # a JPEG's comment would travel along
    made = BytesIO()
    flat.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _flat(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        return image.point(lambda value: value * (1 / 256)).convert("RGB")  # 16 bits of grey; convert() alone cuts
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGB", image.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    white.info.update(image.info)
    return white
