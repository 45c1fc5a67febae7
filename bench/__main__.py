"""Runs benchmarks and prints one line a figure: `python -m bench [NAME…] [--rounds N] [--json]`."""

import argparse
import asyncio
import json
import pkgutil
import sys
from importlib import import_module

import bench
from bench import Row

PREFIX = "bench_"


def names() -> list[str]:
    """What can be run, in the order of the alphabet."""
    found = (module.name for module in pkgutil.iter_modules(bench.__path__))
    return sorted(name.removeprefix(PREFIX) for name in found if name.startswith(PREFIX))


def rows(name: str, rounds: int) -> list[Row]:
    """Run one benchmark on an event loop of its own."""
    return asyncio.run(import_module(f"bench.{PREFIX}{name}").run(rounds))


def line(row: Row) -> str:
    """The figure as people read it, the goal behind it."""
    goal = f"  (goal: {row.goal})" if row.goal else ""
    return f"  {row.what:<52} {row.value:>12,.2f} {row.unit}{goal}"


def main() -> int:
    """Run what was asked for, or all; a benchmark that breaks ends the run with its traceback."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", help="what to run; everything when left out")
    parser.add_argument("--rounds", type=int, default=200, help="how many times to repeat (default: 200)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    wanted = parser.parse_args()
    unknown = sorted(set(wanted.name) - set(names()))
    if unknown:
        parser.error(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(names())}")
    for name in wanted.name or names():
        if not wanted.json:
            print(name, flush=True)
        for row in rows(name, wanted.rounds):
            print(json.dumps({"bench": name, **row._asdict()}) if wanted.json else line(row), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
