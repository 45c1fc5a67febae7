"""Mail senders as a process for bench_smtp: `python -m bench.smtp_load PORT CONNECTIONS MAILS BYTES many|one`.

Sends MAILS in all over CONNECTIONS at once, many per connection or one, without talking ahead; prints as JSON the
milliseconds each mail took from MAIL to 250, and the seconds all took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

STEPS = (b"MAIL FROM:<claire@customer.example>\r\n", b"RCPT TO:<support@shop.example>\r\n", b"DATA\r\n")
CODES = (b"250", b"250", b"354", b"250")


def body(size: int) -> bytes:
    """A mail of `size` bytes in lines of 76, and its end."""
    head = b"From: claire@customer.example\r\nTo: support@shop.example\r\nSubject: mot de passe\r\n\r\n"
    line = b"x" * 76 + b"\r\n"
    return head + line * ((size - len(head)) // len(line)) + b".\r\n"


class Load:
    """What is left to send, and how long each mail took."""

    def __init__(self, mails: int, content: bytes, many: bool) -> None:
        self.left, self.content, self.many = mails, content, many
        self.times: list[float] = []


class Sender(asyncio.Protocol):
    """One connection; the cheapest client that checks every reply."""

    def __init__(self, load: Load, ended: asyncio.Future[None]) -> None:
        self.load, self.ended = load, ended
        self.step, self.began, self.heard = -2, 0.0, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the greeting."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Take the reply and go on."""
        self.heard += data
        last = self.heard.rfind(b"\n", 0, -1) + 1
        if not self.heard.endswith(b"\n") or self.heard[last + 3 : last + 4] == b"-":
            return
        reply, self.heard = self.heard[last:], b""
        self.go_on(reply)

    def go_on(self, reply: bytes) -> None:
        """The next thing to say."""
        self.step += 1
        if self.step == -1:
            self.transport.write(b"EHLO client.example\r\n")
            return
        if self.step > 0 and not reply.startswith(CODES[self.step - 1]):
            raise SystemExit(f"unexpected reply {reply!r} at step {self.step}")
        if self.step == 4:
            self.load.times.append(time.perf_counter() - self.began)
            self.step = 0
            if not self.load.many:
                return self.quit()
        if self.step == 0:
            self.begin()
        else:
            self.transport.write(STEPS[self.step] if self.step < 3 else self.load.content)

    def begin(self) -> None:
        """Begin the next mail, if one is left."""
        if not self.load.left:
            return self.quit()
        self.load.left -= 1
        self.began = time.perf_counter()
        self.transport.write(STEPS[0])

    def quit(self) -> None:
        """Say goodbye."""
        self.transport.write(b"QUIT\r\n")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self.ended.set_result(None)


async def connection(port: int, load: Load) -> None:
    """Send over one connection after another until nothing is left."""
    loop = asyncio.get_running_loop()
    while load.left:
        ended: asyncio.Future[None] = loop.create_future()
        await loop.create_connection(lambda ended=ended: Sender(load, ended), "127.0.0.1", port)  # type: ignore[misc]
        await ended


async def main(port: int, connections: int, mails: int, size: int, many: bool) -> None:
    """Send all and print how long it took."""
    load = Load(mails, body(size), many)
    began = time.perf_counter()
    await asyncio.gather(*(connection(port, load) for _ in range(connections)))
    print(json.dumps({"seconds": time.perf_counter() - began, "ms": [1000 * each for each in load.times]}))


if __name__ == "__main__":
    PORT, CONNECTIONS, MAILS, SIZE = map(int, sys.argv[1:5])
    asyncio.run(main(PORT, CONNECTIONS, MAILS, SIZE, many=sys.argv[5] == "many"))
