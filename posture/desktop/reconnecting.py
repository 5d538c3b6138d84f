"""Staying connected to something that comes and goes: the waiting times between two tries, said once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

_AGAIN_S, _AGAIN_AT_MOST_S = 1.0, 60.0
_CANCEL_AGAIN_S = 0.5


async def reconnecting(connect: Callable[[], Awaitable[bool]]) -> NoReturn:
    """Call `connect` again and again: it returns when the connection is gone, and says whether there was one.

    Waits a second after a connection that was there, and twice as long each time there was none, up to a minute.
    """
    wait_s = _AGAIN_S
    while True:
        wait_s = _AGAIN_S if await connect() else wait_s
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, _AGAIN_AT_MOST_S)


async def end_tasks(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended, well or not: a TaskGroup that just then fails by itself swallows a cancellation."""
    left = {*tasks}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)
