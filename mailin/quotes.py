"""What the writer wrote, without the mail it answers, the signature and the legal notice, in French, English and Turkish.

`mail-parser-reply` has no Turkish and misses French typography, so the headers of quotes are known here: one attribution
line per language (wrapped or not), and the header blocks and separators of Outlook, Apple Mail, Orange, Yahoo and phones.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mailin.text import fold, tidy

LINE_LENGTH = 600
WRAPPED = 4  # lines an attribution may be wrapped over

# All patterns meet folded text: lower case, no accents, Turkish dotless i as i.
DATED = r"(?=.*\d)"
ATTRIBUTION = re.compile(
    rf"{DATED}(?:le|on|el|am|il|op)\b.{{4,400}}\b(?:a ecrit|ont ecrit|wrote|schrieb|escribio|ha scritto|schreef)\s*(?:<?\S*>?)?\s*:"
    rf"|{DATED}.{{0,400}}\b(?:sunu|sunlari|asagidakileri)?\s*(?:yazdi|yazmis|yazdilar)\s*(?:\([^()]{{4,60}}\))?\s*:"
    rf"|{DATED}.{{2,200}}(?:<[^<>]{{3,200}}@[^<>]{{3,200}}>|\[mailto:[^\]]{{3,200}}\])\s*(?:a ecrit|wrote|yazdi)?\s*:"
    r"|.{2,120}(?:<[^<>]{3,200}@[^<>]{3,200}>)?\s+(?:a ecrit|wrote|sunu yazdi|sunlari yazdi)\s*:"
)
ATTRIBUTION_START = re.compile(r"(?:le|on)\b.{0,60}\d|\d{1,4}[ ./-].{2,}|.{0,120}<[^<>]*@.*|.{0,200}\b(?:19|20)\d\d\b")
SEPARATOR = re.compile(
    r"[-_=*]{2,}\s*(?:original message|message d'origine|message original|message transfere|forwarded message|reply message"
    r"|courriel original|(?:orijinal|ozgun|orjinal) (?:mesaj|ileti)|(?:iletilen|yonlendirilen|yonlendirilmis|iletilmis) "
    r"(?:mesaj|ileti|e-posta)|mesaj orijinal|reponse initiale)\b.*"
    r"|(?:debut du message (?:reexpedie|transfere)|begin forwarded message|iletilen mesaj(?:in)? basi|iletilen ileti|"
    r"basladi iletilen mesaj|message transfere|e-mail d'origine)\s*:"
    r"|message du \d{1,2}[/.]\d{1,2}[/.]\d{2,4}.*"
    r"|#{2,}[- ].*(?:reply above|repondre au-dessus|bu satirin ustune).*"
)
SENDER = re.compile(r"\*{0,2}(?:from|de|kimden|gonderen|expediteur|von)\s*:\*{0,2}\s*.*")
HEADER = re.compile(
    r"\*{0,2}(?:sent|date|to|cc|subject|envoye(?: le)?|a|objet|copie(?: a)?|date d'envoi|destinataire|sujet|gonderildi|"
    r"gonderilme(?: tarihi| zamani)?|gonderme tarihi|tarih|kime|alici|bilgi|konu|reply-to|repondre a|importance|onem)"
    r"\s*:\*{0,2}\s*.*"
)
SIGNATURE = re.compile(r"(?:--|__|—|––)\s*")
RULE = re.compile(r"[_\-=*]{10,}")
DEVICE = re.compile(
    r"(?:envoye|recu|expedie|ecrit|redige) (?:de|depuis|a partir de|avec|par|via|a l'aide de) .{2,90}"
    r"|sent (?:from|with|via|using) .{2,90}|get outlook for .{2,40}|(?:telecharger|obtenir|obtenez|telechargez) outlook .{2,40}"
    r"|provenance : courrier pour windows.*|(?:ios|android|windows) icin .{2,40}(?:edinin|gonderildi|indirin)"
    r"|.{2,60}\b(?:cihazimdan|telefonumdan|iphone'?umdan|ipad'?imden|mac'?imden|postadan|mailden|hesabimdan|uygulamasindan|ile) "
    r"gonderildi|outlook(?: for)? (?:ios|android).{0,30}|yahoo mail\s?:.{0,80}"
)
NOTICE = re.compile(
    r"(?:\*{1,3}\s*)?(?:(?:ce|le present) (?:message|courriel|mail|e-mail|courrier)\b.{0,80}(?:pieces? jointes?|confidentiel|destinataire|"
    r"usage exclusif|etabli)|(?:this|the information in this) (?:e-?mail|message|communication)\b.{0,100}(?:confidential|privileged|"
    r"intended|attachments?|legally)|(?:confidentiality|legal|privacy) (?:notice|disclaimer)|avis de confidentialite|disclaimer\s*:"
    r"|(?:yasal uyari|gizlilik (?:bildirimi|notu|uyarisi))|bu (?:e-?posta|elektronik posta|mesaj|ileti|e-?mail)\b.{0,120}(?:gizli|"
    r"ekleri|ekinde|yalnizca|sadece)|(?:pensez a l'environnement|merci de penser a l'environnement|afin de respecter l'environnement|"
    r"please consider the environment|n'imprimez ce|lutfen .{0,20}cevreyi)|(?:garanti sans virus|sans virus|virus-free|"
    r"virus bulunmuyor|viruslerden arindirilmis)\b.{0,60}|l'absence de virus dans ce|cet? (?:e-?mail|courrier electronique) a ete verifie"
    r"|bu e-posta virus.{0,40}taranmistir).*"
)
CLOSING = re.compile(
    r"(?:bien )?(?:cordialement|amicalement|respectueusement|sinceres salutations|salutations|bien a vous|cdlt|cdt|a bientot|merci"
    r"|(?:with )?(?:best|kind|warm) (?:regards|wishes)|regards|sincerely|yours (?:sincerely|faithfully|truly)|cheers|thanks|thank you"
    r"|saygilarimla|saygilar|iyi (?:calismalar|gunler)|tesekkurler|tesekkur ederim|selamlar|sevgiler|kolay gelsin)\b.{0,40}"
)
CONTACT = re.compile(
    r"(?:tel|tlf|telephone|phone|mobile?|mob|port|portable|gsm|fax|cep|t|m|f|e-?mail|mail|e-?posta|web|site|adresse?|adres)\s*[.:]+ ?\S.*"
    r"|(?:https?://|www\.)\S+|\+?\(?\d[\d ().-]{7,}\d|[^\s@]+@[^\s@]+|.*\|.*\|.*"
)


class Visible(NamedTuple):
    """What the writer wrote, and how many lines that are not blank were left out."""

    text: str
    hidden_lines: int


def visible(text: str) -> Visible:
    """The writer's own lines of a cleaned plain text."""
    lines = text.split("\n")
    folded = [" ".join(fold(line[:LINE_LENGTH]).split()) for line in lines]
    own = _without_quotes(folded)
    own = _without_notice(folded, own)
    own = _without_signature(folded, own)
    shown = tidy([lines[number] for number in own])
    hidden = sum(1 for line in folded if line) - sum(1 for line in shown.split("\n") if line.strip())
    return Visible(shown, max(0, hidden))


def _without_quotes(folded: list[str]) -> list[int]:
    """The numbers of the lines that nobody else wrote."""
    own: list[int] = []
    number = 0
    while number < len(folded):
        if folded[number].startswith((">", "|>")):
            number += 1
            continue
        length, rest_is_quote = _quote_header(folded, number)
        if rest_is_quote:
            return own
        if not length:
            own.append(number)
        number += length or 1
    return own


def _quote_header(folded: list[str], number: int) -> tuple[int, bool]:
    """How many lines from here introduce a quote, and whether all that follows belongs to it."""
    if not folded[number]:
        return 0, False
    if SEPARATOR.fullmatch(folded[number]) or _header_block(folded, number):
        return 1, True
    if RULE.fullmatch(folded[number]) and _header_block(folded, _next_line(folded, number + 1)):
        return 1, True
    length = _attribution(folded, number)
    if not length:
        return 0, False
    after = _next_line(folded, number + length)
    marked = after < len(folded) and folded[after].startswith((">", "|"))
    return length, not marked


def _next_line(folded: list[str], number: int) -> int:
    while number < len(folded) and not folded[number]:
        number += 1
    return number


def _header_block(folded: list[str], number: int) -> bool:
    """Whether a forwarded or answered mail's headers begin here: its sender, then two others among the next lines."""
    if number >= len(folded) or not SENDER.fullmatch(folded[number]):
        return False
    return sum(1 for line in folded[number + 1 : number + 9] if HEADER.fullmatch(line)) >= 2


def _attribution(folded: list[str], number: int) -> int:
    """How many lines from here say who wrote what follows; 0 when none do."""
    if not ATTRIBUTION_START.match(folded[number]) and not folded[number].endswith(":"):
        return 0
    joined = ""
    for length in range(1, WRAPPED + 1):
        line = folded[number + length - 1] if number + length <= len(folded) else ""
        if not line or line.startswith(">"):
            return 0
        joined = f"{joined} {line}".strip()
        if line.endswith(":") and ATTRIBUTION.fullmatch(joined[:LINE_LENGTH]):
            return length
    return 0


def _without_notice(folded: list[str], own: list[int]) -> list[int]:
    """Without the legal notice or advertisement at the end; a mail that begins with one keeps it."""
    for position, number in enumerate(own):
        if position and NOTICE.match(folded[number]) and any(folded[before] for before in own[:position]):
            return own[:position]
    return own


def _without_signature(folded: list[str], own: list[int]) -> list[int]:
    """Without what follows the signature mark, what a phone adds, and the address block below the closing words."""
    kept: list[int] = []
    for position, number in enumerate(own):
        if SIGNATURE.fullmatch(folded[number]) and _short_tail(folded, own[position + 1 :]):
            break
        if not DEVICE.fullmatch(folded[number]) or len(folded[number]) > 110:
            kept.append(number)
    while kept and (not folded[kept[-1]] or RULE.fullmatch(folded[kept[-1]])):
        kept.pop()
    return _without_address_block(folded, kept)


def _short_tail(folded: list[str], rest: list[int]) -> bool:
    return sum(1 for number in rest if folded[number]) <= 15


def _without_address_block(folded: list[str], own: list[int]) -> list[int]:
    """Closing words and the name below them stay; telephone, web and postal address below the name go."""
    for position, number in enumerate(own):
        if not CLOSING.fullmatch(folded[number]):
            continue
        below = [at for at in range(position + 1, len(own)) if folded[own[at]]]
        contacts = [at for at in below if CONTACT.fullmatch(folded[own[at]])]
        if contacts and len(below) <= 10:
            name_lines = 1 if below[0] not in contacts else 0
            return own[: below[0] + name_lines]
    return own
