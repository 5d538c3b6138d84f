"""Staying connected to something that comes and goes: the waiting times between two tries, said once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

_AGAIN_S, _AGAIN_AT_MOST_S = 1.0, 60.0


async def reconnecting(connect: Callable[[], Awaitable[bool]]) -> NoReturn:
    """Call `connect` again and again: it returns when the connection is gone, and says whether there was one.

    Waits a second after a connection that was there, and twice as long each time there was none, up to a minute.
    """
    wait_s = _AGAIN_S
    while True:
        wait_s = _AGAIN_S if await connect() else wait_s
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, _AGAIN_AT_MOST_S)
