"""Presence on Windows: lock and sleep by a hidden window (pywin32), cameras and microphone by what Windows notes of their use.

Not run on this system by us. The system itself is asked through ``Windows``, so that the rest runs anywhere.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import PureWindowsPath

import psutil

from posture.desktop.presence.changes import Aspect, Publish
from posture.desktop.presence.poller import PollIntervals, Presence

_EXTRA = "pywin32 is not installed: pip install pywin32"
_STORE = r"Software\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore"
_FULL_SCREEN, _QUIET_TIME = {2, 3, 4}, 6
"""Of ``QUERY_USER_NOTIFICATION_STATE``: busy, Direct3D full screen, presentation; and quiet time."""


class WindowsPresence(Presence):
    """Watches a Windows desktop."""

    def __init__(
        self,
        publish: Publish,
        *,
        ours: Callable[[], Iterable[int]] = lambda: (),
        system: Windows | None = None,
        intervals: PollIntervals = PollIntervals(),  # noqa: B008 # it is frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `ours` as for ``presence_here``; `system` is Windows itself if not given."""
        super().__init__(publish, intervals, clock)
        self._system, self._ours = system or Windows(), ours
        self._end_watch: Callable[[], None] = lambda: None

    def _start(self) -> None:
        self._known.no(Aspect.LID, "Windows reports the lid only through what it then does: usually sleep")
        self._known.no(Aspect.IDLE, "not checked on Windows")
        try:
            self._end_watch = self._system.watch(lambda on: self._publisher.lock("session", on), self._publisher.asleep)
        except (ImportError, OSError) as error:
            why = _EXTRA if isinstance(error, ImportError) else str(error)
            self._known.no(Aspect.LOCK, why)
            self._known.yes(Aspect.SLEEP, f"by the clocks, only afterwards ({why})")
        else:
            self._known.yes(Aspect.LOCK, "by Windows, from now on")
            self._known.yes(Aspect.SLEEP, "by Windows, which doesn't wait for the camera to be closed")

    def _stop(self) -> None:
        self._end_watch()

    def _polls(self) -> Sequence[Callable[[], None]]:
        return self._publisher.poll, self._poll_camera, self._poll_microphone, self._poll_screen, self._battery.poll

    def _poll_camera(self) -> None:
        users = self._system.users_of("webcam")
        if users is None:
            self._known.no(Aspect.CAMERA, "Windows doesn't say")
            return
        self._known.yes(Aspect.CAMERA, "by what Windows records about camera use; another program run by the same Python goes unnoticed")
        own = {sys.executable.lower(), *(path.lower() for path in _paths_of((os.getpid(), *self._ours())))}  # a venv runs its base's
        self._say_camera(", ".join(sorted({_name(user) for user in users if user.lower() not in own})) or None)

    def _poll_microphone(self) -> None:
        users = self._system.users_of("microphone")
        if users is None:
            self._known.no(Aspect.CALL, "Windows doesn't say")
            return
        self._known.yes(Aspect.CALL, "by the microphone being in use")
        self._say_call(bool(users))

    def _poll_screen(self) -> None:
        state = self._system.notification_state()
        for aspect in (Aspect.FULL_SCREEN, Aspect.DO_NOT_DISTURB):
            if state is None:
                self._known.no(aspect, "Windows doesn't say")
            else:
                self._known.yes(aspect, "by what Windows says about showing notifications")
        self._publisher.publish(Aspect.FULL_SCREEN, "a window fills the screen" if state in _FULL_SCREEN else None)
        self._publisher.publish(Aspect.DO_NOT_DISTURB, "the desktop is set to do not disturb" if state == _QUIET_TIME else None)


def _name(user: str) -> str:
    """``zoom`` of ``C:\\…\\Zoom.exe``, ``Microsoft.WindowsCamera`` of a package's name with its publisher."""
    return PureWindowsPath(user).stem if "\\" in user else user.partition("_")[0]


def _paths_of(pids: Iterable[int]) -> Iterator[str]:
    for pid in pids:
        with suppress(psutil.Error, OSError):
            yield psutil.Process(pid).exe()


class Windows:
    """Windows itself."""

    def users_of(self, device: str) -> list[str] | None:
        """Return the programs that use the ``webcam`` or ``microphone`` now, as paths or package names; ``None`` if Windows doesn't say.

        Those for which a time of start is noted and none of stop.
        """
        if sys.platform != "win32":
            return None
        import winreg  # noqa: PLC0415

        def keys(path: str) -> list[str]:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
                return [winreg.EnumKey(key, i) for i in range(winreg.QueryInfoKey(key)[0])]

        def in_use(path: str) -> bool:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
                    return bool(winreg.QueryValueEx(key, "LastUsedTimeStart")[0]) and not winreg.QueryValueEx(key, "LastUsedTimeStop")[0]
            except OSError:
                return False  # never used

        root = rf"{_STORE}\{device}"
        try:
            packaged = [name for name in keys(root) if name != "NonPackaged" and in_use(rf"{root}\{name}")]
            plain = [name.replace("#", "\\") for name in keys(rf"{root}\NonPackaged") if in_use(rf"{root}\NonPackaged\{name}")]
        except OSError:
            return None
        return packaged + plain

    def notification_state(self) -> int | None:
        """Return ``QUERY_USER_NOTIFICATION_STATE``; ``None`` if Windows doesn't say. No package that we know wraps this call."""
        if sys.platform != "win32":
            return None
        import ctypes  # noqa: PLC0415

        state = ctypes.c_int()
        return None if ctypes.windll.shell32.SHQueryUserNotificationState(ctypes.byref(state)) else state.value

    def watch(self, lock: Callable[[bool], None], asleep: Callable[[bool], None]) -> Callable[[], None]:
        """Call `lock` and `asleep` when they change, from the thread of a hidden window, until the returned function is called.

        Raises:
            ImportError: pywin32 is not installed.
            OSError: the session cannot be watched.
        """
        if os.name != "nt":
            raise OSError("this is not Windows")
        window = _Window(lock, asleep)
        window.open()
        return window.close


class _Window:
    """A window that is never shown and takes the system's messages."""

    _SESSION_CHANGE, _POWER = 0x02B1, 0x0218
    _LOCKED, _UNLOCKED = 7, 8
    _SUSPEND, _RESUMES = 4, (7, 18)

    def __init__(self, lock: Callable[[bool], None], asleep: Callable[[bool], None]) -> None:
        self._lock, self._asleep = lock, asleep
        self._handle: int | None = None
        self._trouble: Exception | None = None
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence window", daemon=True)

    def open(self) -> None:
        """Returns when messages are taken; raises what hindered it."""
        self._thread.start()
        self._opened.wait(5)
        if self._trouble is not None:
            raise self._trouble

    def close(self) -> None:
        """Ends the window and its thread."""
        import win32con  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415
        import win32gui  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415

        if self._handle is not None:
            win32gui.PostMessage(self._handle, win32con.WM_CLOSE, 0, 0)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            import pywintypes  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415
            import win32gui  # noqa: PLC0415
            import win32ts  # type: ignore[import-untyped,import-not-found,unused-ignore]  # noqa: PLC0415
        except ImportError as error:
            self._trouble = error
            self._opened.set()
            return
        try:
            kind = win32gui.WNDCLASS()
            kind.lpszClassName = "PostureMonitorPresence"
            kind.lpfnWndProc = {
                self._SESSION_CHANGE: self._session_changed,
                self._POWER: self._power_changed,
                2: lambda *_: win32gui.PostQuitMessage(0),  # WM_DESTROY
            }
            # A plain window, not a message-only one: those get no news of the system's sleep.
            self._handle = win32gui.CreateWindow(win32gui.RegisterClass(kind), "", 0, 0, 0, 0, 0, 0, 0, 0, None)
            win32ts.WTSRegisterSessionNotification(self._handle, win32ts.NOTIFY_FOR_THIS_SESSION)
        except pywintypes.error as error:
            self._trouble = OSError(str(error))
            return
        finally:
            self._opened.set()
        win32gui.PumpMessages()

    def _session_changed(self, _window: int, _message: int, what: int, _more: int) -> int:
        if what in (self._LOCKED, self._UNLOCKED):
            self._lock(what == self._LOCKED)
        return 0

    def _power_changed(self, _window: int, _message: int, what: int, _more: int) -> int:
        if what == self._SUSPEND or what in self._RESUMES:
            self._asleep(what == self._SUSPEND)
        return 1
