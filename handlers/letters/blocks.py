"""What a letter is made of, whichever form it is drawn in: written once, drawn as text and as HTML."""

from __future__ import annotations

from typing import ClassVar

from handlers.model.document import Value


class Paragraph(Value, frozen=True):
    """A few sentences."""

    SHAPE: ClassVar = "paragraph"

    text: str


class Fact(Value, frozen=True):
    """A label and what it stands for, such as the login a letter is about."""

    SHAPE: ClassVar = "fact"

    label: str
    value: str


class Button(Value, frozen=True):
    """The page to open, introduced by `lead`: the address in full, and in HTML a button and `hint` before it."""

    SHAPE: ClassVar = "button"

    lead: str
    label: str
    hint: str
    url: str


class Link(Value, frozen=True):
    """A page that may be useful, said quietly: nobody has to open it."""

    SHAPE: ClassVar = "link"

    text: str
    url: str


class Code(Value, frozen=True):
    """A one-time code, alone on its line, with the words that tell people and mail programs what it is before it."""

    SHAPE: ClassVar = "code"

    label: str
    digits: str


class Password(Value, frozen=True):
    """A temporary password, alone on its line: whoever copies it copies nothing else."""

    SHAPE: ClassVar = "password"

    label: str
    password: str


class Steps(Value, frozen=True):
    """What to do, one thing after the other."""

    SHAPE: ClassVar = "steps"

    title: str
    steps: tuple[str, ...]


class Warning(Value, frozen=True):
    """What to do if this was not the reader's doing; set apart so that it is seen. `url` is the page it leads to."""

    SHAPE: ClassVar = "warning"

    title: str
    text: str
    url: str = ""


Block = Paragraph | Fact | Button | Link | Code | Password | Steps | Warning


class Content(Value, frozen=True, kw_only=True):
    """A letter in one language: its subject, its blocks, and a line that says who it is from."""

    subject: str
    blocks: tuple[Block, ...]
    footer: str
