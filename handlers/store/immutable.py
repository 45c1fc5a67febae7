"""Whether a document can be handed out as it is, or only as a copy."""

from __future__ import annotations

from functools import cache

from msgspec import inspect

_PLAIN = (
    inspect.NoneType,
    inspect.BoolType,
    inspect.IntType,
    inspect.FloatType,
    inspect.StrType,
    inspect.BytesType,
    inspect.DateTimeType,
    inspect.DateType,
    inspect.TimeType,
    inspect.TimeDeltaType,
    inspect.UUIDType,
    inspect.DecimalType,
    inspect.EnumType,
    inspect.LiteralType,
)


@cache
def is_immutable(kind: type) -> bool:
    """Whether no value of this type can be changed in place, however deep one looks."""
    return _is_immutable(inspect.type_info(kind), set())


def _is_immutable(kind: inspect.Type, seen: set[type]) -> bool:
    match kind:
        case inspect.UnionType(types=types):
            return all(_is_immutable(one, seen) for one in types)
        case inspect.VarTupleType(item_type=item) | inspect.FrozenSetType(item_type=item):
            return _is_immutable(item, seen)
        case inspect.TupleType(item_types=items):
            return all(_is_immutable(one, seen) for one in items)
        case inspect.StructType(cls=cls, fields=fields):
            if cls in seen:
                return True
            seen.add(cls)
            return cls.__struct_config__.frozen and all(_is_immutable(field.type, seen) for field in fields)
        case _:
            return isinstance(kind, _PLAIN)
