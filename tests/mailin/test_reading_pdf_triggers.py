"""PDFs that open a web page by themselves, or whose XFA form runs scripts, and those that only have links and forms."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from itertools import accumulate

import pytest

from handlers.rules.files import FILE_BYTES
from mailin.inspection import judged
from tests.mailin.parcels import JPEG, PDF, doing, mail_with
from tests.mailin.reading import read

GOES = b"<< /Type /Action /S /URI /URI (https://collect.example/) >>"
LINK = b"<< /Type /Annot /Subtype /Link /A << /S /URI /URI (https://shop.example/) >> >>"


def objects(*each: bytes, catalog: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 5, and a catalog that says this."""
    told = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(each, 5))
    return PDF.replace(b"/Catalog", b"/Catalog " + catalog).replace(b"trailer", told + b"trailer")


def packed(*each: bytes, catalog: bytes, before: bytes = b"") -> bytes:
    """A PDF whose objects, numbered from 5, lie in an object stream, with the catalog as the last of them."""
    every = [*each, b"<< /Type /Catalog %s >>" % catalog]
    places = [0, *accumulate(len(one) + 1 for one in every[:-1])]
    head = b" ".join(b"%d %d" % (number, place) for number, place in enumerate(places, 5)) + b" " + before
    data = zlib.compress(head + b" ".join(every))
    says = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>" % (len(every), len(head), len(data))
    return b"%PDF-1.7\n4 0 obj\n" + says + b"\nstream\r\n" + data + b"\nendstream\nendobj\n%%EOF\n"


def form(script: bytes, *, pack: Callable[[bytes], bytes] = zlib.compress, says: bytes = b"") -> bytes:
    """A PDF with an XFA form that holds this."""
    told = pack(
        b'<?xml version="1.0"?><xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><template><event>'
        + script + b"</event></template></xdp:xdp>"
    )  # fmt: skip
    stream = b"<< /Length %d /Filter /FlateDecode %s>>\nstream\n" % (len(told), says) + told + b"\nendstream"
    return objects(stream, catalog=b"/AcroForm << /Fields [] /XFA [(template) 5 0 R] >>")


RUNS = b'<script contentType="application/x-javascript">app.launchURL("https://collect.example")</script>'
ACTING: dict[str, bytes] = {
    "a page": doing(b"/S /URI /URI (https://collect.example/)"),
    "a page, the other way round": doing(b"/URI (https://a.example/>>\\)() /S/URI"),
    "a page in numbers": doing(b"/#53 /U#52I /URI (https://collect.example/)"),
    "a page behind a remark": doing(b"/S % >>\n /URI /URI (x)"),
    "a page of another object": objects(GOES, catalog=b"/OpenAction 5 0 R"),
    "a page of another object, in numbers": objects(GOES, catalog=b"/Open#41ction\n5 % x\n 0 R"),
    "a page after a place": doing(b"/S /GoTo /D [3 0 R /Fit] /Next << /S /URI /URI (x) >>"),
    "a page after another object": objects(b"<< /S /GoTo /Next [6 0 R] >>", GOES, catalog=b"/OpenAction 5 0 R"),
    "a page of a page": objects(b"<< /Type /Page /AA << /O 6 0 R >> >>", GOES),
    "a page of what is on a page": objects(b"<< /Subtype /Widget /AA << /PV << /S /URI /URI (x) >> >> >>"),
    "a page in an object stream": packed(catalog=b"/OpenAction " + GOES),
    "a page as a packed object": packed(LINK, GOES, LINK, catalog=b"/OpenAction 6 0 R"),
    "a page as a packed object behind much": packed(GOES, catalog=b"/OpenAction 5 0 R", before=b" " * 3000),
    "a page as a packed object of a long dictionary": packed(GOES, catalog=b"/OpenAction 5 0 R").replace(
        b"/Filter", b" " * 5000 + b"/Filter"
    ),
    "a page as an object that is not packed": packed(catalog=b"/OpenAction 9 0 R") + b"9 0 obj " + GOES + b" endobj",
    "a form": form(RUNS),
    "a form in capitals": form(RUNS.replace(b"<script", b"<x:SCRIPT").replace(b"</script", b"</x:SCRIPT")),
    "a form that is not packed": form(RUNS, pack=bytes),
    "a form in UTF-16": form(RUNS, pack=lambda text: zlib.compress(text.decode().encode("utf-16"))),
    "a form with a wrong sum": form(RUNS, pack=lambda text: zlib.compress(text)[:-4] + b"1234"),
    "a form in raw text": form(b"<script><![CDATA[app.alert(1)]]></script>"),
    "a form packed oddly": form(RUNS, pack=lambda text: text.hex().encode(), says=b"/Filter /ASCIIHexDecode "),
    "a form behind a long text": form(b" " * 300_000 + RUNS),
    "a form told in an object stream": packed(catalog=b"/XFA 9 0 R") + form(RUNS).replace(b"/XFA", b"/X"),
    "more than can be looked into": b"%PDF-1.7\n" + b"/O<</A<<>>" * 100_000,
    "an action without end": doing(b"/S /GoTo /X (" + b" " * 9000 + b")"),
}  # fmt: skip


@pytest.mark.parametrize("content", ACTING.values(), ids=ACTING.keys())
def test_T33_a_pdf_that_acts_when_it_is_opened_is_dangerous(content: bytes) -> None:
    """It opens a web page, or its form runs scripts, wherever that is told (T33)."""
    found = judged("kbis.pdf", "application/pdf", content)
    assert found.verdict == "dangerous"
    assert found.why


IDLE: dict[str, bytes] = {
    "links": objects(LINK, LINK, GOES, b"<< /Subtype /Link /A 7 0 R >>"),
    "links in an object stream": packed(LINK, GOES, b"<< /S /GoTo /D [3 0 R /Fit] >>", catalog=b"/OpenAction 7 0 R"),
    "a place to begin": objects(LINK, catalog=b"/OpenAction [5 0 R /XYZ null null 0]"),
    "a place to begin, as an action": objects(b"<< /S /GoTo /D [6 0 R /Fit] >>", LINK, catalog=b"/OpenAction 5 0 R"),
    "a base for links": PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /GoTo /D [] >> /URI << /Base (x) >>"),
    "a bookmark that is a link": objects(b"<< /Title (a) /A << /S /URI /URI (x) >> /Next 6 0 R >>", LINK),
    "a form": objects(b"<< /FT /Tx /T (name) /V (Marie) >>", catalog=b"/AcroForm << /Fields [5 0 R] >>"),
    "a form of XML without script": form(b'<text>script</text><script contentType="application/x-javascript"/>'),
    "a form of XML with an empty script": form(b"<script>\n</script>"),
    "a form of XML and a picture": form(b"<a/>") + b"9 0 obj stream\r\n" + zlib.compress(bytes(range(256)) * 90_000),
    "layers": objects(LINK, catalog=b"/OCProperties << /OCGs [] /D << /Order [] >> >> /O /Layout"),
}


@pytest.mark.parametrize("content", IDLE.values(), ids=IDLE.keys())
def test_a_pdf_with_links_and_forms_is_a_document(content: bytes) -> None:
    """Nothing happens until somebody clicks."""
    found = judged("kbis.pdf", "application/pdf", content)
    assert (found.verdict, found.why) == ("plausible", "")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "beginnings": lambda: b"%PDF-1.7\n" + b"/O 5 0 R" * 1_200_000,
    "dictionaries": lambda: b"%PDF-1.7\n/OpenAction" + b"<<" * 5_000_000,
    "strings": lambda: b"%PDF-1.7\n" + b"/O<<(((" * 1_400_000,
    "chains": lambda: objects(*(b"<< /Next %d 0 R >>" % at for at in range(6, 90_000)), catalog=b"/O 5 0 R"),
    "numbers": lambda: b"%PDF-1.7\n/O 5 0 R /O 51 0 R /O 511 0 R" + b"5 " * 4_900_000,
    "remarks": lambda: b"%PDF-1.7\n/O 5 0 R/O" + b"% \n" * 3_300_000,
    "streams": lambda: b"%PDF-1.7\n/XFA " + b"stream\r\n" * 1_200_000,
    "packed streams": lambda: b"%PDF-1.7\n/XFA " + (b"stream\r\n" + zlib.compress(b"<a>" * 300_000)) * 5000,
    "scripts": lambda: form(b"<script " * 1_900_000),
    "empty scripts": lambda: form(b"<script>" * 1_900_000),
    "blanks": lambda: form(b"<script>" + b" " * 15_000_000),
    "an object stream of numbers": lambda: packed(*[b"<<>>"] * 200_000, GOES, catalog=b""),
}  # fmt: skip


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_T33_a_hostile_pdf_costs_little(make: Callable[[], bytes]) -> None:
    """Actions are followed, and forms unpacked, within the bounds of the mail (T33)."""
    content = make()
    started = time.process_time()
    judged("x", "application/pdf", content)
    assert time.process_time() - started < 1.0


def test_a_file_too_big_to_be_looked_into_whole_says_so() -> None:
    """What may act in the part that nobody saw is not called plausible; a picture is, and what is seen still tells."""
    blanks = b" " * FILE_BYTES
    files = [("kbis.pdf", "application/pdf", PDF + blanks), ("cni.jpg", "image/jpeg", JPEG + blanks)]
    plain, picture = read(mail_with(*files).as_bytes()).attachments
    assert (plain.verdict, plain.why) == ("unknown", "too big to be looked into whole")
    assert (picture.verdict, picture.why) == ("plausible", "")
    acts = doing(b"/S /JavaScript") + blanks
    (acting,) = read(mail_with(("kbis.pdf", "application/pdf", acts)).as_bytes()).attachments
    assert (acting.verdict, acting.why) == ("dangerous", "the PDF runs JavaScript")
