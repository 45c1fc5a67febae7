"""What an operator sets: `desk.toml`, overridden by the environment, read once and strictly."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from handlers.configuration.endpoints import HostPort, Relay, StoreUrl
from handlers.configuration.known_settings import GROUPS, KNOWN, Keys, Setting, keys, variable
from handlers.configuration.strict import Problem, SettingsError, shown, table
from handlers.model.document import Value
from handlers.model.errors import Invalid
from handlers.vault import Secret

FILE = "desk.toml"
ENVIRONMENT = "environment"


class Settings(Value, frozen=True, kw_only=True):
    """Every setting, checked and in its own type; what each is for stands in `handlers.configuration.known_settings`.

    `keys` is empty until `keep_key` made some. A `portal_url` whose port is 0 follows `portal_listen`: whoever binds
    the portal knows the port.
    """

    data: Path
    store: StoreUrl
    services: Path
    keys: Keys
    dns: HostPort | None
    log: Literal["text", "json"]
    mail_listen: HostPort
    mail_tls_cert: Path | None
    mail_tls_key: Path | None
    mail_max_bytes: int
    mail_max_recipients: int
    mail_max_sessions: int
    mail_max_per_minute: int
    mail_proxy_from: tuple[IPv4Network | IPv6Network, ...]
    mail_timeout_seconds: int
    mail_authserv_id: str
    mail_trusted_sealers: frozenset[str]
    clamd: HostPort | None
    relay: Relay
    portal_listen: HostPort
    portal_url: str
    admin_listen: HostPort
    staff_agents: frozenset[str]
    staff_approvers: frozenset[str]
    staff_admins: frozenset[str]
    slack_channel: str
    slack_api_url: str
    slack_bot_token: Secret | None
    slack_app_token: Secret | None
    slack_signing_secret: Secret | None

    @classmethod
    def load(cls, path: Path | str | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings of `path` (else `./desk.toml`, if there is one) and `environ`, which wins.

        Raises SettingsError with every mistake found, each with the file and the key as the operator wrote them.
        """
        file = Path(path or FILE)
        raw = table(file) if path or os.path.lexists(file) else {}
        problems = [
            Problem(file=str(file), key=key, message=_stray(key, value))
            for key, value in raw.items()
            if key not in KNOWN
        ]
        problems += _strangers(environ)
        written = {name: _written(name, raw, str(file), environ) for name in KNOWN}
        values = _values(written, problems)
        if not problems:
            values["keys"] = values["keys"] or _kept_keys(values["data"], problems)
            problems += _contradictions(values, written)
        if problems:
            raise SettingsError(problems)
        return cls(**values)

    @staticmethod
    def template() -> str:
        """A `desk.toml` with every setting, its default and a line on what it is for, all commented out."""
        return "\n".join([_HEAD, *(line for title, group in GROUPS.items() for line in _section(title, group))])


def keep_key(settings: Settings, key: str) -> Settings:
    """The settings with the key of a fresh installation, written to `<data>/keys` for the next start.

    If another process wrote one first, that one counts. Raises SettingsError if the file cannot be written.
    """
    file = settings.data / "keys"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as kept:
            kept.write(
                f"# Keys of this desk; a new one goes on top, an old one stays until nothing of it is out.\n{key}\n"
            )
            kept.flush()
            os.fsync(kept.fileno())
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(
            [Problem(file=str(file), key="", message=f"cannot be written: {error.strerror}")]
        ) from error
    problems: list[Problem] = []
    found = _kept_keys(settings.data, problems)
    if problems:
        raise SettingsError(problems)
    return msgspec.structs.replace(settings, keys=found)


class _Written(NamedTuple):
    """A setting as somebody wrote it: the text, the file, the key; `fault` if its TOML form is wrong."""

    text: str
    file: str
    key: str
    fault: str = ""


def _strangers(environ: Mapping[str, str]) -> list[Problem]:
    """Variables that look like ours and are not: a typing error would otherwise go unnoticed."""
    names = {variable(name).removeprefix("DESK_"): variable(name) for name in KNOWN}
    strange = sorted(name for name in environ if name.startswith("DESK_") and name not in names.values())
    return [
        Problem(file=ENVIRONMENT, key=name, message=_unknown(name.removeprefix("DESK_"), names)) for name in strange
    ]


def _stray(key: str, value: object) -> str:
    """The sentence about a key of the file that is no setting's."""
    here = {known: name for name in KNOWN for known in (variable(name), name.upper())}
    if key.upper() in here:
        return f"is unknown; here it is {here[key.upper()]}"
    if isinstance(value, Mapping):
        flat = [f"{key}_{name}" for name in value if f"{key}_{name}" in KNOWN]
        return f"is unknown; there are no sections here, the names are flat, such as {(*flat, 'mail_listen')[0]}"
    return _unknown(key, {name: name for name in KNOWN})


def _unknown(word: str, names: Mapping[str, str]) -> str:
    """The sentence about a name nobody knows; `names` are what to compare with, and what to call it."""
    near = get_close_matches(word, names, n=1)
    return f"is unknown; did you mean {names[near[0]]}?" if near else "is unknown; docs/settings.md has every setting"


def _written(name: str, raw: Mapping[str, object], file: str, environ: Mapping[str, str]) -> _Written | None:
    """How the setting was written, or None if it was not; the environment wins over the file."""
    if variable(name) in environ:
        return _Written(environ[variable(name)], ENVIRONMENT, variable(name))
    if name not in raw:
        return None
    value, form = raw[name], KNOWN[name].form
    if form == "number":
        good = isinstance(value, int) and not isinstance(value, bool)
        return _Written(str(value), file, name, "" if good else f"is {shown(value)}; it must be a whole number")
    if isinstance(value, str):
        return _Written(value, file, name)
    if form == "text" or not isinstance(value, list):
        right = "must be a list of texts" if form == "list" else "must be a text in quotes"
        return _Written("", file, name, right if KNOWN[name].secret else f"is {shown(value)}; it {right}")
    bad = [item for item in value if not isinstance(item, str)]
    held = "" if KNOWN[name].secret else f"holds {shown(bad[0])}; it " if bad else ""
    return _Written(",".join(map(str, value)), file, name, f"{held}must be a list of texts" if bad else "")


def _values(written: Mapping[str, _Written | None], problems: list[Problem]) -> dict[str, Any]:
    """Every setting read, in the order of the table, so that a default can name a setting before it.

    What cannot be read becomes a problem, and stands in with its default so that nothing else stumbles over it.
    """
    values: dict[str, Any] = {}
    for name, setting in KNOWN.items():
        default = setting.default.format_map(values)
        one = written[name] or _Written(default, FILE, name)
        try:
            values[name] = _read(setting, one)
        except Invalid as error:
            values[name] = default
            problems.append(Problem(file=one.file, key=one.key, message=str(error)))
    return values


def _read(setting: Setting, one: _Written) -> Any:
    if one.fault:
        raise Invalid(one.fault)
    try:
        return setting.read(one.text)
    except Invalid as error:
        shown = "" if setting.secret else f'is "{one.text[:80]}"; it '
        raise Invalid(f"{shown}must be {error}") from None


def _kept_keys(data: Path, problems: list[Problem]) -> Keys:
    """The keys in `<data>/keys`, one a line; none if there is no such file yet."""
    file = data / "keys"
    try:
        return _keys_in(file)
    except FileNotFoundError:
        return Keys()
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except Invalid as error:
        message = f"must be {error}"
    problems.append(Problem(file=str(file), key="", message=message))
    return Keys()


def _keys_in(file: Path) -> Keys:
    if file.stat().st_mode & 0o077:
        raise Invalid("readable by its owner only: chmod 600")
    lines = file.read_text(encoding="ascii", errors="replace").splitlines()
    found = keys(",".join(line for line in lines if not line.startswith("#")))
    if not found:
        raise Invalid("at least one key, a line each")
    return found


_PAIRS = (
    ("mail_tls_cert", "mail_tls_key", "the certificate needs its key"),
    ("mail_tls_key", "mail_tls_cert", "the key needs its certificate"),
    ("slack_app_token", "slack_bot_token", "the app token connects, the bot token speaks"),
    ("slack_signing_secret", "slack_bot_token", "Slack could call us, and we could not answer"),
)

_LISTENERS = ("mail_listen", "portal_listen", "admin_listen")


def _contradictions(values: Mapping[str, Any], written: Mapping[str, _Written | None]) -> list[Problem]:
    """Settings that need another one which is not set, or that are in the way of another."""
    found = [
        (name, f"needs {{}} as well: {why}", other) for name, other, why in _PAIRS if values[name] and not values[other]
    ]
    if values["slack_bot_token"] and not (values["slack_app_token"] or values["slack_signing_secret"]):
        found.append(("slack_bot_token", "needs {} for Socket Mode, or a signing secret", "slack_app_token"))
    for pair in combinations(_LISTENERS, 2):
        other, one = sorted(pair, key=lambda name: written[name] is not None)  # what nobody wrote needs no change
        if values[one].excludes(values[other]):
            why = f"is {values[one]} and {{}} is {values[other]}: only one can listen there, so change a port"
            found.append((one, why, other))
    return [_about(written[name], message, other) for name, message, other in found]


def _about(one: _Written | None, message: str, other: str) -> Problem:
    place = one or _Written("", FILE, other)
    name = variable(other) if place.file == ENVIRONMENT else other
    return Problem(file=place.file, key=place.key, message=message.format(name))


_HEAD = """\
# Settings of the recovery desk. A line that starts with # shows a default; remove the # to set it.
# Everything here can be set in the environment as well, which wins: data is DESK_DATA, and so on; the three Slack
# secrets are SLACK_BOT_TOKEN, SLACK_APP_TOKEN and SLACK_SIGNING_SECRET. Paths count from where the desk is started.
"""


def _section(title: str, group: Mapping[str, Setting]) -> list[str]:
    lines = [f"# {title}", ""]
    for name, setting in group.items():
        lines += [f"# {setting.says}", f"#{name} = {_toml(setting)}", ""]
    return lines


def _toml(setting: Setting) -> str:
    """The default as TOML writes it; one that follows another setting is shown with that setting's default."""
    default = setting.default.format(data=KNOWN["data"].default, portal_listen=KNOWN["portal_listen"].default)
    return {"text": f'"{default}"', "number": default, "list": "[]"}[setting.form]
