"""The forms that mail programs give an answer: plain text and HTML, as they send them."""

# ruff: noqa: E501 (mails have long lines)

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from html import escape
from typing import NamedTuple

from tests.mailin.reply_words import (
    ATTRIBUTIONS,
    AVAST,
    BODIES,
    DEVICES,
    FORWARDED,
    HEADERS,
    NOTICES,
    OLD,
    ORIGINAL,
    OTHER_HEADERS,
    OTHERS,
    Body,
)  # fmt: skip

NAME, ADDRESS = "Support Lantern", "support@lantern.example"
FILLED = {"n": NAME, "a": ADDRESS, "w": "Marie Durand <marie@clients.example>", "s": "Re: Lantern"}
RULE = "_" * 32


class Reply(NamedTuple):
    """An answer: its name, what it consists of, and what of it is shown."""

    name: str
    expected: str
    plain: str = ""
    html: str = ""
    charset: str = "utf-8"
    encoding: str = "quoted-printable"
    parameters: str = ""
    subject: str = "Re: Lantern"
    answers: bool = True


def marked(text: str) -> str:
    """Quoted as plain text is."""
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def divs(text: str) -> str:
    """Lines as webmails write them."""
    return "".join(
        f"<div>{escape(line, quote=False)}</div>" if line else "<div><br></div>" for line in text.split("\n")
    )


def breaks(text: str) -> str:
    """Lines with `<br>` between them."""
    return "<br>".join(escape(line, quote=False) for line in text.split("\n"))


def words(text: str) -> str:
    """Paragraphs as Word writes them: an empty one between two, and breaks for lines."""
    paragraphs = (escape(text, quote=False).replace("\n", "<br>") for text in text.split("\n\n"))
    return '<p class="MsoNormal"><o:p>&nbsp;</o:p></p>\n'.join(
        f'<p class="MsoNormal">{paragraph}<o:p></o:p></p>\n' for paragraph in paragraphs
    )


def announced(program: str, language: str) -> str:
    """The line above a quote."""
    return ATTRIBUTIONS[program][language].format(**FILLED)


def headed(program: str, language: str) -> str:
    """The headers above a quote."""
    return HEADERS[program][language].format(**FILLED)


def gmail(body: Body, language: str) -> Iterator[Reply]:
    """Gmail on the web: both parts; the plain one wrapped."""
    line = announced("gmail", language)
    plain = f"{body.typed}\n\n{line}\n\n{marked(OLD[language])}\n>\n"
    html = (
        f'<div dir="ltr">{divs(body.typed)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
        f'{escape(line.replace(chr(10), " "))}<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;'
        f'border-left:1px solid rgb(204,204,204);padding-left:1ex">{divs(OLD[language])}</blockquote></div>\n'
    )
    yield Reply(f"gmail-{body.name}", body.expected, plain, html)
    yield Reply(f"gmail-html-{body.name}", body.expected, html=html, encoding="base64")


def apple(body: Body, language: str) -> Iterator[Reply]:
    """Apple Mail and iPhone."""
    line, device = announced("apple", language), DEVICES["iphone"][language]
    yield Reply(
        f"iphone-{body.name}",
        body.expected,
        f"{body.typed}\n\n{device}\n\n{marked(line)}\n> \n{marked(OLD[language])}\n",
    )
    yield Reply(f"applemail-{body.name}", body.expected, f"{body.typed}\n\n{line}\n\n{marked(OLD[language])}\n")
    html = (
        f'<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">{divs(body.typed)}'
        f'<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{escape(device)}</div><div dir="ltr"><br><blockquote type="cite">'
        f'{escape(line)}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">﻿{divs(OLD[language])}</div></blockquote></body></html>'
    )
    yield Reply(f"iphone-html-{body.name}", body.expected, html=html)


def thunderbird(body: Body, language: str) -> Iterator[Reply]:
    """Thunderbird: flowed text, the answer above; HTML with its citation prefix."""
    line = announced("thunderbird", language)
    yield Reply(
        f"thunderbird-{body.name}",
        body.expected,
        f"{body.typed}\n\n{line}\n{marked(OLD[language])}\n",
        parameters="; format=flowed",
        encoding="8bit",
    )
    yield Reply(
        f"thunderbird-below-{body.name}",
        body.expected,
        f"{line}\n{marked(OLD[language])}\n\n{body.typed}\n",
        encoding="8bit",
    )
    html = (
        f'<!DOCTYPE html><html><body><p>{breaks(body.typed)}</p><div class="moz-cite-prefix">{escape(line)}<br></div>'
        f'<blockquote type="cite" cite="mid:1@lantern.example">{divs(OLD[language])}</blockquote><div class="moz-signature">-- <br>Marie</div></body></html>'
    )
    yield Reply(f"thunderbird-html-{body.name}", body.expected, html=html)


def outlook(body: Body, language: str) -> Iterator[Reply]:
    """Outlook: Word's HTML, the web, phones, and plain text."""
    head, old = headed("outlook", language), OLD[language]
    bold = "<br>".join(
        f"<b>{escape(line.partition(':')[0])}:</b>{escape(line.partition(':')[2])}" for line in head.split("\n")
    )
    word = (
        f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><!--[if gte mso 9]><xml>x</xml><![endif]--></head><body lang="FR"><div class="WordSection1">'
        f'{words(body.typed)}<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
        f"{bold}<o:p></o:p></p></div></div>{words(old)}</div></body></html>"
    )
    web = (
        f'<html><body><div class="elementToProof" style="font-family:Calibri">{breaks(body.typed)}</div><div id="appendonsend"></div>'
        f'<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font>{bold}</font><div>&nbsp;</div></div>{divs(old)}</body></html>'
    )
    yield Reply(f"outlook-word-{body.name}", body.expected, html=word)
    yield Reply(f"outlook-web-{body.name}", body.expected, html=web)
    doubled = body.typed.replace("\n\n", "\n \n")
    yield Reply(
        f"outlook-plain-{body.name}",
        body.expected,
        f"{doubled}\n \n{head}\n\n{old}\n",
        charset="windows-1254" if language == "tr" and "😕" not in body.typed else "utf-8",
    )
    phone = f"{body.typed}\n\n{DEVICES['outlook'][language]}<https://aka.ms/o0ukef>\n{RULE}\n{head}\n\n{old}\n"
    yield Reply(f"outlook-phone-{body.name}", body.expected, phone, encoding="base64")
    stars = "\n".join(f"*{line.partition(':')[0]}:*{line.partition(':')[2]}" for line in head.split("\n"))
    yield Reply(f"outlook-stars-{body.name}", body.expected, f"{body.typed}\n\n\n\n{stars}\n\n\n\n{old}\n")
    yield Reply(
        f"windows-mail-{body.name}",
        body.expected,
        f"{body.typed}\n\n{DEVICES['windows'][language]}\n\n{head.replace(f'<{ADDRESS}>', f'<mailto:{ADDRESS}>')}\n\n{old}\n",
    )


def webmails(body: Body, language: str) -> Iterator[Reply]:
    """Yahoo, Yandex, Proton, Roundcube, Horde, Zimbra, Orange, GMX."""
    old = OLD[language]
    yield Reply(
        f"yahoo-{body.name}",
        body.expected,
        f" {body.typed}\n\n    {announced('yahoo', language)}  \n \n {old}  ".replace("\n\n ", "\n\n"),
        encoding="base64",
    )
    yahoo = (
        f'<html><head></head><body><div class="ydp1yahoo-style-wrap" style="font-family:Helvetica">{divs(body.typed)}</div>'
        f'<div id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div style="color:#26282a;"><div>{escape(announced("yahoo", language))}</div><div><br></div>{divs(old)}</div></div></body></html>'
    )
    yield Reply(f"yahoo-html-{body.name}", body.expected, html=yahoo)
    yandex = f"<div>{divs(body.typed)}</div><div> </div><div>{escape(announced('yandex', language))}</div><blockquote>{divs(old)}</blockquote>"
    yield Reply(f"yandex-{body.name}", body.expected, html=yandex, encoding="base64")
    yield Reply(
        f"proton-{body.name}",
        body.expected,
        f"{body.typed}\n\n{DEVICES['proton'][language]}\n\n{announced('proton', language)}\n\n{marked(old)}\n",
    )
    proton = f"{body.typed}\n\n\n{DEVICES['proton'][language]}\n------- Original Message -------\n{announced('proton', language)}\n\n\n{marked(old)}\n"
    yield Reply(f"proton-original-{body.name}", body.expected, proton)
    yield Reply(
        f"roundcube-{body.name}",
        body.expected,
        f"{body.typed}\n\n{announced('roundcube', language)}:\n{marked(old)}\n".replace("::", ":"),
    )
    intro = f'<p>{breaks(body.typed)}</p><p id="reply-intro">{escape(announced("roundcube", language))}</p><blockquote type="cite" style="padding:0 0.4em;border-left:#1010ff 2px solid">{divs(old)}</blockquote>'
    yield Reply(f"roundcube-html-{body.name}", body.expected, html=intro)
    below = f'<p id="reply-intro">{escape(announced("roundcube", language))}</p><blockquote type="cite">{divs(old)}</blockquote><p>{breaks(body.typed)}</p>'
    yield Reply(f"roundcube-below-{body.name}", body.expected, html=below)
    yield Reply(
        f"horde-{body.name}", body.expected, f"{announced('horde', language)}\n\n{marked(old)}\n\n{body.typed}\n"
    )
    zimbra = {
        "fr": "----- Mail original -----",
        "en": "----- Original Message -----",
        "tr": "----- Orijinal Mesaj -----",
    }[language]
    yield Reply(
        f"zimbra-{body.name}", body.expected, f"{body.typed}\n\n{zimbra}\n{headed('zimbra', language)}\n\n{old}\n"
    )
    zwchr = f'<div style="font-family:arial">{divs(body.typed)}<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">{breaks(headed("zimbra", language))}</div><div data-marker="__QUOTED_TEXT__">{divs(old)}</div></div>'
    yield Reply(f"zimbra-html-{body.name}", body.expected, html=zwchr)
    yield Reply(
        f"orange-{body.name}",
        body.expected,
        f"{body.typed}\n\n\n\n\n{headed('orange', language)}\n> \n> \n{marked(old)}\n",
        charset="utf-8",
    )
    gmx = f'<div>{divs(body.typed)}<div name="quote" style="margin:10px 5px 5px 10px;padding:10px 0 10px 10px;border-left:2px solid #C3D9E5;"><div>{breaks(headed("gmx", language))}</div><div name="quoted-content">{divs(old)}</div></div></div>'
    yield Reply(f"gmx-html-{body.name}", body.expected, html=gmx)
    yield Reply(f"gmx-{body.name}", body.expected, f"{body.typed}\n\n{headed('gmx', language)}\n\n{old}\n")


def phones(body: Body, language: str) -> Iterator[Reply]:
    """Samsung, Huawei, K-9, Spark, Yahoo on phones."""
    old, head = OLD[language], headed("android", language)
    yield Reply(
        f"samsung-{body.name}",
        body.expected,
        f"{body.typed}\n\n\n\n{DEVICES['samsung'][language]}\n\n\n-------- {ORIGINAL[language]} --------\n{head}\n\n{old}\n",
        encoding="base64",
    )
    yield Reply(
        f"huawei-{body.name}",
        body.expected,
        f"{body.typed}\n\n{DEVICES['huawei'][language]}\n\n\n-------- {ORIGINAL[language]} --------\n{head}\n\n{old}\n",
    )
    yield Reply(
        f"k9-{body.name}",
        body.expected,
        f"{body.typed}\n-- \n{DEVICES['k9'][language]}\n\n{announced('k9', language)}\n\n{marked(old)}\n",
    )
    k9 = f'<html><body><div dir="auto">{breaks(body.typed)}</div><br><div class="gmail_quote"><div dir="auto">{escape(announced("k9", language))}</div><blockquote class="gmail_quote" style="margin:0pt 0pt 0pt 0.8ex">{breaks(old)}</blockquote></div></body></html>'
    yield Reply(f"k9-html-{body.name}", body.expected, html=k9)
    spark = f'<html><body><div name="messageBodySection"><div dir="auto">{breaks(body.typed)}</div></div><div name="messageSignatureSection"><br>Spark</div><div name="messageReplySection">{escape(announced("spark", language))}<br><blockquote type="cite">{breaks(old)}</blockquote></div></body></html>'
    yield Reply(f"spark-{body.name}", body.expected, html=spark)
    line = announced("yahoo", language)
    yield Reply(
        f"yahoo-phone-{body.name}",
        body.expected,
        f"{body.typed}\n\n{DEVICES['yahoo'][language]} \n \n  {line}   {' '.join(old.split())}  ",
    )


def mixtures(body: Body, language: str) -> Iterator[Reply]:
    """Interleaved answers, notices and advertisements, mails passed on, answers in the middle."""
    old = OLD[language]
    line, first = announced("gmail", language), old.split("\n")[0]
    yield Reply(
        f"interleaved-{body.name}",
        f"OK\n\n{body.expected}",
        f"{line}\n\n> {first}\n\nOK\n\n{marked(old[len(first) + 2 :])}\n\n{body.typed}\n",
    )
    inner = f'<div dir="ltr"><div dir="ltr"><br></div><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{escape(line)}<br></div><blockquote class="gmail_quote">{escape(first)}</blockquote><div>OK</div><blockquote class="gmail_quote">{divs(old)}</blockquote>{divs(body.typed)}</div></div>'
    yield Reply(f"interleaved-html-{body.name}", f"OK\n\n{body.expected}", html=inner)
    yield Reply(
        f"notice-{body.name}",
        body.expected,
        f"{body.typed}\n\n{NOTICES[language]}\n\n{headed('outlook', language)}\n\n{old}\n",
    )
    yield Reply(f"avast-{body.name}", body.expected, f"{body.typed}\n\n{AVAST[language]}\n\n{line}\n\n{marked(old)}\n")
    fwd = f"---------- {FORWARDED[language]} ---------\n{headed('android', language)}\n\n\n{old}\n"
    yield Reply(f"forward-{body.name}", body.expected, f"{body.typed}\n\n{fwd}", subject="Fwd: Lantern", answers=False)
    yield Reply(
        f"wrapped-{body.name}",
        body.expected,
        f"{body.typed}\n\n{textwrap.fill(line.replace(chr(10), ' '), 40)}\n\n{marked(old)}\n",
    )


PROGRAMS: tuple[Callable[[Body, str], Iterator[Reply]], ...] = (
    gmail,
    apple,
    thunderbird,
    outlook,
    webmails,
    phones,
    mixtures,
)


def foreign() -> Iterator[Reply]:
    """Answers in other languages."""
    for language, (own, line) in OTHERS.items():
        yield Reply(f"other-{language}", own, f"{own}\n\n{line.format(**FILLED)}\n\n{marked(OLD['en'])}\n")
        if "<{a}>" in line:
            yield Reply(f"other-unmarked-{language}", own, f"{own}\n\n{line.format(**FILLED)}\n\n{OLD['en']}\n")
    for language, (own, head) in OTHER_HEADERS.items():
        yield Reply(f"other-headers-{language}", own, f"{own}\n\n{head.format(**FILLED)}\n\n{OLD['en']}\n")


def replies() -> Iterator[Reply]:
    """Every answer of the corpus; its name begins with its language. Bodies take turns, so that it stays small."""
    turn = 0
    for language, bodies in BODIES.items():
        for program in PROGRAMS:
            for reply in range(len(list(program(bodies[0], language)))):
                for step in range(2):
                    body = bodies[(turn + step * 2) % len(bodies)]
                    yield list(program(body, language))[reply]._replace(
                        name=f"{language}-{list(program(body, language))[reply].name}"
                    )
                turn += 1
    yield from foreign()
