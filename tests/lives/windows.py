"""How often is too often: every limit of the desk, from the moment it is full."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from handlers import limits
from handlers.answers import Budget
from handlers.limits import Limit
from tests.builders import DeskUnderTest
from tests.lives.life import Begin, Holds, Life

ROOT = Path(__file__).resolve().parents[2]


def constants() -> Iterator[tuple[str, Any]]:
    """Every constant of the handlers and the portal that is a time or a limit, or holds some; by its full name."""
    for path in sorted([*ROOT.glob("handlers/**/*.py"), *ROOT.glob("portal/**/*.py")]):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in _assigned(ast.parse(path.read_text("utf-8"))):
            value = getattr(importlib.import_module(module), name)
            if name.endswith("_DAYS") or any(isinstance(one, timedelta | Limit) for one in _in(value)):
                yield f"{module}.{name}", value


def all_limits() -> dict[str, tuple[str, Limit]]:
    """Every limit by its name, with the constant that it stands in."""
    found = [(full, one) for full, value in constants() for one in _in(value) if isinstance(one, Limit)]
    return {limit.name: (full, limit) for full, limit in found}


def _assigned(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(one, ast.Name) and one.id.isupper():
                    yield one.id


def _in(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [part for one in value.values() for part in _in(one)]
    if isinstance(value, Budget):
        return [value.mailbox, value.case, value.service]
    return list(value) if isinstance(value, tuple | list) else [value]


def full(limit: Limit) -> Begin:
    """It is used up at once."""

    async def begin(house: DeskUnderTest) -> Holds:
        async with house.desk.store.transaction() as tx:
            for _ in range(limit.most):
                await limits.take(tx, house.desk, limit, "A-DURAND")

        async def holds() -> bool:
            async with house.desk.store.transaction() as tx:
                return not await limits.within(tx, house.desk, limit, "A-DURAND")

        return holds

    return begin


LIVES = {
    f"limit {name}": Life(
        what=f"limit “{name}”: {limit.most}",
        since="each time for itself",
        then=f"as many are possible again; until then: “{limit.said}”",
        length=limit.within,
        begin=full(limit),
        of=(constant,),
        once=True,
    )
    for name, (constant, limit) in all_limits().items()
}
