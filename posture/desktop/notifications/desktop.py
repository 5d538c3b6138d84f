"""Prompts as desktop notifications, with the terminal as the fallback.

The service is talked to in a thread of its own, and each call has an end: a service that is missing, dies or never answers
costs the monitor nothing but the notice, which then goes another way. One that comes back is used again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

from posture.desktop.notifications.notice import NO_PROMPT, Notice, Notifier, TerminalNotifier, asked_again
from posture.desktop.notifications.service import HANG_UP_S, SOFT_S, Refused, Service, no_bus, why
from posture.types import Answer

CALL_S = 5.0
"""A service that has not answered after this is taken for dead."""
CLOSE_S = 1.0
"""So long is the service given to take off what is still shown when the monitor ends."""
Choice = Literal["desktop", "terminal", "none", "auto"]


class DesktopNotifier(Notifier):
    """Notices through the notification service of the operating system.

    A press of a button and a click on the text (``Answer.SHOW``) are answers; so is closing a notice (``Answer.NOT_NOW``) where the
    service tells that from a click. After ``Answer.SHOW`` the notice comes back, quietly, so that another answer can follow; after
    any other it is over. One that leaves by itself, is cleared, or goes down with its service is not answered.
    """

    def __init__(
        self,
        answer: Callable[[int, Answer], None],
        *,
        failed: Callable[[str], None] = lambda _words: None,
        instead: Notifier | None = None,
        call_s: float = CALL_S,
        soft_s: int = SOFT_S,
    ) -> None:
        """Start, without waiting for the service. All callables are called from the thread of the notifier.

        Args:
            answer: takes the number of a notice and what the person did with it.
            failed: takes one plain line when the service fails, once until it works again.
            instead: shows the notices that the service does not.
            call_s: seconds until a call is given up.
            soft_s: whole seconds until a soft notice leaves by itself, where the service goes by that.
        """
        self._answer = answer
        self._failed = failed
        self._instead = instead or Notifier()
        self._call_s = call_s
        self._soft_s = soft_s
        self._why_not: str | None = None
        self._refused = False
        self._looked = threading.Event()
        self._lock = threading.Lock()
        self._closed = False
        self._shown: dict[str, Notice] = {}
        self._service: Service | None = None
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda _loop, _context: None)  # what a dying connection leaves behind is no news
        self._todo: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._serving = self._loop.create_task(self._serve())
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)
        self._thread.start()

    def looked(self, within_s: float) -> bool:
        """Wait until the service was looked for once; whether that came to an end within `within_s` seconds."""
        return self._looked.wait(within_s)

    def show(self, notice: Notice) -> None:
        """Put it on the screen, in place of an earlier one of the same cause; returns at once."""
        self._post(lambda: self._do_show(notice))

    def show_message(self, title: str, body: str) -> None:
        """Put a message on the screen, in place of the one before; returns at once."""
        self._post(lambda: self._do_show(Notice(NO_PROMPT, title, body, buttons={})))

    def clear(self, number: int) -> None:
        """Take it off the screen if it is still there; returns at once, and no answer comes afterwards from it."""
        self._post(lambda: self._do_clear(number))

    def close(self) -> None:
        """Take off the screen what is still there, and end; at most about a second, also with a dead service."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join(2 * CLOSE_S)

    def _post(self, command: Callable[[], Awaitable[None]]) -> None:
        with self._lock:
            if not self._closed:
                self._loop.call_soon_threadsafe(self._todo.put_nowait, command)

    # --- from here on in the notifier's thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            with suppress(asyncio.CancelledError):
                self._loop.run_until_complete(self._serving)
            self._loop.run_until_complete(self._withdraw())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        try:
            with suppress(_Unreachable):
                await self._reached()
        finally:
            self._looked.set()
        while True:
            await (await self._todo.get())()

    async def _do_show(self, notice: Notice) -> None:
        for name, other in list(self._shown.items()):
            if other.number == notice.number or (notice.cause is not None and other.cause is notice.cause):
                await self._take_off(name)
        try:
            service = await self._reached()
            self._shown[_name(notice.number)] = notice  # at once: an answer may be there before the service says that it is shown
            await self._try(service.show(_name(notice.number), notice, self._call_s))
        except _Unreachable:
            if notice.number == NO_PROMPT:
                self._instead.show_message(notice.title, notice.body)
            else:
                self._instead.show(notice)
        else:
            self._why_not = None

    async def _do_ask_again(self, notice: Notice) -> None:
        """Show a notice again, unless a later one of the same cause has come meanwhile."""
        if notice.cause is None or all(other.cause is not notice.cause for other in self._shown.values()):
            await self._do_show(asked_again(notice))

    async def _do_clear(self, number: int) -> None:
        self._instead.clear(number)
        await self._take_off(_name(number))

    async def _take_off(self, name: str) -> None:
        known = self._shown.pop(name, None)  # first: what the person does to it from now on is no answer
        if known is not None and self._service is not None and not self._service.broken:
            with suppress(_Unreachable):
                await self._try(self._service.clear(name, self._call_s))

    async def _withdraw(self) -> None:
        """Leave nothing on the screen and nothing running; errors are ignored."""
        names, service = list(self._shown), self._service
        self._shown.clear()
        if service is not None:
            if not service.broken:
                await asyncio.gather(*(service.clear(name, CLOSE_S) for name in names), return_exceptions=True)
            await service.close(HANG_UP_S)
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        if rest:
            await asyncio.wait(rest, timeout=HANG_UP_S)
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _reached(self) -> Service:
        """Return the service, connected anew if need be."""
        if self._refused:
            raise _Unreachable
        if self._service is not None and self._service.broken:
            await self._drop()
        if self._service is None:
            self._service = Service(self._answered, self._shown.clear, self._soft_s)
            await self._try(self._service.connect(self._call_s))
        return self._service

    async def _try(self, call: Awaitable[None]) -> None:
        """Await `call`; if it fails, say so once and drop the connection.

        Raises:
            _Unreachable: it failed.
        """
        try:
            await call
        except Exception as error:  # three systems below raise what they like; the monitor goes on whatever it is
            self._refused = isinstance(error, Refused)
            first, self._why_not = self._why_not is None, f"Desktop notifications don't work: {why(error)}."
            await self._drop()
            if first:
                self._failed(self._why_not)
            raise _Unreachable from error

    async def _drop(self) -> None:
        service, self._service = self._service, None
        self._shown.clear()
        if service is not None:
            await service.close(HANG_UP_S)

    def _answered(self, name: str, answer: Answer) -> None:
        notice = self._shown.pop(name, None)
        if notice is None or notice.number == NO_PROMPT:
            return
        if answer is Answer.SHOW:  # every service takes a notice off the screen when a button of it is pressed
            self._post(lambda: self._do_ask_again(notice))
        self._answer(notice.number, answer)


class _Unreachable(Exception):
    """The service failed, and the person was informed."""


def _name(number: int) -> str:
    return f"posture-{number}"


def choose(
    choice: Choice,
    say: Callable[[Notice], None],
    answer: Callable[[int, Answer], None],
    failed: Callable[[str], None],
) -> Notifier:
    """Return the chosen notifier; for ``auto`` the desktop's where there can be one, else the terminal's.

    A desktop notifier shows in the terminal what it cannot show itself, and says so once: a service that starts after the
    monitor is found.

    Args:
        choice: desktop, terminal, none or auto.
        say: prints a notice in the terminal; may be called from any thread.
        answer: as in `DesktopNotifier`.
        failed: takes one plain line when prompts go to the terminal although the desktop was hoped for.
    """
    terminal = TerminalNotifier(say)
    if choice == "none":
        return Notifier()
    if choice == "terminal" or (choice == "auto" and no_bus() is not None):
        return terminal
    return DesktopNotifier(answer, failed=lambda words: failed(f"{words} Reminders will appear in the terminal."), instead=terminal)
