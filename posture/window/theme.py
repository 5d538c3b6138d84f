"""How the window looks: light, dark or high contrast, as the system has it or as the person wants it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from posture._support import data_file

_DARK_INK = 150
_MIDDLE = 127
"""Of lightness: what is above is light."""
APPEARANCES = ("system", "light", "dark", "high_contrast")


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one appearance, ``#rrggbb``."""

    ground: str
    raised: str
    """Of cards, fields and lists."""
    text: str
    dim: str
    line: str
    accent: str
    on_accent: str
    track: str
    """Of rings and bars, where nothing has come together yet."""
    dark: bool = False
    """Whether words are light on a dark ground."""
    error: str = "#a3261b"
    """Of words that say what is wrong."""

    def kind(self, colour: str) -> QColor:
        """Return a posture's or kind's own colour, which is for light ground, as it is drawn here."""
        own = QColor(colour)
        return own.lighter(150) if self.dark and own.lightness() < _DARK_INK else own


_LIGHT = Colours("#f6f5f2", "#ffffff", "#1d2429", "#56616a", "#c6c9c8", "#1f5f8b", "#ffffff", "#dcdedd")
_DARK = Colours("#1b1f23", "#262c31", "#eceff1", "#aeb8bf", "#46505a", "#8cc4ee", "#10161b", "#3a434b", dark=True, error="#ff9d8f")
_CONTRAST = Colours("#000000", "#000000", "#ffffff", "#ffffff", "#ffffff", "#ffe14d", "#000000", "#5a5a5a", dark=True, error="#ffe14d")


def colours() -> Colours:
    """Return the colours in use."""
    app = QApplication.instance()
    found = app.property("colours") if app is not None else None
    return found if isinstance(found, Colours) else _LIGHT


def apply(app: QApplication, appearance: str) -> None:
    """Give the application one of ``APPEARANCES``; ``system`` follows the desktop, now and when it changes."""
    app.setStyle("Fusion")
    app.setProperty("appearance", appearance)
    hints = app.styleHints()
    if not app.property("follows"):
        hints.colorSchemeChanged.connect(lambda: _paint(app))
        app.setProperty("follows", True)
    _paint(app)


def _paint(app: QApplication) -> None:
    wanted = app.property("appearance")
    dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    chosen = {"light": _LIGHT, "dark": _DARK, "high_contrast": _CONTRAST}.get(wanted, _DARK if dark else _LIGHT)
    app.setProperty("colours", chosen)
    app.setPalette(_palette(chosen))
    app.setStyleSheet(_sheet(chosen, thick=chosen is _CONTRAST))


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for roles, colour in (
        ((role.Window, role.AlternateBase), c.ground),
        ((role.Base, role.Button, role.ToolTipBase), c.raised),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), c.text),
        ((role.PlaceholderText,), c.dim),
        ((role.Highlight, role.Accent, role.Link), c.accent),
        ((role.HighlightedText,), c.on_accent),
        ((role.Mid, role.Dark), c.line),
    ):
        for one in roles:
            palette.setColor(one, QColor(colour))
    for one in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(c.dim))
    return palette


def _sheet(c: Colours, *, thick: bool) -> str:
    width = 2 if thick else 1
    return f"""
    QLabel[dim="true"] {{ color: {c.dim}; }}
    QLabel[error="true"] {{ color: {c.error}; font-weight: bold; }}
    QFrame[card="true"] {{ background: {c.raised}; border: {width}px solid {c.line}; border-radius: 8px; }}
    QPushButton {{ padding: 7px 14px; border: {width}px solid {c.line}; border-radius: 6px; background: {c.raised}; color: {c.text}; }}
    QTabBar::tab {{ padding: 7px 12px; border: none; border-bottom: 3px solid {c.line}; background: transparent; color: {c.text}; }}
    QTabBar::tab:hover {{ border-bottom-color: {c.dim}; }}
    QTabBar::tab:selected {{ border-bottom-color: {c.accent}; font-weight: bold; }}
    QTabBar:focus {{ border: 2px solid {c.accent}; border-radius: 4px; }}
    QPushButton[small="true"] {{ padding: 3px 10px; }}
    QPushButton:hover {{ border-color: {c.accent}; }}
    QPushButton:disabled {{ color: {c.dim}; }}
    QPushButton[main="true"] {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; font-weight: bold; }}
    QPushButton[main="true"]:disabled {{ background: {c.line}; color: {c.dim}; border-color: {c.line}; }}
    QPushButton:focus, QListWidget:focus {{ border: 2px solid {c.accent}; }}
    QPushButton[main="true"]:focus {{ border: 2px solid {c.text}; }}
    QCheckBox::indicator, QRadioButton::indicator {{ width: 14px; height: 14px; border: 2px solid {c.dim}; background: {c.raised}; }}
    QCheckBox::indicator {{ border-radius: 4px; }}
    QRadioButton::indicator {{ border-radius: 9px; }}
    QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; image: url("{_mark("tick", c.on_accent)}"); }}
    QRadioButton::indicator:checked {{ width: 8px; height: 8px; border: 5px solid {c.accent}; }}
    QCheckBox::indicator:checked:disabled {{ background: {c.line}; }}
    QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {c.line}; }}
    QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {c.text}; }}
    QCheckBox:focus, QRadioButton:focus {{ color: {c.accent}; }}
    {_fields(c, width)}
    QListWidget#pages {{ border: none; border-right: {width}px solid {c.line}; background: {c.ground}; outline: none; padding: 8px 0; }}
    QListWidget#pages::item {{ padding: 0 18px; color: {c.text}; }}
    QListWidget#pages::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
    """


def _fields(c: Colours, width: int) -> str:
    """Return the sheet of what is typed into and chosen from; its lines can be seen on any ground."""
    up, down = _mark("up", c.text), _mark("down", c.text)
    return f"""
    QAbstractSpinBox, QComboBox, QLineEdit {{
        min-height: 26px; padding: {2 - width}px 6px; border: {width}px solid {c.dim}; border-radius: 5px;
        background: {c.raised}; color: {c.text}; selection-background-color: {c.accent}; selection-color: {c.on_accent};
    }}
    QAbstractSpinBox:focus, QComboBox:focus, QLineEdit:focus {{ border: 2px solid {c.accent}; padding: 0 5px; }}
    QAbstractSpinBox:disabled, QComboBox:disabled, QLineEdit:disabled {{ border-color: {c.line}; color: {c.dim}; }}
    QAbstractSpinBox QLineEdit {{ min-height: 0; border: none; padding: 0 2px 0 6px; background: transparent; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 22px; border: none; background: transparent; }}
    QAbstractSpinBox::up-arrow {{ image: url("{up}"); width: 12px; height: 12px; }}
    QAbstractSpinBox::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
    QComboBox::drop-down, QDateEdit::drop-down {{ width: 24px; border: none; background: transparent; }}
    QComboBox::down-arrow, QDateEdit::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
    QComboBox QAbstractItemView {{ border: 1px solid {c.dim}; background: {c.raised}; color: {c.text};
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    """


def _mark(name: str, ink: str) -> str:
    """Return the file of a mark in ink that is nearest to `ink`; drawn by ``tools/draw_window_marks.py``."""
    return (data_file("marks") / f"{name}_{'light' if QColor(ink).lightness() > _MIDDLE else 'dark'}.png").as_posix()
