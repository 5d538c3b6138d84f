"""One setting as a field: its name, a control, what it means, where its default comes from, and what is wrong with what was entered."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from posture._support import config
from posture.window.settings.amounts import CHOICE_WORDS, about_of, default_words, label_of, unit_of
from posture.window.settings.editor import Editor
from posture.window.widgets import announce, button, words

_WAIT_MS = 800
"""After the last key what was typed is written."""
_SAYS_MORE = 80
"""What a switch means is said below it only if it is longer than this: its label says the rest."""


class SettingField(QWidget):
    """A setting; subclasses make its control."""

    indent = 0
    """Of what stands below the control, pixels."""

    def __init__(self, editor: Editor, name: str) -> None:
        """Make the field and show what is in force."""
        super().__init__()
        self.setObjectName(name)
        self.editor, self.name = editor, name
        self.control = self.make_control()
        self.label = _Label(label_of(name))
        self.error = words()
        self.error.setProperty("error", True)
        self.error.hide()
        self.reset = button("Use the default", self._use_default)
        self.reset.setAccessibleName(f"Use the default for {label_of(name)}")
        self.reset.setProperty("small", True)
        self.about = words(self.about_words(), dim=True)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.timeout.connect(self.commit)
        self._pending: Any = None
        self._name_control()
        self._lay_out()
        editor.reloaded.connect(self.refresh)
        self.refresh()

    def make_control(self) -> QWidget:
        """Return the control; its changes call `edited`."""
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        """Show a value in the control, without calling `edited`."""
        raise NotImplementedError

    def about_words(self) -> str:
        """Return what stands below: what the setting means, unless its label says that already, and its default."""
        said = about_of(self.name)
        return f"{'' if said == f'{label_of(self.name)}.' else said} {default_words(self.name)}".strip()

    def edited(self, value: Any, *, at_once: bool = False) -> None:
        """Check what was entered; write it now, or once no more is typed."""
        problem = self.editor.problem(self.name, value)
        self._show_error(problem)
        self._pending = None if problem else (value,)
        if problem:
            self._wait.stop()
        elif at_once:
            self.commit()
        else:
            self._wait.start(_WAIT_MS)

    def commit(self) -> None:
        """Write what waits to be written."""
        self._wait.stop()
        if self._pending is None:
            return
        (value,), self._pending = self._pending, None
        if value != self.editor.value(self.name):
            self._show_error(self.editor.set({self.name: value}))
        self.refresh()

    def refresh(self) -> None:
        """Show what is in force, unless something else is being entered."""
        self.setEnabled(self.editor.broken is None)
        value = self.editor.value(self.name)
        focus = self.reset.hasFocus()
        self.reset.setVisible(value != config.field_of(self.name).default)
        if focus and not self.reset.isVisible():
            self.control.setFocus()
        if self._pending is None and self.error.isHidden():
            self.control.blockSignals(True)
            self.show_value(value)
            self.control.blockSignals(False)

    def abandon(self) -> None:
        """Forget what was entered and can't be."""
        self._show_error(None)
        self._pending = None
        self.refresh()

    def _use_default(self) -> None:
        self._show_error(None)
        self._wait.stop()
        self._pending = None
        self._show_error(self.editor.set({self.name: None}))
        self.refresh()

    def _show_error(self, text: str | None) -> None:
        if (text or "") != self.error.text():
            self.error.setText(text or "")
            self.control.setAccessibleDescription(" ".join(part for part in (text, self.about.text()) if part))
            if text:
                announce(self.error, text)
        self.error.setVisible(text is not None)

    def _name_control(self) -> None:
        self.label.setBuddy(self.control)
        self.control.setAccessibleName(self.label.text())
        self.control.setAccessibleDescription(self.about.text())
        self.setFocusProxy(self.control)

    def _lay_out(self) -> None:
        column, below = QVBoxLayout(self), QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        below.setContentsMargins(self.indent, 0, 0, 0)
        for layout in (column, below):
            layout.setSpacing(4)
        column.addLayout(self.row())
        column.addLayout(below)
        for widget in (self.error, self.about):
            below.addWidget(widget)
        below.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)

    def row(self) -> QHBoxLayout:
        """Return the label with the control beside it."""
        row = QHBoxLayout()
        row.addWidget(self.label, 1)
        row.addWidget(self.control)
        return row


class NumberField(SettingField):
    """A number in a unit that a person reads."""

    def make_control(self) -> QWidget:
        """Return a box that takes more than is allowed, so that what is wrong can be said."""
        meta, unit = config.field_of(self.name).metadata, unit_of(self.name)
        box = _NumberBox()
        box.setDecimals(unit.decimals)
        box.setRange(min(0.0, meta["ge"] / unit.factor * 10.0), meta["le"] / unit.factor * 10.0)
        box.setSuffix(unit.suffix)
        box.setSingleStep(1.0 if meta["le"] > 1.0 else 0.05)
        box.setMinimumWidth(box.fontMetrics().horizontalAdvance(f"00000{unit.suffix}") + 48)
        box.valueChanged.connect(self._typed)
        box.editingFinished.connect(self.commit)
        self._box = box
        return box

    def show_value(self, value: Any) -> None:
        """Show it in its unit."""
        self._box.setValue(value / unit_of(self.name).factor)

    def _typed(self, shown: float) -> None:
        value = round(shown * unit_of(self.name).factor, 6)
        self.edited(round(value) if config.field_of(self.name).type == "int" else float(value))


class SwitchField(SettingField):
    """On or off."""

    indent = 28

    def make_control(self) -> QWidget:
        """Return a box without words, as those of a check box can't wrap."""
        self._box = QCheckBox()
        self._box.toggled.connect(lambda on: self.edited(on, at_once=True))
        return self._box

    def about_words(self) -> str:
        """Return what stands below, without what the label says already."""
        said = about_of(self.name)
        return f"{said if len(said) > _SAYS_MORE else ''} {default_words(self.name)}".strip()

    def show_value(self, value: Any) -> None:
        """Check it or not."""
        self._box.setChecked(value)

    def row(self) -> QHBoxLayout:
        """Return the box with its label behind it."""
        row = QHBoxLayout()
        row.addWidget(self.control, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.label, 1)
        self.label.pressed = self._box.click
        return row


class ChoiceField(SettingField):
    """One of a few."""

    def make_control(self) -> QWidget:
        """Return a drop-down with the choices in words."""
        self._choices: tuple[str, ...] = config.field_of(self.name).metadata["choices"]
        self._box = _Choice()
        shown = [CHOICE_WORDS.get(choice, choice) for choice in self._choices]
        self._box.addItems(shown)
        most = max(self._box.fontMetrics().horizontalAdvance(text) for text in shown)
        self._box.setMinimumContentsLength(8)
        self._box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._box.setMaximumWidth(most + 60)
        self._box.currentIndexChanged.connect(lambda row: self.edited(self._choices[row], at_once=True))
        return self._box

    def about_words(self) -> str:
        """Return the default alone: the choices say the rest."""
        return default_words(self.name)

    def row(self) -> QHBoxLayout:
        """Return the label with the drop-down beside it, which gives way where there is little room."""
        row = super().row()
        row.setStretch(1, 1)
        return row

    def show_value(self, value: Any) -> None:
        """Choose it."""
        self._box.setCurrentIndex(self._choices.index(value))


class TextField(SettingField):
    """A text."""

    def make_control(self) -> QWidget:
        """Return a line."""
        self._line = QLineEdit()
        self._line.setMinimumWidth(120)
        self._line.textChanged.connect(lambda text: self.edited(text.strip()))
        self._line.editingFinished.connect(self.commit)
        return self._line

    def show_value(self, value: Any) -> None:
        """Show it."""
        self._line.setText(value)


def field(editor: Editor, name: str) -> SettingField:
    """Return the field for a setting, by its type."""
    known = config.field_of(name)
    if known.metadata["choices"]:
        return ChoiceField(editor, name)
    kinds: dict[str, type[SettingField]] = {"bool": SwitchField, "str": TextField}
    return kinds.get(str(known.type), NumberField)(editor, name)


class _Label(QLabel):
    """A label that wraps, and may pass a click on."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.pressed: Any = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.pressed is not None and event.button() is Qt.MouseButton.LeftButton:
            self.pressed()
        super().mousePressEvent(event)


class _NumberBox(QDoubleSpinBox):
    """A number without the zeros behind it; the wheel scrolls the page, unless the box has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setStepType(QAbstractSpinBox.StepType.DefaultStepType)

    def textFromValue(self, value: float) -> str:
        text = super().textFromValue(value)
        point = self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text

    def wheelEvent(self, event: QWheelEvent) -> None:
        _scroll_unless_focused(self, event, super().wheelEvent)


class _Choice(QComboBox):
    """A drop-down that never makes the page wider; the wheel scrolls the page, unless it has the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        _scroll_unless_focused(self, event, super().wheelEvent)


def _scroll_unless_focused(widget: QWidget, event: QWheelEvent, handle: Any) -> None:
    if widget.hasFocus():
        handle(event)
    else:
        event.ignore()
