"""The desk with everything around it that it needs, on this machine alone: for trying it out, and for proving it."""

from demo.command import run

__all__ = ["run"]
