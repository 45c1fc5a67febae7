"""Which version of the desk this is."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path

import typer

PACKAGE = "recovery-desk"


def release() -> str:
    """The version in the package's metadata; of a tree that runs where it lies, what that is made from."""
    try:
        return metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        project = Path(__file__).resolve().parents[1] / "pyproject.toml"
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])


def tell(wanted: bool) -> None:
    """Print it and end, where it is asked for."""
    if wanted:
        typer.echo(f"{PACKAGE} {release()}")
        raise typer.Exit
