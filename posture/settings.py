"""Every number that can be set, with its default, its range, what it means and where it comes from.

Defaults live here and nowhere else: config files, ``--set`` and the help texts are derived from these classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from posture.setting_texts import holding_limits, rula_scores


def setting(
    default: Any,
    about: str,
    source: str = "our judgement",
    *,
    ge: float | None = None,
    le: float | None = None,
    choices: tuple[str, ...] = (),
    label: str = "",
    parsed_by: Callable[[str], object] | None = None,
) -> Any:
    """A dataclass field that knows its range (inclusive) or choices, its meaning, its source, its short name where a form shows it, and
    what parses its text, raising a ``ValueError`` that says what is expected."""
    known = {"about": about, "source": source, "ge": ge, "le": le, "choices": choices, "label": label, "parsed_by": parsed_by}
    return field(default=default, metadata=known)


_BANDS = "0-20/20-60/>60 bands of RULA, REBA and ISO 11226"
_CREEP = "creep of the flexed lumbar spine, McGill & Brown 1992; applying it here is an analogy"


@dataclass(frozen=True, slots=True)
class BandSettings:
    """Which readings are flexed or anterior tilt."""

    flexed_trunk_deg: float = setting(20.0, "you count as leaning from this much trunk flexion", _BANDS, ge=1, le=90)
    flexed_beyond_neutral_deg: float = setting(15.0, "or from this much trunk flexion beyond your own upright position", ge=1, le=90)
    flexed_spine_deg: float = setting(
        25.0, "you count as slumping from this much spinal flexion beyond your own upright position", ge=1, le=120
    )
    tilt_deg: float = setting(
        10.0, "your pelvis counts as tipped forward from this much tilt beyond your own upright position", ge=1, le=60
    )
    tilt_max_sd_deg: float = setting(5.0, "but only while the tilt's standard deviation is at most this", ge=0.1, le=30)
    tilt_arch_deg: float = setting(
        8.0, "and only while the arch of your lower back has grown by at least this (spinal flexion at most minus this)", ge=0, le=60
    )
    enter_at: float = setting(0.8, "a posture counts from this probability on", ge=0.5, le=0.999)
    keep_at: float = setting(0.5, "and goes on counting down to this one; in between it is unknown", ge=0.05, le=0.999)
    max_gap_s: float = setting(12.0, "a reading is valid for at most this long; after that, posture is unknown", ge=0.1, le=120)
    away_after_s: float = setting(5.0, "you count as away after not being seen for this long (from the first such frame)", ge=0, le=300)


@dataclass(frozen=True, slots=True)
class DoseSettings:
    """How exposure charges and recovers."""

    half_life_s: float = setting(120.0, "bent time halves in this time while you sit upright", _CREEP, ge=1, le=7200)
    soft_s: float = setting(
        600.0, "bent time that brings the first reminder", _CREEP + ": 74 % of the 20-minute creep", ge=1, le=86400, label="First reminder"
    )
    firm_s: float = setting(
        1200.0,
        "bent time that brings the second, firmer reminder",
        _CREEP + ": the studied exposure",
        ge=1,
        le=86400,
        label="Second, firmer reminder",
    )
    tilt_s: float = setting(
        900.0,
        "time with your pelvis tipped forward that brings a reminder",
        "our judgement, deliberately strict",
        ge=1,
        le=86400,
        label="Pelvis tipped forward",
    )
    sitting_s: float = setting(
        1800.0,
        "sitting without a break that brings a reminder",
        "break trials, Waongenngarm 2021",
        ge=1,
        le=86400,
        label="Sitting without a break",
    )
    still_s: float = setting(
        1200.0,
        "sitting without changing position that brings the lightest reminder, at least this long after any other",
        "postural shifts, Waongenngarm 2021; the time is our judgement",
        ge=1,
        le=86400,
        label="Sitting still",
    )
    share_s: float = setting(
        1800.0,
        "leaning or slumping for this much of the last measured hour, however it was spread, brings a reminder",
        ge=60,
        le=3600,
        label="Much of an hour bent",
    )
    clear_s: float = setting(60.0, "being away or standing for this long is a break, and sets bent time back to zero", ge=1, le=3600)
    episode_floor_s: float = setting(120.0, "a posture held for long is over when its bent time falls below this", ge=0, le=3600)
    episode_min_s: float = setting(1.0, "a posture held for less than this is ignored as noise", ge=0, le=3600)
    shift_deg: float = setting(5.0, "changing trunk, lean or tilt by this much, and holding it, is a shift", ge=0.5, le=45)
    shift_cm: float = setting(5.0, "moving your hips by this much, and staying there, is a shift", ge=0.5, le=100)
    shift_hold_s: float = setting(5.0, "how long a change must be held to be a shift", ge=0.1, le=120)


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """How often a prompt may be shown, and how long it waits."""

    quiet_s: float = setting(
        1200.0, "no new reminder for this long after the last one", "our judgement, against habituation", ge=0, le=86400, label="Quiet time"
    )
    repeat_s: float = setting(
        1200.0,
        "while its cause goes on, a reminder comes again after this, with another exercise (about sitting: after dose.sitting_s); "
        "after three without an answer, after twice and then three times this; 0: once an episode",
        "our judgement",
        ge=0,
        le=86400,
        label="Repeat after",
    )
    per_hour: int = setting(
        3, "at most this many new reminders an hour", "our judgement, against habituation", ge=0, le=60, label="New reminders an hour"
    )
    patience_s: float = setting(
        60.0, "a reminder waits at most this long for a moment when you move", ge=0, le=3600, label="Wait for a movement"
    )
    snooze_s: float = setting(600.0, "how long a snooze lasts; nothing else is shown until then", ge=1, le=86400, label="Snooze")
    learn_effect: bool = setting(
        False,
        "leave out one reminder in five at random, so that posture trend can compare the half hour after it with and without; "
        "never a referral, never two in a row",
        label="Find out whether reminders help",
    )
    about_flexed: bool = setting(True, "remind of leaning and slumping", label="Leaning and slumping")
    about_tilt: bool = setting(True, "remind of a pelvis tipped forward", label="Pelvis tipped forward")
    about_sitting: bool = setting(True, "remind of sitting without a break", label="Sitting without a break")
    about_stillness: bool = setting(True, "remind of sitting without changing position", label="Sitting still")
    catalogue: str = setting(
        "", "a TOML file with your own exercises: a known id changes that entry, a new id adds one", label="Your own exercises"
    )


@dataclass(frozen=True, slots=True)
class MeasureSettings:
    """How recordings are measured."""

    model: str = setting("full", "lite, full, heavy, or the path of a .task file", label="Pose model for recordings")
    rate_hz: float = setting(5.0, "frames measured per second of recording", ge=0.1, le=240)
    front_max_yaw_deg: float = setting(25.0, "a trunk turned away by less than this counts as seen from the front", ge=5, le=45)
    side_min_yaw_deg: float = setting(65.0, "a trunk turned away by more than this counts as seen from the side", ge=46, le=85)
    rear_min_yaw_deg: float = setting(
        118.0, "a trunk turned away by more than this counts as seen from behind, where nothing is measured", ge=95, le=170
    )
    camera_pitch_deg: float = setting(0.0, "how far the camera looks down, if you know; it changes nothing from the front", ge=-60, le=60)
    camera_roll_deg: float = setting(
        0.0, "how far the camera is rolled to one side, if you know: positive where upright things lean right", ge=-45, le=45
    )
    smooth_s: float = setting(0.3, "smoothing of live angles: its time constant, and their delay", ge=0, le=5)
    recorded_smooth_s: float = setting(0.25, "smoothing of recordings: its width; it looks both ways and adds no delay", ge=0, le=5)


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How the live monitor sees and speaks."""

    camera: str = setting(
        "", "which camera: number, name, lasting path or stream address; if empty, the last one used, or the first", label="Camera"
    )
    notify: str = setting(
        "auto",
        "where reminders appear: desktop, terminal, none, or auto (the desktop if there is one)",
        choices=("auto", "desktop", "terminal", "none"),
        label="Where reminders appear",
    )
    sound: bool = setting(False, "play a sound with each reminder, where the desktop or terminal can")
    picture_only: bool = setting(False, "show just the drawing and the exercise's name, where the desktop shows pictures")
    tray: bool = setting(True, "show an icon in the tray, if there is one")


@dataclass(frozen=True, slots=True)
class PresenceSettings:
    """When the camera is let go, and when prompts are held."""

    pause_on_lock: bool = setting(True, "release the camera while the screen is locked")
    pause_on_lid: bool = setting(True, "release the camera while the lid is closed and there is no other screen")
    pause_on_battery: bool = setting(False, "release the camera while the computer runs on battery")
    pause_when_idle_s: float = setting(
        0.0, "release the camera while keyboard and mouse haven't been used for this long; 0: never", ge=0, le=86400
    )
    pause_for_camera: bool = setting(True, "release the camera while another program is using one")
    quiet_in_calls: bool = setting(True, "show no reminders while the microphone is in use")
    quiet_in_full_screen: bool = setting(True, "show no reminders while a window fills the screen")
    quiet_on_do_not_disturb: bool = setting(True, "show no reminders while the desktop is set to do not disturb")


@dataclass(frozen=True, slots=True)
class ErgonomicsSettings:
    """What the tables for ergonomists go by, in results of recordings."""

    still_within_deg: float = setting(
        5.0, "a posture is static while its angle stays within this of its middle, or within 2 sd", ge=0.5, le=45
    )
    trunk_holding: str = setting(
        "",
        'your own acceptable holding times of the trunk, degrees:seconds, for instance "20:240, 60:60": a straight line between two, none '
        "below the first, not acceptable above the last; if empty, ISO 11226 from memory, which is this example",
        "ISO 11226, from memory",
        parsed_by=holding_limits,
    )
    upright_within_deg: float = setting(5.0, "RULA and REBA call the trunk upright this close to vertical", ge=0, le=19)
    sideways_deg: float = setting(10.0, "RULA and REBA call the trunk bent sideways from this much lateral lean", ge=1, le=60)
    twisted_deg: float = setting(20.0, "RULA and REBA call the trunk twisted from this much axial rotation", ge=1, le=90)
    rula: str = setting(
        "",
        "your RULA scores of all but the trunk, for a RULA score: as posture analyze --rula",
        "McAtamney & Corlett 1993",
        parsed_by=rula_scores,
    )


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """How your data is kept."""

    backups: int = setting(
        7, "how many automatic backups are kept beside the database, one a day; 0 for none", ge=0, le=366, label="Automatic backups"
    )


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """How the window looks."""

    appearance: str = setting(
        "system",
        "light, dark, high_contrast, or system (as the desktop has it)",
        choices=("system", "light", "dark", "high_contrast"),
        label="Appearance",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; each section is a table of the config file."""

    measure: MeasureSettings = MeasureSettings()
    bands: BandSettings = BandSettings()
    dose: DoseSettings = DoseSettings()
    prompts: PromptSettings = PromptSettings()
    watch: WatchSettings = WatchSettings()
    presence: PresenceSettings = PresenceSettings()
    ergonomics: ErgonomicsSettings = ErgonomicsSettings()
    storage: StorageSettings = StorageSettings()
    window: WindowSettings = WindowSettings()
