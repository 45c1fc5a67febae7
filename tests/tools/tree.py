"""Where the tree lies and what it is made of, as the tools see it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "console", "demo", "handlers", "mailin", "portal")
