"""Addresses: one at a time, compared in one form, shown masked."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.model.errors import Invalid
from handlers.rules import addresses
from handlers.rules.addresses import canonical, canonical_login, mailbox_of, mask, masks, parse_one

LOCALS = st.text("abcdefgXYZ0189._-+", min_size=1, max_size=20).filter(
    lambda text: ".." not in text and not text.startswith(".") and not text.endswith(".")
)
ADDRESSES = st.builds(
    "{}@{}".format, LOCALS, st.sampled_from(["shop.example", "Shop.Example", "localhost", "bücher.example"])
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Durand@Shop.EXAMPLE", "durand@shop.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("caf\u00e9@shop.example", "cafe\u0301@shop.example"),
        ("É.DURAND@shop.example", "É.durand@shop.example"),
    ],
)
def test_ways_to_write_one_address_compare_equal(one: str, other: str) -> None:
    """Capitals, Unicode forms and the two forms of a domain make no difference."""
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mıke@shop.example", "mike@shop.example"),
        ("MİKE@shop.example", "mike@shop.example"),
        ("\u212aate@shop.example", "kate@shop.example"),
        ("ſam@shop.example", "sam@shop.example"),
        ("ﬁona@shop.example", "fiona@shop.example"),
        ("É@shop.example", "é@shop.example"),
        ("a@shop.example", "а@shop.example"),
        ("mike@gıthub.example", "mike@github.example"),
        ("mike+a@shop.example", "mike@shop.example"),
        ("m.ike@shop.example", "mike@shop.example"),
        (" mike@shop.example", "mike@shop.example"),
        ("mike@shop.example.", "mike@shop.example"),
    ],
)
def test_t5_addresses_that_look_alike_stay_apart(one: str, other: str) -> None:
    """T5: no case mapping beyond ASCII, no compatibility forms, no guesses about a provider's habits."""
    assert canonical(one) != canonical(other)


@given(ADDRESSES)
def test_the_comparison_form_is_its_own_comparison_form(address: str) -> None:
    """What is stored as a key can be compared again."""
    assert canonical(canonical(address)) == canonical(address)
    assert canonical(parse_one(address)) == canonical(address)


@given(st.text())
def test_what_is_no_address_equals_no_address(text: str) -> None:
    """Comparing hostile text neither fails nor hits anybody's account."""
    try:
        parse_one(text)
    except Invalid:
        assert canonical(text) == text
        assert canonical_login(text) == canonical_login(canonical_login(text))


@pytest.mark.parametrize(
    "text", ["a@shop.example", "  a@shop.example\t", "\u00a0a@shop.example", "a@localhost", "a@b.test"]
)
def test_one_address_is_taken_with_blanks_around_it(text: str) -> None:
    """People paste; names of try-outs and intranets are addresses too."""
    assert parse_one(text) == text.strip()


def test_an_international_domain_is_kept_as_dns_knows_it() -> None:
    """A relay without SMTPUTF8 can carry it; a local part that needs SMTPUTF8 keeps the domain readable."""
    assert parse_one("Ada@Bücher.example") == "Ada@xn--bcher-kva.example"
    assert parse_one("ayşe@bücher.example") == "ayşe@bücher.example"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "durand42",
        "a@shop.example,b@evil.example",
        "a@shop.example;b@evil.example",
        "a@shop.example b@evil.example",
        "a@shop.example\r\nCc: b@evil.example",
        "a@shop.example\nb@evil.example",
        "a@shop.example\0b@evil.example",
        "a@shop.example%0ACc:b@evil.example",
        "a@evil.example@shop.example",
        "A <a@shop.example>",
        "<a@shop.example>",
        "a@shop.example (b@evil.example)",
        '"a@evil.example,"@shop.example',
        '["a@shop.example","b@evil.example"]',
        "a@[127.0.0.1]",
        "a\u202eb@shop.example",
        "a@shop.example.",
        "\u212aate@shop.example",
        "a@" + "x" * 300 + ".example",
    ],
)
def test_t6_anything_but_one_address_is_refused(text: str) -> None:
    """T6: no list, no second line, no comment, no name can bring in a second address."""
    with pytest.raises(Invalid, match="not one mail address"):
        parse_one(text)


def test_logins_compare_without_blanks_and_ascii_capitals() -> None:
    """People write their login with a capital; ı and the Kelvin sign stay what they are."""
    assert canonical_login(" Durand42\n") == "durand42"
    assert canonical_login("cafe\u0301") == "caf\u00e9"
    assert canonical_login("IŞIK") != canonical_login("ışık")
    assert canonical_login("\u212aate") != "kate"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("marie.durand@example.fr", "m•••@e••••.fr"),
        ("m@e.fr", "m•••@e••••.fr"),
        ("ayse@posta.example.com.tr", "a•••@p••••.tr"),
        ("root@localhost", "r•••@l••••"),
        ("no address", "•••"),
        ("", "•••"),
    ],
)
def test_a_masked_address_shows_first_letters_and_the_ending(address: str, shown: str) -> None:
    """Enough to recognise one's own, too little to write to; the dots do not count."""
    assert mask(address) == shown


@given(ADDRESSES)
def test_a_mask_never_shows_more_than_two_letters_and_the_ending(address: str) -> None:
    """Whatever the address."""
    local, _, domain = parse_one(address).partition("@")
    ending = domain.rpartition(".")[2] if "." in domain else ""
    assert len(mask(address)) == len("m•••@e••••") + (len(ending) + 1 if ending else 0)
    assert mask(address)[0] == local[0]


def test_the_characters_that_turn_into_ascii_are_all_known() -> None:
    """Should Unicode add one, this fails, and the list in the module grows."""
    found = {chr(code) for code in range(0x80, 0x110000) if unicodedata.normalize("NFC", chr(code)).isascii()}
    assert found == addresses._IMPOSTORS


@pytest.mark.parametrize("address", ["marie@mail.example", "Ma.rie+shop@MAIL.example", "m.a.r.i.e+@mail.example"])
def test_tags_dots_and_capitals_lead_to_the_same_mailbox(address: str) -> None:
    """For counting: one person is one person, however the address is spelled (T16)."""
    assert mailbox_of(address) == "marie@mail.example"


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("marie@mail.example", "nora@else.example", ("m•••@m••••.example", "n•••@e••••.example")),
        ("contact@fleurs.example", "claire@fleurs.example", ("co•••@f••••.example", "cl•••@f••••.example")),
        ("contact@fleurs.example", "contact@ferme.example", ("c•••@fl••••.example", "c•••@fe••••.example")),
        ("contact1@fleurs.example", "contact2@fleurs.example", ("c•••@f••••.example",) * 2),
        ("ab@cd.example", "ac@ce.example", ("a•••@c••••.example",) * 2),
    ],
)
def test_two_masks_show_just_as_much_as_tells_them_apart(old: str, new: str, shown: tuple[str, str]) -> None:
    """A few letters at most, and never a whole half: beyond that, staff ask to see both."""
    assert masks(old, new) == shown
