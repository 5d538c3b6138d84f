"""The settings in force, as the page sees them: read from the file, checked, written, and undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from posture._support import config, config_edit
from posture.errors import ConfigError, PostureError
from posture.settings import Settings
from posture.window.page import WindowContext
from posture.window.settings.amounts import amount_words, label_of, range_words


class Editor(QObject):
    """Writes a change as soon as it is valid, and remembers the last one."""

    reloaded = Signal()
    """The settings were read anew."""
    written = Signal(str)
    """A change was written: what it was, in one line. The settings were read anew before."""

    noted = Signal()
    """Something else was changed that the monitor reads when it starts."""

    def __init__(self, context: WindowContext, parent: QObject | None = None) -> None:
        """Read the settings."""
        super().__init__(parent)
        self._context = context
        self.settings = Settings()
        """Those in force; the defaults while the file is broken."""
        self.broken: str | None = None
        """What is wrong with the file, in one line."""
        self.concerns_monitor = False
        """Whether the last change is one that the monitor reads when it starts."""
        self._last: config_edit.Change | None = None
        self.reload()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return self._last is not None

    def reload(self) -> None:
        """Read the file anew."""
        try:
            self.settings, self.broken = self._context.settings(), None
        except ConfigError as error:
            self.settings, self.broken = Settings(), str(error)
        self.reloaded.emit()

    def value(self, name: str) -> Any:
        """Return a setting in force."""
        return config.value_of(self.settings, name)

    def problem(self, name: str, value: Any) -> str | None:
        """Return why a setting can't have a value, in a person's words; ``None``: it can."""
        try:
            config.of({name: value})
        except config.OrderError:
            pass  # against a default; what counts is what is in force
        except ConfigError as error:
            allowed = range_words(name)
            return f"Enter {allowed}." if allowed else _plain(str(error), name)
        try:
            config.of({**config.changed(self.settings), name: value})
        except config.OrderError as error:
            return self._order_words(error, name)
        except ConfigError as error:
            return _plain(str(error), name)
        return None

    def set(self, values: Mapping[str, Any], what: str | None = None) -> str | None:
        """Write settings; ``None`` as a value takes one back to its default. Return why that failed, in one line; ``None``: it is done.

        Args:
            values: By name, ``section.key``.
            what: What it is called once it is written; by default the setting and its value.
        """
        try:
            done = config_edit.change(self._context.settings_file, values)
        except config.OrderError as error:
            return self._order_words(error, error.name)
        except PostureError as error:
            self.reload()
            return str(error)
        if done.before != done.after:
            self._last = done
            self.concerns_monitor = any(not one.startswith("window.") for one in values)
            self.reload()
            name = next(iter(values))
            self.written.emit(what or f"{label_of(name)}: {amount_words(name, self.value(name))}")
        return None

    def undo(self) -> str | None:
        """Undo the last change; return why that failed, in one line; ``None``: it is undone."""
        if self._last is None:
            return None
        try:
            config_edit.undo(self._last)
        except PostureError as error:
            return str(error)
        finally:
            self._last = None
            self.reload()
        return None

    def _order_words(self, error: config.OrderError, name: str) -> str:
        """Say it of the setting that is changed, whichever of the two that is."""
        other, least = (error.other, error.least) if error.name == name else (error.name, not error.least)
        bound = "at least" if least else "at most"
        return f"Must be {bound} “{label_of(other)}”, which is {amount_words(other, self.value(other))}."


def _plain(message: str, name: str) -> str:
    """Return a message of the settings file without the file's part of it."""
    expected = message.rpartition("expected ")[2]
    return f"Enter {expected}." if "expected " in message else message.removeprefix("settings: ").removeprefix(f"{name}: ")
