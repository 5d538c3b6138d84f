"""How a setting's value is written for a person: minutes in place of seconds, words in place of ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from posture._support import config
from posture.time_parsing import span_words

_MINUTES_FROM_S = 120.0
"""A default of this many seconds or more is written in minutes."""
CHOICE_WORDS = {
    "auto": "On the desktop, if there is one",
    "desktop": "On the desktop",
    "terminal": "In the terminal",
    "none": "Nowhere",
    "system": "As the desktop has it",
    "light": "Light",
    "dark": "Dark",
    "high_contrast": "High contrast",
}
_OURS = "our judgement"
_NAME = re.compile(r"\b[a-z]+\.[a-z_]+\b")


@dataclass(frozen=True, slots=True)
class Unit:
    """In what a number is written."""

    suffix: str
    factor: float = 1.0
    """What one of it is in the setting's own unit."""
    decimals: int = 2


_UNITS = {"_deg": Unit("°"), "_cm": Unit(" cm")}


def unit_of(name: str) -> Unit:
    """Return the unit in which a person reads a setting."""
    field = config.field_of(name)
    if name.endswith("_s"):
        default: Any = field.default
        return Unit(" min", 60.0) if default >= _MINUTES_FROM_S else Unit(" s")
    return next((unit for end, unit in _UNITS.items() if name.endswith(end)), Unit("", decimals=0 if field.type == "int" else 3))


def amount_words(name: str, value: Any) -> str:
    """Return a setting's value in words: ``10 min``, ``on``, ``High contrast``."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return CHOICE_WORDS.get(value, value) if config.field_of(name).metadata["choices"] else value or "none"
    unit = unit_of(name)
    return f"{value / unit.factor:.6g}{unit.suffix}"


def label_of(name: str) -> str:
    """Return the short name of a setting, else what it means."""
    meta = config.field_of(name).metadata
    return str(meta["label"]) or _sentence(str(meta["about"]))


def about_of(name: str) -> str:
    """Return what a setting means, as a sentence."""
    text = _sentence(str(config.field_of(name).metadata["about"]))
    return _NAME.sub(lambda found: f"“{label_of(found[0])}”" if _known(found[0]) else found[0], text) + "."


def default_words(name: str) -> str:
    """Return the default, and where it comes from."""
    field = config.field_of(name)
    amount = amount_words(name, field.default)
    if field.type in ("bool", "str") and field.metadata["source"] == _OURS:
        return f"Default: {amount}."  # where it comes from says no more than that it is a default
    return f"Default {amount}; {field.metadata['source']}."


def range_words(name: str) -> str:
    """Return what a number may be, in its unit; empty where anything may."""
    meta = config.field_of(name).metadata
    if meta["ge"] is None or meta["le"] is None:
        return ""
    return f"{_bound_words(name, meta['ge'])} to {_bound_words(name, meta['le'])}"


def _bound_words(name: str, value: float) -> str:
    return span_words(value) if name.endswith("_s") and value >= 1.0 else amount_words(name, value)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _known(name: str) -> bool:
    section, _, key = name.partition(".")
    return section in config.SECTIONS and key in config.SECTIONS[section].__dataclass_fields__
