"""Reads what an operator wrote into values, strictly: nothing is guessed, and every mistake is named at once."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TypeVar, cast

import msgspec
from msgspec.inspect import (
    BoolType,
    DictType,
    Field,
    IntType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from handlers.configuration import toml_faults
from handlers.model.document import Value
from handlers.model.errors import Invalid

V = TypeVar("V", bound=Value)
Check = Callable[[str], str | None]
"""Looks at a text and says what it must be, or None if it is that."""

_MISSING = object()


class Problem(Value, frozen=True, kw_only=True):
    """One mistake in what an operator wrote: where (`key` may be empty), and what would be right."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


class SettingsError(Invalid):
    """Settings or service files cannot be used; `problems` lists every mistake found, in order of files and keys."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def table(file: Path) -> dict[str, object]:
    """The TOML table in `file`; raises SettingsError if it cannot be read or is not TOML."""
    text = ""
    try:
        text = file.read_bytes().decode("utf-8")
        return tomllib.loads(text)
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not TOML: {toml_faults.told(text, error)}"
    raise SettingsError([Problem(file=str(file), key="", message=problem)])


def unknown(word: str, known: Iterable[str]) -> str:
    """The sentence about a key nobody knows, with the likeliest meant one."""
    near = get_close_matches(word, list(known), n=1)
    return f"is unknown; did you mean {near[0]}?" if near else f"is unknown; possible are {', '.join(sorted(known))}"


def read(kind: type[V], raw: Mapping[str, object], file: str, checks: Mapping[str, Check]) -> V:
    """`raw` as a `kind`; raises SettingsError with every mistake in it.

    `checks` are looked up by the `is` of a field's metadata. A section may have `contradictions()`, which yields keys
    and sentences; they are asked only when the section itself was read without a mistake.
    """
    reading = _Reading(file, checks)
    value = reading.struct(_made_of(kind), raw, "")
    if reading.problems:
        raise SettingsError(reading.problems)
    return cast(V, value)


@cache
def _made_of(kind: type[Value]) -> StructType:
    """The fields of a kind, found once: that takes longer than to read a file."""
    return cast(StructType, type_info(kind))


class _Reading:
    """One pass over one file; `problems` grows, and what could not be read is `_MISSING`."""

    def __init__(self, file: str, checks: Mapping[str, Check]) -> None:
        self.file, self.checks = file, checks
        self.problems: list[Problem] = []

    def say(self, key: str, message: str) -> object:
        self.problems.append(Problem(file=self.file, key=key, message=message))
        return _MISSING

    def value(self, info: Type, raw: object, key: str) -> object:
        match info:
            case Metadata():
                return self.checked(info, raw, key)
            case UnionType(types=types):  # a section that may be left out
                return next(self.value(one, raw, key) for one in types if not isinstance(one, NoneType))
            case StructType():
                return self.struct(info, raw, key)
            case DictType():
                return self.mapping(info, raw, key)
            case VarTupleType():
                return self.sequence(info, raw, key)
        return raw if _fits(info, raw) else self.say(key, f"is {shown(raw)}; it must be {_meaning(info)}")

    def checked(self, info: Metadata, raw: object, key: str) -> object:
        value = self.value(info.type, raw, key)
        if value is _MISSING:
            return value
        wanted = self.checks[(info.extra or {})["is"]](str(value))
        return self.say(key, f"is {shown(raw)}; it must be {wanted}") if wanted else value

    def struct(self, info: StructType, raw: object, key: str) -> object:
        if not isinstance(raw, Mapping):
            return self.say(key, f"is {shown(raw)}; it must be a section: [{key}]")
        before, known = len(self.problems), {field.name: field for field in info.fields}
        for name in (name for name in raw if name not in known):
            self.say(_dotted(key, name), unknown(name, known))
        values = {name: self.field(field, raw, _dotted(key, name)) for name, field in known.items()}
        if len(self.problems) > before:
            return _MISSING
        made = info.cls(**{name: value for name, value in values.items() if value is not _MISSING})
        for name, message in getattr(made, "contradictions", tuple)():
            self.say(_dotted(key, name), message)
        return made

    def field(self, field: Field, raw: Mapping[str, object], key: str) -> object:
        if field.name in raw:
            return self.value(field.type, raw[field.name], key)
        return self.say(key, f"is missing; it must be {_meaning(field.type)}") if field.required else _MISSING

    def mapping(self, info: DictType, raw: object, key: str) -> object:
        known = cast(LiteralType, info.key_type).values
        if not isinstance(raw, Mapping):
            return self.say(key, f"is {shown(raw)}; it must be {_meaning(info)}")
        for name in (name for name in raw if name not in known):
            self.say(_dotted(key, name), unknown(name, cast(tuple[str, ...], known)))
        return {name: self.value(info.value_type, raw[name], _dotted(key, name)) for name in raw if name in known}

    def sequence(self, info: VarTupleType, raw: object, key: str) -> object:
        if not isinstance(raw, list):
            return self.say(key, f"is {shown(raw)}; it must be {_meaning(info)}")
        if len(raw) < (info.min_length or 0):
            return self.say(key, f"is empty; it must be {_meaning(info)}")
        repeated = next((item for place, item in enumerate(raw) if item in raw[:place]), None)
        if repeated is not None:
            return self.say(key, f"names {shown(repeated)} twice; once is enough")
        values = tuple(self.value(info.item_type, item, key) for item in raw)
        return _MISSING if _MISSING in values else values


def _fits(info: Type, raw: object) -> bool:
    match info:
        case IntType(ge=least, le=most):
            whole = isinstance(raw, int) and not isinstance(raw, bool)
            return whole and (least or 0) <= cast(int, raw) <= (most if most is not None else cast(int, raw))
        case LiteralType(values=values):
            return isinstance(raw, str) and raw in values
        case StrType():
            return isinstance(raw, str)
        case BoolType():
            return isinstance(raw, bool)
    raise TypeError(f"nobody taught strict reading {info!r}")


def _meaning(info: Type) -> str:
    """What a value of this type is, in an operator's words."""
    match info:
        case IntType(ge=least, le=most):
            return f"a whole number from {least} to {most}"
        case LiteralType(values=values):
            return "one of " + ", ".join(f'"{value}"' for value in values)
        case VarTupleType(item_type=item):
            return f"a list, each item {_meaning(item)}"
        case DictType(key_type=LiteralType(values=names), value_type=inner):
            return f"written for each of {', '.join(map(str, names))} as <key>.{names[0]}: {_meaning(inner)}"
        case Metadata(type=inner):
            return _meaning(inner)
        case StructType():
            return "a section"
        case BoolType():
            return "true or false"
    return "a text in quotes"


def shown(raw: object) -> str:
    """The value as TOML would write it, shortened."""
    text = msgspec.json.encode(raw, enc_hook=str).decode()
    return text if len(text) <= 60 else text[:57] + "…"


def _dotted(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
