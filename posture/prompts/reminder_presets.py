"""How often to remind: three choices, each a set of settings, between which somebody who reads no numbers can choose. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from posture.settings import Settings


class PresetName(StrEnum):
    """Which of the three."""

    GENTLE = "gentle"
    STANDARD = "standard"
    OFTEN = "often"


Value = float | int | bool


@dataclass(frozen=True, slots=True)
class Preset:
    """One of the three; our judgement, as the defaults are."""

    name: PresetName
    title: str
    about: str
    """In one or two sentences."""
    values: Mapping[str, Value]
    """Every setting that any of the three sets, as ``section.key``; so choosing one undoes another."""


_CHANGES: Mapping[PresetName, Mapping[str, Value]] = {
    PresetName.GENTLE: {
        "prompts.about_tilt": False,
        "prompts.about_stillness": False,
        "prompts.repeat_s": 2400.0,
        "dose.sitting_s": 2400.0,  # about sitting a reminder comes again after this, not after repeat_s
        "prompts.quiet_s": 2400.0,  # a share of the hour would else come after 30 minutes
        "dose.firm_s": 3000.0,  # the second, firmer reminder of an episode knows no quiet time
        "prompts.per_hour": 2,
    },
    PresetName.STANDARD: {},
    PresetName.OFTEN: {"prompts.quiet_s": 900.0, "prompts.repeat_s": 900.0, "prompts.per_hour": 4},
}
_WORDS = {
    PresetName.GENTLE: (
        "Gentle",
        "Leaning, slumping and long sitting only. About 40 minutes apart or more, at most 2 an hour.",
    ),
    PresetName.STANDARD: (
        "Standard",
        "Everything that is measured. At least 20 minutes apart, at most 3 an hour; a second, firmer one if you stay bent.",
    ),
    PresetName.OFTEN: (
        "Often",
        "Everything that is measured. At least 15 minutes apart, at most 4 an hour; a second, firmer one if you stay bent.",
    ),
}


def presets() -> tuple[Preset, ...]:
    """Return the three, from the fewest reminders to the most."""
    default = Settings()
    names = sorted({name for changes in _CHANGES.values() for name in changes})
    values = {name: _value(default, name) for name in names}
    return tuple(Preset(name, *_WORDS[name], values | dict(changes)) for name, changes in _CHANGES.items())


def preset_of(settings: Settings) -> Preset | None:
    """Return the one that is in force; ``None``: the settings are the person's own."""
    return next((one for one in presets() if all(_value(settings, name) == value for name, value in one.values.items())), None)


def with_preset(settings: Settings, preset: Preset) -> Settings:
    """Return the settings with a preset in force."""
    for name, value in preset.values.items():
        section, _, key = name.partition(".")
        settings = replace(settings, **{section: replace(getattr(settings, section), **{key: value})})
    return settings


def _value(settings: Settings, name: str) -> Value:
    section, _, key = name.partition(".")
    value: Value = getattr(getattr(settings, section), key)
    return value
