"""A desk that opens cases and posts their cards until it is killed.

`python -m tests.bot.victim <folder> <api> <number of the first case>`
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.app import Bot
from tests.bot.builders import make_connection, open_case, open_desk


async def main(folder: str, api: str, first: str) -> None:
    """Open one case after another, printing each id when it is durable."""
    async with open_desk(Path(folder)) as desk:
        bot = Bot(desk, make_connection(api_url=api, app_token=None), pace=0.0)
        await bot.start()
        for number in range(int(first), 1_000_000):
            case = await open_case(desk, id=f"R-{number:06}")
            print(case.id, flush=True)
            await asyncio.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
