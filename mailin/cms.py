"""Signed mail whose text is inside its signature (S/MIME, RFC 8551), and what else such a wrapper is.

The signature is not checked: it would prove an address, and nothing about an account (rule 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

NODES = 2000
DEPTH = 12
SEQUENCE, OCTETS, OCTETS_PARTS, OID, EXPLICIT = 0x30, 0x04, 0x24, 0x06, 0xA0
NAMES = {
    bytes.fromhex("2a864886f70d010702"): "signed",
    bytes.fromhex("2a864886f70d010703"): "enveloped",
    bytes.fromhex("2a864886f70d0109100117"): "enveloped",
    bytes.fromhex("2a864886f70d0109100109"): "compressed",
}


class Node(NamedTuple):
    """One value of BER: its tag, where its contents begin and end, and where the next value begins."""

    tag: int
    start: int
    end: int
    next: int


class _Reader:
    """Walks through BER of any make, a bounded number of values."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._left = NODES

    def node(self, at: int, end: int, depth: int = 0) -> Node:
        """The value at `at`; raises ValueError when there is none."""
        self._left -= 1
        if at + 2 > end or self._left < 0 or depth > DEPTH:
            raise ValueError
        tag, length, start = self.data[at], self.data[at + 1], at + 2
        if length == 0x80:
            stop = self._end_of_contents(start, end, depth)
            return Node(tag, start, stop, stop + 2)
        if length > 0x80:
            octets = length & 0x7F
            length = int.from_bytes(self.data[start : start + octets], "big")
            start += octets
        if start + length > end:
            raise ValueError
        return Node(tag, start, start + length, start + length)

    def _end_of_contents(self, at: int, end: int, depth: int) -> int:
        while self.data[at : at + 2] != b"\0\0":
            at = self.node(at, end, depth + 1).next
        return at

    def children(self, node: Node) -> Iterator[Node]:
        """The values in a value."""
        at = node.start
        while at < node.end:
            child = self.node(at, node.end)
            yield child
            at = child.next

    def octets(self, node: Node, depth: int = 0) -> bytes:
        """An octet string, also one in pieces; raises ValueError."""
        if node.tag == OCTETS:
            return self.data[node.start : node.end]
        if node.tag != OCTETS_PARTS or depth > DEPTH:
            raise ValueError
        return b"".join(self.octets(child, depth + 1) for child in self.children(node))


def opened(data: bytes) -> tuple[str, bytes]:
    """What a wrapper is (`signed`, `enveloped`, `compressed` or ""), and the mail inside where it is signed only."""
    reader = _Reader(data)
    try:
        kind, content = list(reader.children(reader.node(0, len(data))))[:2]
        name = NAMES.get(data[kind.start : kind.end], "")
        if name != "signed":
            return name, b""
        signed = reader.node(content.start, content.end)
        fields = list(reader.children(signed))
        enclosed = list(reader.children(fields[2]))
        return name, reader.octets(reader.node(enclosed[1].start, enclosed[1].end)) if len(enclosed) > 1 else b""
    except (ValueError, IndexError):
        return "", b""
