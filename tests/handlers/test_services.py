"""Service files: what they say, and what is refused of them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.configuration.services import CHECKS, SettingsError, load
from handlers.configuration.strict import read
from handlers.model.service import (
    AccountInformation,
    ChangeAddress,
    Closure,
    Hosting,
    Offer,
    PasswordPolicy,
    Piece,
    Remedy,
    SecondFactor,
    Service,
    SignIn,
)
from tests.tools.tree import ROOT

SMALLEST = """
name = "Shop"
language = "fr"
mailboxes = ["support@shop.example"]
sender = "Shop <support@shop.example>"
"""


KEYS = st.sampled_from([*Service.__struct_fields__, *Offer.__struct_fields__, "fr", "reset", "company", "subject", "x"])
TOML = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def write(folder: Path, **files: str) -> Path:
    """A folder of service files."""
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[tuple[str, str, str]]:
    """File name, key and message of everything wrong in the folder."""
    with pytest.raises(SettingsError) as caught:
        load(folder)
    return [(Path(one.file).name, one.key, one.message) for one in caught.value.problems]


def only_problem(folder: Path, text: str) -> tuple[str, str]:
    """Key and message of the one thing wrong with the smallest service and `text` after it."""
    found = problems(write(folder, shop=SMALLEST + text))
    assert len(found) == 1, found
    return found[0][1:]


def test_four_lines_make_a_service_with_sane_defaults(tmp_path: Path) -> None:
    """Name, language, mailboxes and sender are enough; the rest follows the numbers of the threat page."""
    service = load(write(tmp_path, shop=SMALLEST))["shop"]
    assert service.offer == Offer(actions=("send_link",), link_minutes=30, code_minutes=10, code_digits=6, code_tries=5)
    assert service.password == PasswordPolicy(min_length=12, max_length=128)
    assert service.identify.require == ("address",)
    assert (service.change_address, service.closure, service.hosting) == (None, None, None)
    assert (service.documents, service.letters, service.offer.automatic) == ({}, {}, ())


@pytest.mark.parametrize("action", ["change_address", "send_pigeon"])
def test_an_action_that_is_not_built_stops_the_start(tmp_path: Path, action: str) -> None:
    """Whether it comes later or never: the message lists what is possible."""
    key, message = only_problem(tmp_path, f'[offer]\nactions = ["send_link", "{action}"]')
    assert key == "offer.actions"
    assert f'"{action}"' in message
    assert all(remedy in message for remedy in get_args(Remedy))


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[ofer]", "ofer", "did you mean offer?"),
        ("[offer]\nlink_minute = 3", "offer.link_minute", "did you mean link_minutes?"),
        ("[offer]\nlink_minutes = 0", "offer.link_minutes", "a whole number from 1 to 1440"),
        ("[offer]\nlink_minutes = 1441", "offer.link_minutes", "a whole number from 1 to 1440"),
        ('[offer]\nlink_minutes = "30"', "offer.link_minutes", "a whole number from 1 to 1440"),
        ("[offer]\nlink_minutes = true", "offer.link_minutes", "a whole number from 1 to 1440"),
        ("[offer]\ncode_digits = 5", "offer.code_digits", "a whole number from 6 to 8"),
        ("[offer]\ncode_tries = 11", "offer.code_tries", "a whole number from 1 to 10"),
        ("[offer]\nactions = []", "offer.actions", "is empty"),
        ('[offer]\nactions = "send_link"', "offer.actions", "a list"),
        ('[offer]\nactions = ["send_link", "send_link"]', "offer.actions", "twice"),
        ('[offer]\nautomatic = ["send_code"]', "offer.automatic", "must be among actions"),
        ("[password]\nmin_length = 20\nmax_length = 12", "password.min_length", "must not exceed max_length"),
        ('[password]\nrequire = ["upper"]\nadvise = ["upper"]', "password.advise", "must not be in require"),
        ('[password]\nrequire = ["uppercase"]', "password.require", '"upper"'),
        ("[identify]\nrequire = []", "identify.require", "is empty"),
        ("identify = 3", "identify", "must be a section: [identify]"),
        ('slack_channel = "#help"', "slack_channel", "C0123456789"),
        ('aliases = [""]', "aliases", "one line"),
        ('id = "other"', "id", "the file's name"),
        ("[documents.firm]", "documents.firm", "possible are association, company, individual"),
        ("[documents.company]\nkbiss = {}", "documents.company.kbiss", "did you mean kbis?"),
        ("[documents.company]\nkbis = { max_age = 3 }", "documents.company.kbis.max_age", "max_age_days"),
        ("[documents.company]\nkbis = { handwritten = 1 }", "documents.company.kbis.handwritten", "true or false"),
        ('[letters.resett]\nsubject.fr = "a"', "letters.resett", "did you mean reset?"),
        ('[letters.code]\nafter_care.fr = ["a"]', "letters.code.after_care", "is never shown"),
        ("[documents.company]", "documents.company", "names no document"),
        ("[documents.company]\nkbis = { signed = true }", "documents.company.kbis.signed", "does not fit a kbis"),
        ("[hosting]", "hosting.name", "<key>.en: a text in quotes"),
        ('[hosting]\nname = "Garden"', "hosting.name", "<key>.en: a text in quotes"),
        ('[hosting]\nname.tr = "Bahçe"', "hosting.name", "in the service's own language: name.fr"),
        ('[letters.reset]\nsubject.de = "a"', "letters.reset.subject.de", "possible are en, fr, tr"),
        ('[letters.reset]\nsubject.fr = "a\\r\\nBcc: x@y.example"', "letters.reset.subject.fr", "one line"),
        ('[letters.reset]\nafter_care.fr = "a"', "letters.reset.after_care.fr", "a list"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_would_be_right(
    tmp_path: Path, text: str, key: str, says: str
) -> None:
    """Nothing is guessed, and nobody has to search the file."""
    found, message = only_problem(tmp_path, text)
    assert found == key
    assert says in message


@pytest.mark.parametrize(
    ("line", "key", "says"),
    [
        ('language = "de"', "language", '"fr"'),
        ('mailboxes = ["Support@shop.example"]', "mailboxes", "lower case"),
        ('mailboxes = ["support@bücher.example"]', "mailboxes", "did you mean support@xn--bcher-kva.example?"),
        ('mailboxes = ["a@shop.example", "B@shop.example"]', "mailboxes", 'is "B@shop.example"; it must be one'),
        ('mailboxes = ["support"]', "mailboxes", "support@shop.example"),
        ('mailboxes = ["a@shop.example, b@shop.example"]', "mailboxes", "one mail address"),
        ("mailboxes = []", "mailboxes", "is empty"),
        ('sender = "support@shop.example"', "sender", "Shop <support@shop.example>"),
        ('sender = "A <a@shop.example>, B <b@shop.example>"', "sender", "one mail address"),
        ('sender = "Shop, Inc. <a@shop.example>"', "sender", "its name cannot hold a comma"),
        ('sender = "Shop <a@bücher.example>"', "sender", "did you mean <a@xn--bcher-kva.example>?"),
        ('name = " "', "name", "one line"),
    ],
)
def test_the_four_lines_every_service_needs_are_checked(tmp_path: Path, line: str, key: str, says: str) -> None:
    """A wrong mailbox or sender would lose mail quietly."""
    kept = [one for one in SMALLEST.splitlines() if not one.startswith(key)]
    found = problems(write(tmp_path, shop="\n".join([*kept, line])))
    assert [one[1] for one in found] == [key]
    assert says in found[0][2]


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """An operator corrects everything in one go."""
    folder = write(tmp_path, a="name = 3\nlanguages = 'fr'", b=SMALLEST + "[offer]\ncode_digits = 9", c="= nonsense")
    found = {(file, key) for file, key, _ in problems(folder)}
    missing = {("a.toml", key) for key in ("language", "mailboxes", "sender")}
    assert (
        found
        == {("a.toml", "name"), ("a.toml", "languages"), ("b.toml", "offer.code_digits"), ("c.toml", "")} | missing
    )


@given(st.dictionaries(KEYS, TOML, min_size=1))
def test_whatever_toml_can_say_is_read_or_refused(raw: dict[str, object]) -> None:
    """Any type in any place, numbers beyond 64 bits included, ends in a service or a list of mistakes with keys."""
    try:
        read(Service, raw, "shop.toml", CHECKS)
    except SettingsError as error:
        assert all(one.key and one.message for one in error.problems)  # noqa: PT017  any other error is the failure


def test_one_mailbox_leaves_room_for_our_own_addresses(tmp_path: Path) -> None:
    """64 octets before the @ (RFC 5321 4.5.3.1.1) hold the mailbox and what names a letter; one of them is enough."""
    long, longest = f"{'a' * 32}@shop.example", f"{'b' * 31}@shop.example"
    folder = write(tmp_path, shop=SMALLEST.replace('support@shop.example"]', f'{long}"]'))
    [(file, key, message)] = problems(folder)
    assert (file, key) == ("shop.toml", "mailboxes")
    assert message.startswith("one mailbox needs at most 31 characters before the @")
    write(tmp_path, shop=SMALLEST.replace('support@shop.example"]', f'{long}", "{longest}"]'))
    assert load(folder)["shop"].mailboxes == (long, longest)


def test_two_services_cannot_share_a_mailbox(tmp_path: Path) -> None:
    """A mail to it could not be told apart; the message names the other file."""
    [(file, key, message)] = problems(write(tmp_path, a=SMALLEST, b=SMALLEST))
    assert (file, key) == ("b.toml", "mailboxes")
    assert "a.toml" in message


def test_a_file_name_that_cannot_be_an_id_is_refused(tmp_path: Path) -> None:
    """The id stands in the portal's addresses."""
    [(file, _, message)] = problems(write(tmp_path, **{"My Shop": SMALLEST}))
    assert file == "My Shop.toml"
    assert "lower-case" in message


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    """No traceback about a codec."""
    (tmp_path / "shop.toml").write_bytes(b'name = "Caf\xe9"')
    [(file, _, message)] = problems(tmp_path)
    assert (file, "UTF-8" in message) == ("shop.toml", True)


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_without_services_is_refused(tmp_path: Path, made: bool) -> None:
    """A desk that answers for nobody is a mistake; so is a folder that does not exist."""
    folder = tmp_path / "services"
    if made:
        folder.mkdir()
    [(file, _, message)] = problems(folder)
    assert file == "services"
    assert "docs/services.md" in message


def test_the_page_on_service_files_is_true() -> None:
    """The whole example of docs/services.md loads, and the page names every key there is."""
    page = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
    sections = (Offer, PasswordPolicy, Piece, SecondFactor, SignIn, ChangeAddress, Closure, Hosting)
    for kind in (*sections, AccountInformation):
        assert [name for name in kind.__struct_fields__ if f"`{name}`" not in page and f".{name}`" not in page] == []


def test_the_example_of_the_page_loads(tmp_path: Path) -> None:
    """Someone with only docs/services.md can add a sixth service."""
    page = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    service = load(write(tmp_path, gardenshop=example))["gardenshop"]
    assert service.offer.actions == ("send_link", "send_code")
