"""Our own addresses and Message-IDs lead back to their case, and nobody else can make them."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.configuration.services import Services
from handlers.post.addressing import accepts, bounce_address, message_id, read_address, read_message_id, reply_address
from handlers.store.contract import Store
from handlers.vault import Vault
from tests.builders import KEY, make_desk, make_service
from tests.handlers.letterbox import make_letter

SHOP = make_service(mailboxes=("support@shop.example", "help@shop.example"))
ESP = make_service(id="esp", name="ESP", mailboxes=("support@esp.example",), sender="ESP <support@esp.example>")
# Nothing here looks anything up.
DESK = make_desk(cast("Store", None), SHOP, ESP)
CASE, LETTER = "R-7F3K2M", "L-7F3K2M7F3K2M"


def test_a_reply_address_leads_to_its_case() -> None:
    """The service's first mailbox, the case, and a tag."""
    address = reply_address(DESK, SHOP, CASE)
    read = read_address(DESK, address)
    assert address.startswith("support+c-r7f3k2m-")
    assert len(address.partition("@")[0]) <= 64
    assert read is not None
    assert (read.service.id, read.kind, read.case_id) == ("shopfactory", "reply", CASE)


def test_a_bounce_address_is_another_one() -> None:
    """A bounce names its letter and no case, and neither tag fits the other."""
    reply, bounce = reply_address(DESK, SHOP, CASE), bounce_address(DESK, SHOP, LETTER)
    read = read_address(DESK, bounce)
    assert read is not None
    assert (read.kind, read.letter_id, read.case_id) == ("bounce", LETTER, "")
    assert not accepts(DESK, bounce_address(DESK, SHOP, CASE).replace("+b-", "+c-"))
    assert not accepts(DESK, reply.replace("+c-", "+b-"))
    assert not accepts(DESK, bounce.replace("+b-", "+c-"))


def test_a_mailbox_is_plain() -> None:
    """Any mailbox of any service, however it is capitalised."""
    for address in ("support@shop.example", "HELP@Shop.Example", "support@esp.example"):
        read = read_address(DESK, address)
        assert read is not None
        assert (read.kind, read.case_id) == ("plain", "")


def test_addresses_survive_another_case_of_letters() -> None:
    """Some mail systems shout, some whisper."""
    for change in (str.upper, str.lower, str.title):
        read = read_address(DESK, change(reply_address(DESK, SHOP, CASE)))
        assert read is not None
        assert read.case_id == CASE


def test_a_tag_fits_one_case_and_one_service_only() -> None:
    """A case number alone is not enough, nor a tag seen on another case or at another service."""
    address = reply_address(DESK, SHOP, CASE)
    assert not accepts(DESK, address.replace("r7f3k2m", "r7f3k2n"))
    assert not accepts(DESK, address.replace("shop.example", "esp.example"))
    assert not accepts(DESK, "support+c-r7f3k2m@shop.example")
    assert not accepts(DESK, "support+c-r7f3k2m-aaaaaaaaaaaaaaaa@shop.example")
    assert not accepts(DESK, "support+b-l7f3k2m7f3k2m-aaaaaaaaaaaaaaaa@shop.example")


def test_a_reply_address_still_works_when_the_mailboxes_were_reordered() -> None:
    """What customers have in their mailboxes outlives an edit of the service file."""
    address = reply_address(DESK, SHOP, CASE)
    reordered = make_service(mailboxes=("help@shop.example", "support@shop.example"))
    assert accepts(make_desk(cast("Store", None), reordered), address)


@pytest.mark.parametrize("box", ["a" * 31, "é" * 15, "x" * 64])
def test_our_addresses_stay_within_what_mail_allows(box: str) -> None:
    """64 octets before the @ (RFC 5321 4.5.3.1.1): the first mailbox with room for our part is used."""
    long = make_service(mailboxes=(f"{box}@shop.example", "support@shop.example"))
    desk = make_desk(cast("Store", None), long)
    for address in (bounce_address(desk, long, LETTER), reply_address(desk, long, CASE)):
        assert len(address.rpartition("@")[0].encode()) <= 64
        assert address.startswith("support+" if len(box) > 31 else f"{box}+")
        assert accepts(desk, address.upper())


def test_a_reply_address_survives_a_new_key() -> None:
    """The key that made it still verifies when another one signs."""
    old, new = KEY, b"a new key of 32 bytes, or even more"
    services = Services({"shopfactory": SHOP})
    rotated = make_desk(cast("Store", None), services=services, vault=Vault([new, old]))
    assert accepts(rotated, reply_address(DESK, SHOP, CASE))
    stranger = make_desk(cast("Store", None), services=services, vault=Vault([new]))
    assert not accepts(stranger, reply_address(DESK, SHOP, CASE))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "support",
        "support@",
        "support+@shop.example",
        "support+c--@shop.example",
        "support+c-r7f3k2m-é@shop.example",
        "other@shop.example",
        "support@shop.example.evil.example",
        "support@shop.example\r\nRCPT TO:<x@y.example>",
        "a" * 100_000 + "@shop.example",
        "\udcff@shop.example",
        "support@" + "xn--" * 20,
    ],
)
def test_an_address_that_is_not_ours_is_refused_without_fuss(address: str) -> None:
    """Nothing raises, whatever comes over the wire."""
    assert read_address(DESK, address) is None


@given(st.text(max_size=400))
def test_reading_an_address_never_raises(text: str) -> None:
    """Any text, bare or dressed up as one of ours."""
    assert read_address(DESK, f"x{text}") is None or text
    read_address(DESK, f"support+c-{text}@shop.example")
    read_message_id(DESK, text)


def test_a_message_id_leads_to_its_case_and_is_the_same_for_the_same_letter() -> None:
    """With or without its angle brackets, in any case of letters; another letter has another one."""
    letter = make_letter()
    id = message_id(DESK, SHOP, letter)
    assert id == message_id(DESK, SHOP, letter)
    assert id != message_id(DESK, SHOP, make_letter(id="L-OTHER"))
    assert id.endswith("@shop.example>")
    assert [read_message_id(DESK, text) for text in (id, id.strip("<>"), id.upper())] == [CASE] * 3


@pytest.mark.parametrize("change", [("r7f3k2m", "r7f3k2n"), (".", "x"), ("@", "")])
def test_a_message_id_that_was_tampered_with_leads_nowhere(change: tuple[str, str]) -> None:
    """Nobody can write himself into a case by its number."""
    assert read_message_id(DESK, message_id(DESK, SHOP, make_letter()).replace(*change)) is None


@pytest.mark.parametrize("case", ["", "7F3K2M", "r-7f3k2m", "R-7F-3K", "RR-7F3K"])
def test_a_case_id_that_would_not_come_back_is_refused(case: str) -> None:
    """An address that led to another case would be worse than none."""
    with pytest.raises(ValueError, match="An id is"):
        reply_address(DESK, SHOP, case)
