"""The calibrations: which there are, which is used, and taking one away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtWidgets import QFrame, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from posture.storage import Profile, Store, default_path, profiles
from posture.types import View
from posture.window.page import WindowContext
from posture.window.widgets import announce, button, words

_VIEWS = {View.FRONT: "from the front", View.SIDE: "from the side", View.OBLIQUE: "at an angle"}


class Profiles(QWidget):
    """The calibrations, the newest first."""

    def __init__(self, context: WindowContext, changed: Callable[[], object]) -> None:
        """Make it; `changed` is called once another calibration is used; `refresh` reads them."""
        super().__init__()
        self._context, self._changed = context, changed
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)

    def refresh(self) -> None:
        """Read them anew."""
        self._context.work.run(_read, self._show, self._context.say)

    def _show(self, found: list[Profile]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not found:
            self._column.addWidget(words("There is no calibration yet; your first upright seconds are the reference.", dim=True))
        preferred: dict[str | None, str] = {}
        for profile in found:
            if profile.usable and profile.camera is not None:
                preferred.setdefault(profile.camera, profile.name)
        for profile in found:
            self._column.addWidget(self._row(profile, preferred.get(profile.camera) == profile.name))

    def _row(self, profile: Profile, used: bool) -> QWidget:
        row = QFrame()
        title, about = words(profile.name), words(_about(profile, used), dim=True)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        buttons = QHBoxLayout()
        if profile.usable and profile.camera is not None and not used:
            use = button("Use this one", lambda: self._use(profile.name))
            use.setAccessibleName(f"Use the calibration {profile.name}")
            buttons.addWidget(use)
        delete = button("Delete…", lambda: self._delete(profile.name))
        delete.setAccessibleName(f"Delete the calibration {profile.name}")
        buttons.addWidget(delete)
        buttons.addStretch()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(about)
        column.addLayout(buttons)
        return row

    def _use(self, name: str) -> None:
        def use() -> list[Profile]:
            with Store.open() as store:
                profiles.prefer(store, name)
            return _read()

        def done(found: list[Profile]) -> None:
            self._show(found)
            self._changed()
            self._context.say(f"The calibration “{name}” is used from the monitor's next start on.")
            announce(self, name)

        self._context.work.run(use, done, self._context.say)

    def _delete(self, name: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Question, "Delete a calibration", f"Delete the calibration “{name}”?", parent=self)
        box.setInformativeText("This can't be undone. Days that were measured with it stay.")
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        if box.clickedButton() is not delete:
            return

        def work() -> list[Profile]:
            with Store.open() as store:
                store.delete_profile(name)
            return _read()

        self._context.work.run(work, self._show, self._context.say)


def _read() -> list[Profile]:
    if not default_path().exists():
        return []
    with Store.open_to_read() as store:
        return profiles.listed(store)


def _about(profile: Profile, used: bool) -> str:
    day = datetime.fromtimestamp(profile.created_utc)
    made = f"{day.day} {day:%B %Y}"
    where = [profile.camera or "from a recording", profile.place, _VIEWS.get(profile.view) if profile.view is not None else None]
    parts = [*(word for word in where if word), made, "with your own range" if profile.with_range else ""]
    state = "" if profile.usable else " Made by another version of the program; calibrate again."
    return f"{', '.join(part for part in parts if part)}.{' Used for this camera.' if used else state}"
