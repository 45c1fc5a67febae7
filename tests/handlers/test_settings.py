"""Settings: what a file and an environment give, and what is refused of them."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.configuration.endpoints import HostPort, Relay, host_port, relay
from handlers.configuration.known_settings import KNOWN, variable
from handlers.configuration.settings import Settings, keep_key
from handlers.configuration.strict import SettingsError
from handlers.model.errors import Invalid
from handlers.vault import Vault, new_key
from tests.tools.tree import ROOT

KEY = "3f8a1c5be29d4706b1f0a7c86e2d94535ac1708be94f6d23c817f05a9e4b62d1"
OTHER = "Zm9ydHktdHdvIGJ5dGVzIG9mIG5vIGVudHJvcHkgYXQgYWxs"


def load(folder: Path, text: str = "", **environ: str) -> Settings:
    """Settings from a `desk.toml` of that text in `folder`, and from an environment."""
    file = folder / "desk.toml"
    file.write_text(text, encoding="utf-8")
    return Settings.load(file, environ)


def problems(folder: Path, text: str = "", **environ: str) -> list[tuple[str, str, str]]:
    """File name, key and message of everything wrong."""
    with pytest.raises(SettingsError) as caught:
        load(folder, text, **environ)
    return [(Path(one.file).name, one.key, one.message) for one in caught.value.problems]


def test_nothing_set_gives_a_desk_for_this_machine_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every listener on loopback, nobody is staff, and no file is needed."""
    monkeypatch.chdir(tmp_path)
    settings = Settings.load(environ={})
    listeners = (settings.mail_listen, settings.portal_listen, settings.admin_listen)
    assert [str(one) for one in listeners] == ["127.0.0.1:8025", "127.0.0.1:8080", "127.0.0.1:9090"]
    assert settings.staff_agents | settings.staff_approvers | settings.staff_admins == frozenset()
    assert settings.store.path == Path("data/desk.json")
    assert settings.portal_url == "http://127.0.0.1:8080"
    assert settings.dns is None


def test_desk_toml_of_the_current_folder_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path, ./desk.toml counts."""
    (tmp_path / "desk.toml").write_text('data = "elsewhere"', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Settings.load(environ={}).data == Path("elsewhere")


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    """A typing error in --config would otherwise start a desk with defaults."""
    with pytest.raises(SettingsError, match=r"other\.toml: cannot be read: No such file"):
        Settings.load(tmp_path / "other.toml", {})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """The file says one thing, the environment another."""
    settings = load(tmp_path, 'mail_listen = "127.0.0.1:1"\ndata = "kept"', DESK_MAIL_LISTEN="[::1]:2")
    assert settings.mail_listen == HostPort(host="::1", port=2)
    assert settings.data == Path("kept")


def test_the_store_follows_the_data_folder(tmp_path: Path) -> None:
    """Moving `data` moves the default store along, an absolute one too."""
    assert load(tmp_path, DESK_DATA="here").store.path == Path("here/desk.json")
    assert load(tmp_path, DESK_DATA="/var/lib/desk").store.path == Path("/var/lib/desk/desk.json")


def test_port_zero_is_left_to_the_system(tmp_path: Path) -> None:
    """Tests and try-outs need free ports; the portal's address follows."""
    settings = load(tmp_path, DESK_PORTAL_LISTEN="127.0.0.1:0")
    assert settings.portal_listen.port == 0
    assert settings.portal_url == "http://127.0.0.1:0"


def test_staff_are_sets_of_ids_written_either_way(tmp_path: Path) -> None:
    """A list in the file, commas in the environment."""
    settings = load(tmp_path, 'staff_agents = ["U0AAA", "S0BBB"]', DESK_STAFF_ADMINS="U0AAA, U0CCC,")
    assert settings.staff_agents == {"U0AAA", "S0BBB"}
    assert settings.staff_admins == {"U0AAA", "U0CCC"}


def test_an_empty_variable_empties_a_list_of_the_file(tmp_path: Path) -> None:
    """Who sets DESK_STAFF_AGENTS to nothing means nobody."""
    assert load(tmp_path, 'staff_agents = ["U0AAA"]', DESK_STAFF_AGENTS="").staff_agents == frozenset()


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("mail_listn = 3", "mail_listn", "did you mean mail_listen?"),
        ("[mail]\nlisten = 3", "mail", "is unknown"),
        ('mail_max_bytes = "many"', "mail_max_bytes", 'is "many"; it must be a whole number'),
        ("mail_max_bytes = 1.5", "mail_max_bytes", "is 1.5; it must be a whole number"),
        ("mail_max_bytes = 1", "mail_max_bytes", "from 10000 to"),
        ("[mail]\nlisten = 3", "mail", "there are no sections here, the names are flat, such as mail_listen"),
        ('DESK_DATA = "x"', "DESK_DATA", "is unknown; here it is data"),
        ('SLACK_BOT_TOKEN = "x"', "SLACK_BOT_TOKEN", "here it is slack_bot_token"),
        ("mail_max_recipients = true", "mail_max_recipients", "is true; it must be a whole number"),
        ("data = 5", "data", "is 5; it must be a text in quotes"),
        ('staff_agents = ["U0AAA", 5]', "staff_agents", "holds 5; it must be a list of texts"),
        ('staff_agents = ["U0AAA", "berta"]', "staff_agents", '"berta" is none'),
        ('mail_trusted_sealers = ["lists.example", "lists"]', "mail_trusted_sealers", '"lists" is none'),
        ('mail_proxy_from = ["10.0.0.0/24", "ten"]', "mail_proxy_from", '"ten" is none'),
        ('mail_proxy_from = "10.0.0.1/24"', "mail_proxy_from", "did you mean 10.0.0.0/24?"),
        ('clamd = "127.0.0.1"', "clamd", "such as 127.0.0.1:3310"),
        ("data = 'a'\ndata = 'b'", "", "is not TOML: line 2, data: is written twice"),
        ('log = "text\ndata = "b"', "", "is not TOML: line 1, log: a quote is opened and not closed"),
        ("data = 'b'\nlog = 'text\n", "", "is not TOML: line 2, log: a quote is opened and not closed"),
        ("log = text", "", "line 1, log: its value cannot be read; a text stands in quotes"),
        ("[mail]\n[mail]", "", "line 2, mail: is written twice"),
        ('= "x"', "", "is not TOML: Invalid statement (at line 1"),
        (f'keys = ["{KEY}", "short"]', "keys", "number 2 is none"),
        ('staff_agents = ["berta"]', "staff_agents", "U0123ABCD"),
        ('log = "xml"', "log", "text or json"),
        ('store = "postgresql://db/desk"', "store", "PostgreSQL is not in this version"),
        ('store = "tinydb://data"', "store", "tinydb:///data/desk.json"),
        ('mail_listen = "8025"', "mail_listen", "host:port"),
        ('mail_listen = "::1:8025"', "mail_listen", "[::1]:8025"),
        ('mail_listen = "127.0.0.1:65536"', "mail_listen", "0 to 65535"),
        ('relay = "smtp://u@host"', "relay", "both user and password"),
        ('relay = "file://folder"', "relay", "three slashes"),
        ('relay = "http://host"', "relay", "smtps://"),
        ('portal_url = "http://desk.example"', "portal_url", "https://"),
        ('portal_url = "https://desk.example/help"', "portal_url", "without a path"),
        ('portal_listen = "0.0.0.0:80"', "portal_url", "https://"),
        ('mail_tls_cert = "no-such.pem"', "mail_tls_cert", "a file that exists"),
        ('slack_api_url = "http://slack.example/api/"', "slack_api_url", "https://"),
        ('slack_channel = "#support"', "slack_channel", "C0123456789"),
        ('slack_app_token = "xapp-1"', "slack_app_token", "needs slack_bot_token"),
        ('slack_bot_token = "xoxb-1"', "slack_bot_token", "needs slack_app_token for Socket Mode"),
        ('keys = ["short"]', "keys", "at least 32 random bytes"),
        (f'keys = ["{"ab" * 32}"]', "keys", "at least 32 random bytes"),
        (f'keys = ["{KEY}", "{KEY}"]', "keys", "different keys"),
        ('dns = "127.0.0.1"', "dns", "such as 127.0.0.1:53 or"),
        ('dns = "resolver.example:0"', "dns", "it must be system, or a name server's address with its port"),
        ('mail_proxy_from = ["10.0.0.0/24", "0.0.0.0/0"]', "mail_proxy_from", "load balancers alone"),
        ('mail_proxy_from = "::/0"', "mail_proxy_from", "/0 would believe everybody"),
        ('mail_listen = "127.0.0.1:8080"', "mail_listen", "portal_listen is 127.0.0.1:8080: only one can"),
        ('mail_listen = "0.0.0.0:9090"', "mail_listen", "is 0.0.0.0:9090 and admin_listen is 127.0.0.1:9090"),
        ('admin_listen = "localhost:8025"', "admin_listen", "mail_listen is 127.0.0.1:8025"),
        ('portal_listen = "[::1]:1"\nadmin_listen = "[::]:1"', "admin_listen", "so change a port"),
    ],
)
def test_a_mistake_in_the_file_is_named_as_it_was_written(tmp_path: Path, text: str, key: str, says: str) -> None:
    """File, key, and what would be right."""
    [(file, found, message)] = problems(tmp_path, text)
    assert (file, found) == ("desk.toml", key)
    assert says in message


def test_a_mistake_in_the_environment_is_named_as_it_was_written(tmp_path: Path) -> None:
    """The variable's own name, not the file's."""
    assert problems(tmp_path, DESK_MAIL_LISTEN="x")[0][:2] == ("environment", "DESK_MAIL_LISTEN")


def test_a_misspelt_variable_stops_the_start(tmp_path: Path) -> None:
    """DESK_STAFF_AGENT would otherwise be ignored; other programs' variables are none of our business."""
    [(file, key, message)] = problems(tmp_path, DESK_STAFF_AGENT="U1", PATH="/bin", DESKTOP="x")
    assert (file, key) == ("environment", "DESK_STAFF_AGENT")
    assert "did you mean DESK_STAFF_AGENTS?" in message


@pytest.mark.parametrize("name", ["DESK_X", "DESK_COLOUR", "DESK_"])
def test_a_variable_that_resembles_no_setting_gets_no_suggestion(tmp_path: Path, name: str) -> None:
    """The prefix alone resembles them all."""
    [(_, _, message)] = problems(tmp_path, **{name: "1"})
    assert message == "is unknown; docs/settings.md has every setting"


def test_a_folder_in_the_place_of_the_file_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was meant for it would otherwise be ignored."""
    (tmp_path / "desk.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match=r"desk\.toml: cannot be read: Is a directory"):
        Settings.load(environ={})


def test_a_broken_file_shows_no_secret(tmp_path: Path) -> None:
    """The line with the mistake may hold one."""
    for text in (f'keys = [\n  "{KEY},\n]', "slack_bot_token = xoxb-hush\n", "slack_bot_token = 5\nkeys = [7]"):
        said = str(problems(tmp_path, text))
        assert not any(secret in said for secret in (KEY, "hush", "5", "7")), said


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """An operator corrects everything in one go."""
    found = problems(tmp_path, 'log = "xml"\ncolour = 1', DESK_DNS="nowhere", DESK_PORTAL_LISTEN="x")
    assert {key for _, key, _ in found} == {"log", "colour", "DESK_DNS", "DESK_PORTAL_LISTEN"}


@pytest.mark.parametrize(
    "listen", ["127.0.0.2:8080", "[::]:8080", "127.0.0.1:0"], ids=["another host", "another family", "any port"]
)
def test_listeners_that_are_not_in_each_others_way_are_taken(tmp_path: Path, listen: str) -> None:
    """One port of two addresses is two places; what the system chooses is free."""
    assert str(load(tmp_path, DESK_MAIL_LISTEN=listen, DESK_ADMIN_LISTEN="127.0.0.1:0").mail_listen) == listen


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    """STARTTLS with half of it would fail at the first mail."""
    (tmp_path / "cert.pem").touch()
    [(file, key, message)] = problems(tmp_path, DESK_MAIL_TLS_CERT=str(tmp_path / "cert.pem"))
    assert (file, key) == ("environment", "DESK_MAIL_TLS_CERT")
    assert "DESK_MAIL_TLS_KEY" in message


def test_secrets_are_stars_wherever_settings_are_shown(tmp_path: Path) -> None:
    """Neither the settings' text nor a message about a wrong one shows a secret."""
    settings = load(
        tmp_path, DESK_KEYS=KEY, SLACK_BOT_TOKEN="xoxb-hush", SLACK_APP_TOKEN="xapp-hush", DESK_RELAY="smtp://u:hush@h"
    )
    assert "hush" not in repr(settings)
    assert repr(bytes.fromhex(KEY)) not in repr(settings)
    wrong = problems(tmp_path, DESK_KEYS="hush", SLACK_BOT_TOKEN="hush", DESK_RELAY="smtp://u:hush@")
    assert len(wrong) == 3
    assert "hush" not in str(wrong)


def test_the_first_key_signs_and_the_others_still_verify(tmp_path: Path) -> None:
    """Hex and base64 both, in the order written."""
    before = Vault(load(tmp_path, DESK_KEYS=OTHER).keys)
    after = Vault(load(tmp_path, DESK_KEYS=f"{KEY},{OTHER}").keys)
    assert after.matches("x", "text", before.digest("x", "text"))
    assert after.key != before.key


def test_a_first_start_makes_a_key_and_later_starts_find_it(tmp_path: Path) -> None:
    """The key lies in the data folder, readable by its owner only, and a second maker does not replace it."""
    fresh = load(tmp_path, DESK_DATA=str(tmp_path / "data"))
    assert fresh.keys == ()
    made = keep_key(fresh, new_key())
    assert (tmp_path / "data" / "keys").stat().st_mode & 0o777 == 0o600
    assert load(tmp_path, DESK_DATA=str(tmp_path / "data")).keys == made.keys
    assert keep_key(fresh, new_key()).keys == made.keys


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    """Whoever reads the keys can forge links."""
    keep_key(load(tmp_path, DESK_DATA=str(tmp_path)), new_key())
    (tmp_path / "keys").chmod(0o644)
    [(file, _, message)] = problems(tmp_path, DESK_DATA=str(tmp_path))
    assert file == "keys"
    assert "chmod 600" in message


def test_a_data_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    """Said in words, not by a traceback."""
    (tmp_path / "data").touch()
    settings = load(tmp_path, DESK_KEYS=KEY, DESK_DATA=str(tmp_path / "data"))
    with pytest.raises(SettingsError, match="keys: cannot be read: Not a directory"):
        keep_key(settings, new_key())


def test_a_relay_is_read_with_its_ports_and_passwords() -> None:
    """The usual ports when none is given; percent-encoding undone."""
    assert relay("smtp://mail.example") == Relay(scheme="smtp", host="mail.example", port=25)
    assert relay("file:///var/mail%20out") == Relay(scheme="file", folder=Path("/var/mail out"))
    secure = relay("smtps://us%40er:p%3A%2Fw@mail.example")
    assert (secure.scheme, secure.port, secure.user) == ("smtps", 465, "us@er")
    assert secure.password is not None
    assert secure.password.value == "p:/w"


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_user_and_password_pass_through_a_relay_address(user: str, password: str) -> None:
    """Whatever signs they hold, percent-encoded they arrive unchanged."""
    try:
        encoded = f"smtp://{quote(user, safe='')}:{quote(password, safe='')}@host"
    except UnicodeEncodeError:
        return
    found = relay(encoded)
    assert (found.user, found.password.value if found.password else None) == (user, password)


@given(st.text())
@example("x" * 300)
def test_nonsense_never_breaks_a_reader(text: str) -> None:
    """Every setting either reads a text or refuses it; no other error comes out."""
    for setting in KNOWN.values():
        with suppress(Invalid):
            setting.read(text)


@given(st.ip_addresses(), st.integers(0, 65535))
def test_a_listener_reads_back_what_it_writes(host: object, port: int) -> None:
    """IPv4 and IPv6, any port."""
    address = HostPort(host=str(host), port=port)
    assert host_port(str(address)) == address


def test_settings_and_their_table_name_the_same(tmp_path: Path) -> None:
    """No setting without a line in the table, none in the table that nothing reads."""
    assert set(Settings.__struct_fields__) == set(KNOWN)
    assert load(tmp_path).log == "text"


def test_the_template_shows_every_default(tmp_path: Path) -> None:
    """It loads as it is, and with every line uncommented, and both mean: nothing was set."""
    template = Settings.template()
    uncommented = re.sub(r"(?m)^#(?=\w+ = )", "", template)
    assert set(tomllib.loads(uncommented)) == set(KNOWN)
    assert repr(load(tmp_path, template)) == repr(load(tmp_path, uncommented)) == repr(load(tmp_path))


@pytest.mark.parametrize("page", ["docs/settings.md", "README.md"])
def test_every_setting_is_documented(page: str) -> None:
    """By its name in the environment."""
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [variable(name) for name in KNOWN if f"`{variable(name)}`" not in text] == []


def test_the_page_of_settings_tells_the_true_defaults() -> None:
    """Each row of docs/settings.md has the name, the variable and the default that the code has."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    written = {name: setting.default.replace("{", "<").replace("}", ">") for name, setting in KNOWN.items()}
    starts = {name: f"| `{name}` | `{variable(name)}` | `{default}` |" for name, default in written.items() if default}
    assert len(starts) > 10
    assert [name for name, start in starts.items() if start not in page] == []
