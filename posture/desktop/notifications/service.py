"""One connection to the notification service of the operating system, through desktop-notifier.

All of it runs in one asyncio loop. On Linux the service is ``org.freedesktop.Notifications`` on the session bus; on Windows
the Action Center. On macOS only a signed app (or the signed Python of python.org) is let in, and presses reach a program
only while its main thread runs a Core Foundation loop, which a tray does. Windows and macOS were not run by us.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any

from posture._support import data_file, printable
from posture.desktop.notifications.notice import Notice, action_of
from posture.types import Answer

if TYPE_CHECKING:
    from desktop_notifier import DesktopNotifier as Library

APP_NAME = "Posture monitor"
ICON = data_file("icons/posture.png")
SOFT_S = 30
"""A soft notice leaves by itself after this, where the service asks us: long enough to be read, short enough to be ignored."""
ASK_S = 120.0
"""So long may the person take to let notifications in, where the system asks them (macOS, once)."""
LATE_S = 300.0
"""So long is a service that was given up waited for, to take off what is on its screen or comes there after all."""
HANG_UP_S = 0.2
_FREEDESKTOP = "org.freedesktop.Notifications"
_SHOWS_PICTURES = frozenset({"body-images", "icon-static", "icon-multi"})
"""What a service on the session bus says of itself that shows a picture beside the text."""
_TELLS_CLOSING = frozenset({"gnome-shell", "plasma"})
"""Services on the session bus that report a click on the text as a click, and only a press on the cross as closing. Others (dunst, as
shipped) close a notice at a click anywhere, or report more as closed than what the person closed."""
_SOUND = "message-new-instant"
"""Of the freedesktop.org sound naming specification."""
_NO_BUS = "there is no session bus"


class Refused(Exception):
    """No notification reaches the screen here, however often it is tried; the message is half a line for the person."""


class NotShown(Exception):
    """This one did not reach the screen; the message is half a line for the person."""


def why(error: BaseException) -> str:
    """Return half a line for the person about an error."""
    if isinstance(error, (Refused, NotShown)):
        return str(error)
    if isinstance(error, TimeoutError):
        return "the notification service isn't answering"
    if isinstance(error, ImportError):
        return "their library can't be loaded"
    # Of D-Bus, by name: its package is there on Linux only.
    if isinstance(error, (OSError, EOFError)) or type(error).__name__ in {"InvalidAddressError", "AuthError"}:
        return _NO_BUS
    if type(error).__name__ == "DBusError":
        return "no notification service is running"
    return f"the notification service refuses, {type(error).__name__}"


def no_bus() -> str | None:
    """Return why there can be no local session bus, or ``None``; by the environment alone."""
    if not sys.platform.startswith("linux"):
        return None
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if not address:
        return _NO_BUS
    local = all(part.startswith("unix:") for part in address.split(";") if part)
    return None if local else "the session bus is only reachable over a network, which isn't used"


class Service:
    """A connection; once broken it stays so, and a new one is made."""

    def __init__(self, answered: Callable[[str, Answer], None], gone: Callable[[], None], soft_s: int = SOFT_S) -> None:
        """Prepare; nothing is opened yet.

        Args:
            answered: takes the name of a notice and what the person did with it.
            gone: the service went away, and with it all that was on the screen.
            soft_s: whole seconds until a soft notice leaves by itself.
        """
        self._soft_s = soft_s
        self._answered = answered
        self._gone = gone
        self._library: Library | None = None
        self._markup = self._pictures = False
        self._tells_closing = True
        self._open = False
        self._sent: set[str] = set()
        self._ids: dict[str, int] = {}
        """Of a session bus: the service's own numbers for what is on the screen."""
        self._late: dict[str, asyncio.Future[str]] = {}
        self._tidying: asyncio.Future[None] | None = None
        self._closing: asyncio.Future[None] | None = None
        """Kept, as a loop does not keep its tasks."""

    @property
    def broken(self) -> bool:
        """Whether the connection is closed, by us or by the other side."""
        bus = self._bus
        return not self._open or (bus is not None and not bus.connected)

    async def connect(self, within_s: float) -> None:
        """Connect to the service.

        Raises:
            Refused: the system lets no notification in.
            Exception: whatever else goes wrong below, by many names; `why` has words for it.
        """
        if (missing := no_bus()) is not None:
            raise Refused(missing)
        for name in ("desktop_notifier", "dbus_fast"):  # what fails is said in one plain line; their tracebacks are for nobody
            logging.getLogger(name).setLevel(logging.CRITICAL)
        from desktop_notifier import Capability, DesktopNotifier, Icon  # costs a moment, in a thread of its own  # noqa: PLC0415

        self._library = library = DesktopNotifier(APP_NAME, Icon(path=ICON))
        library.on_clicked = lambda name: self._react(name, Answer.SHOW)
        library.on_dismissed = self._closed
        library.on_button_pressed = lambda name, button: self._react(name, Answer(button))
        library.on_dispatched = self._sent.add
        if not await asyncio.wait_for(library.request_authorisation(), ASK_S):
            raise Refused("the system doesn't let this program show them; macOS never lets an unsigned Python")
        can = await asyncio.wait_for(library.get_capabilities(), within_s)
        if Capability.TITLE not in can:  # the stand-in that the library takes where it can do nothing
            raise Refused("this system shows them only for signed apps, and this Python isn't one")
        self._pictures = Capability.ATTACHMENT in can
        await asyncio.wait_for(self._look_closer(), within_s)
        self._open = True

    async def show(self, name: str, notice: Notice, within_s: float) -> None:
        """Put a notice on the screen.

        Raises:
            NotShown: the service did not take it.
            TimeoutError: it did not answer.
        """
        from desktop_notifier import DEFAULT_SOUND, Attachment, Button, Notification, Sound, Urgency  # noqa: PLC0415

        assert self._library is not None
        picture = notice.picture if self._pictures else None
        alone = notice.picture_only and picture is not None
        body = "" if alone else printable(notice.body, "\n")
        sound = DEFAULT_SOUND if self._bus is None else Sound(name=_SOUND)
        notification = Notification(
            title=printable(action_of(notice) if alone else notice.title),
            message=escape(body, quote=False) if self._markup else body,
            urgency=Urgency.Low if notice.quiet else Urgency.Critical if notice.firm else Urgency.Normal,
            buttons=tuple(Button(title=label, identifier=answer.value) for answer, label in notice.buttons.items()),
            attachment=Attachment(path=picture) if picture is not None else None,
            sound=sound if notice.sound else None,
            timeout=0 if notice.firm or notice.quiet else self._soft_s,
            identifier=name,
        )
        self._sent.discard(name)
        sending = asyncio.ensure_future(self._library.send_notification(notification))
        try:
            await asyncio.wait_for(asyncio.shield(sending), within_s)
        except BaseException:  # also when we are told to end: what is on its way must not stay on the screen
            self._late[name] = sending
            raise
        if name not in self._sent:  # the library keeps its failures to itself
            raise NotShown(_NO_BUS if self.broken else "the notification service refused one")
        ids = getattr(self._backend, "_platform_to_interface_notification_identifier", None)
        if ids is not None and name in ids.inverse:
            self._ids[name] = ids.inverse[name]

    async def clear(self, name: str, within_s: float) -> None:
        """Take a notice off the screen, if the service still has it; that it has not is no failure."""
        assert self._library is not None
        self._ids.pop(name, None)
        with suppress(KeyError):  # the library knows no more of one that has left by itself
            await asyncio.wait_for(self._library.clear(name), within_s)

    async def close(self, within_s: float) -> None:
        """Close the connection; never raises.

        What is on the screen, or on its way there, would have dead buttons from now on: it is taken off as soon as it can be.
        """
        self._open = False
        if self._late or self._ids:
            self._tidying = asyncio.ensure_future(self._tidy())
        else:
            await self._hang_up(within_s)

    async def _tidy(self) -> None:
        try:
            for name in [*self._ids, *self._late]:
                with suppress(Exception):  # a service that dies meanwhile leaves nothing to tidy
                    if name in self._late:
                        await asyncio.wait_for(self._late[name], LATE_S)
                    await self.clear(name, LATE_S)
        finally:
            await self._hang_up(HANG_UP_S)

    async def _hang_up(self, within_s: float) -> None:
        bus = self._bus
        if bus is not None:
            bus.disconnect()
            with suppress(Exception):  # it ends whatever it ends with
                await asyncio.wait_for(bus.wait_for_disconnect(), within_s)

    @property
    def _backend(self) -> Any:
        """The backend of the library, for what its API lacks; ``None`` before it is loaded."""
        return getattr(self._library, "_backend", None)

    @property
    def _bus(self) -> Any:
        """The connection to the session bus; ``None`` where there is none."""
        return getattr(self._backend, "bus", None)

    async def _look_closer(self) -> None:
        """On a session bus: find out what the service can beyond what the library asks, and watch for its end."""
        if self._bus is None:
            return
        can = await self._backend.interface.call_get_capabilities()
        name = (await self._backend.interface.call_get_server_information())[0]
        self._markup, self._pictures = "body-markup" in can, not _SHOWS_PICTURES.isdisjoint(can)
        self._tells_closing = name.lower() in _TELLS_CLOSING
        self._bus.add_message_handler(self._heard)

    def _heard(self, message: Any) -> None:
        if self._open and message.member == "NameOwnerChanged" and message.body[:1] == [_FREEDESKTOP]:
            self._open = False  # whoever comes next may be another program, with other numbers for what it shows
            self._ids.clear()
            self._gone()

    def _closed(self, name: str) -> None:
        if self._tells_closing:
            self._react(name, Answer.NOT_NOW)
        else:
            self._ids.pop(name, None)

    def _react(self, name: str, answer: Answer) -> None:
        self._answered(name, answer)
        number = self._ids.pop(name, None)
        if number is not None and answer is not Answer.NOT_NOW:  # some services leave it on the screen, a firm one for ever
            self._closing = asyncio.ensure_future(self._take_off(number))

    async def _take_off(self, number: int) -> None:
        with suppress(Exception):  # most have closed it by themselves, and say so with an error
            await asyncio.wait_for(self._backend.interface.call_close_notification(number), LATE_S)
