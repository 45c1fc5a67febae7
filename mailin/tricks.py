"""What a sender line does to pass for another's, as far as the mail alone shows it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from handlers.model.mail import ServiceNames, Trick
from handlers.rules.addresses import canonical, look_alike, readable, skeleton

ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:]{1,64}@[^\s<>()\[\]\"',;:@]{1,253}")
# Addresses spelt out, which programs do not take for one and people do: "claire [at] bank.test", "claire at bank.test".
AT_MARKED = re.compile(
    r"\s*[\[({<]\s*(?:at|a|à|chez|arobase|arroba|@|kuyruklu a|et işareti)\s*[\])}>]\s*", re.IGNORECASE
)
DOT_MARKED = re.compile(r"\s*[\[({<]\s*(?:dot|point|punto|punkt|nokta|\.)\s*[\])}>]\s*", re.IGNORECASE)
DOT_SAID = re.compile(r"(?<=\w) (?:dot|point|nokta) (?=\w{2,})", re.IGNORECASE)
DOTS = str.maketrans("。｡․‧·", ".....")
# A domain in a name; a family's name with a dot before it ("jean.dupont") is none, so its end is one that many know.
DOMAIN = re.compile(
    r"(?<![\w.@-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,4}"
    r"(?:[a-z]{2}|com|net|org|info|biz|edu|gov|pro|app|dev|shop|store|online|site|cloud|bank|tech|test|example|xn--[\w-]+)"
    r"(?![\w-]|\.\w|@)",
    re.IGNORECASE,
)
LABEL = 3  # letters that a domain's name has at least: "St.Al", "S.A" and "M.le" are none
SHORT = 5  # letters of a brand below which other words must be those of a help desk
DESK = re.compile(
    r"(?:the|le|la|l|de|du|your|votre|support|help|helpdesk|desk|service|services|client|clients|customer|care|team|equipe|security|securite"
    r"|admin|administration|account|accounts|compte|comptes|billing|facturation|assistance|aide|technique|contact|info|news"
    r"|destek|musteri|hizmetleri|ekibi|guvenlik|hesap|yardim|no|reply|noreply|official|officiel|resmi)"
)
SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
"""The alphabets that share letters to the eye (UTS 39)."""


def tricks(name: str, sender: str, mail_from: str, services: Sequence[ServiceNames]) -> tuple[Trick, ...]:
    """What is odd about a sender: the name and address of From, the return path; `services` are ours."""
    ours = [box for service in services for box in service.mailboxes]
    found: list[tuple[Trick, bool]] = [
        ("address_in_name", _shows_another(name, sender)),
        ("mixed_scripts", _mixes(sender)),
        ("like_our_domain", _like_ours(sender, ours) or _named_like_ours(name, sender, services)),
        ("return_elsewhere", _elsewhere(_domain(sender), _domain(mail_from))),
    ]
    return tuple(trick for trick, holds in found if holds)


def _shows_another(name: str, sender: str) -> bool:
    """Whether the name has an address or a domain that is not the sender's, however it is written."""
    shown = DOT_MARKED.sub(".", AT_MARKED.sub("@", unicodedata.normalize("NFKC", name).translate(DOTS)))
    if any(canonical(address) != canonical(sender) for address in ADDRESS.findall(shown)):
        return True
    own, local = _domain(sender), sender.rpartition("@")[0].lower()
    domains = _domains(ADDRESS.sub(" ", DOT_SAID.sub(".", shown)))
    return any(_elsewhere(domain, own) and domain != local for domain in domains)  # "wei.li" is who wei.li@… is


def _domains(text: str) -> Iterator[str]:
    """The domains in a text, "at" before them or nothing."""
    for match in DOMAIN.finditer(text):
        if max(map(len, match[0].split(".")[:-1])) >= LABEL:
            yield _domain(f"x@{match[0]}")


def _mixes(sender: str) -> bool:
    """Whether a word of the address, as people read it, has letters of two alphabets, or passes for one of another."""
    shown = readable(sender)
    if shown.isascii():
        return False
    words = re.split(r"[\W\d_]+", shown)
    return any(len(_scripts(word)) > 1 for word in words) or _passes_for_latin(words)


def _passes_for_latin(words: Sequence[str]) -> bool:
    """Whether a word without a Latin letter reads as Latin, among words of which none is plainly of its alphabet."""
    foreign = [word for word in words if _scripts(word) - {"LATIN"}]
    return any(foreign) and all(skeleton(word).isascii() for word in foreign)


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(letter, "") for letter in word)
    return {script for name in names for script in SCRIPTS if name.startswith(script)}


def _like_ours(sender: str, ours: Sequence[str]) -> bool:
    """Whether the domain can be taken for one of ours; look-alikes are told of addresses, so it is given a mailbox."""
    domain = _domain(sender)
    return bool(domain) and any(
        domain != _domain(box) and look_alike(f"x@{domain}", f"x@{_domain(box)}") for box in ours
    )


def _named_like_ours(name: str, sender: str, services: Sequence[ServiceNames]) -> bool:
    """Whether who writes from elsewhere bears the name of one of our services."""
    own, said = _domain(sender), _said(name)
    at_home = any(not _elsewhere(own, _domain(box)) for service in services for box in service.mailboxes)
    brands = {_said(brand) for service in services for brand in (service.name, *service.aliases)} - {""}
    return bool(own) and not at_home and any(_bears(said, brand) for brand in brands)


def _bears(said: str, brand: str) -> bool:
    """Whether a brand stands in a name, together or apart; a short brand's letters are other people's, too."""
    words, joined = said.split(), brand.replace(" ", "")
    runs = ((at, end) for at in range(len(words)) for end in range(at + 1, min(at + 4, len(words)) + 1))
    for at, end in runs:
        if "".join(words[at:end]) == joined:
            return len(joined) >= SHORT or all(DESK.fullmatch(word) for word in (*words[:at], *words[end:]))
    return False


@lru_cache(maxsize=256)  # every mail asks about our names
def _said(name: str) -> str:
    """A name's words as the eye sees them."""
    return " ".join(re.findall(r"[^\W_]+", skeleton(name)))


def _elsewhere(domain: str, returned: str) -> bool:
    apart = domain != returned and not domain.endswith(f".{returned}") and not returned.endswith(f".{domain}")
    return bool(domain and returned) and apart


def _domain(address: str) -> str:
    return canonical(address).rpartition("@")[2].lower()
