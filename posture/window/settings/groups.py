"""Which settings stand where on the page. What no group names stands under Advanced."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from posture._support import config
from posture.window.settings.editor import Editor
from posture.window.settings.fields import SettingField, field
from posture.window.widgets import card, heading, words


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that belong together."""

    title: str
    about: str
    names: tuple[str, ...]


REMINDERS = (
    Group(
        "What to remind you of",
        "",
        ("prompts.about_flexed", "prompts.about_tilt", "prompts.about_sitting", "prompts.about_stillness"),
    ),
    Group("When", "", ("dose.soft_s", "dose.firm_s", "dose.share_s", "dose.tilt_s", "dose.sitting_s", "dose.still_s")),
    Group("How often", "", ("prompts.quiet_s", "prompts.per_hour", "prompts.repeat_s", "prompts.patience_s", "prompts.snooze_s")),
    Group("How they look and sound", "", ("watch.notify", "watch.sound", "watch.picture_only")),
    Group("Do they help?", "", ("prompts.learn_effect",)),
)
QUIET = (
    Group(
        "When the camera is let go",
        "Nothing is measured meanwhile.",
        (
            *("presence.pause_on_lock", "presence.pause_on_lid", "presence.pause_on_battery", "presence.pause_for_camera"),
            "presence.pause_when_idle_s",
        ),
    ),
    Group(
        "When no reminders are shown",
        "Measuring goes on.",
        ("presence.quiet_in_calls", "presence.quiet_in_full_screen", "presence.quiet_on_do_not_disturb"),
    ),
)
APPEARANCE = Group("Appearance", "", ("window.appearance", "watch.tray"))
KEPT = Group("Backups", "", ("storage.backups",))
ELSEWHERE = ("watch.camera",)
"""Settings that the page shows in a way of their own."""
_TITLES = {
    "bands": "What counts as bent",
    "dose": "Bent time and breaks",
    "prompts": "Exercises",
    "measure": "Recordings and camera view",
    "ergonomics": "Tables for ergonomists",
}


def advanced() -> tuple[Group, ...]:
    """Return the settings that no other group has, by section."""
    shown = {name for group in (*REMINDERS, *QUIET, APPEARANCE, KEPT) for name in group.names} | set(ELSEWHERE)
    names = {section: tuple(f"{section}.{key}" for key in kind.__dataclass_fields__) for section, kind in config.SECTIONS.items()}
    rest = {section: tuple(name for name in of if name not in shown) for section, of in names.items()}
    return tuple(Group(_TITLES.get(section, section), "", of) for section, of in rest.items() if of)


def group_card(editor: Editor, group: Group) -> QFrame:
    """Return a card with the group's fields."""
    fields: list[SettingField] = [field(editor, name) for name in group.names]
    about = [words(group.about, dim=True)] if group.about else []
    return spaced(card(heading(group.title, 2), *about, *fields))


def spaced(frame: QFrame) -> QFrame:
    """Give the parts of a card room."""
    layout = frame.layout()
    assert layout is not None
    layout.setSpacing(14)
    return frame


def left(widget: QWidget) -> QWidget:
    """Keep a button from growing as wide as its card."""
    inside = QWidget()
    row = QHBoxLayout(inside)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
    return inside


class Section(QWidget):
    """What one tab shows: cards, one below the other."""

    def __init__(self, *cards: QWidget) -> None:
        """Make it of cards."""
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(14)
        for one in cards:
            self.column.addWidget(one)
        self.column.addStretch()

    def entered(self) -> None:
        """Called each time it is shown."""
