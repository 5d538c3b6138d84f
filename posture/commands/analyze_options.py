"""What the options of ``posture analyze`` mean, and whether they go together."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import typer

from posture.commands.common import seconds, span
from posture.inputs import Recording
from posture.model import PostureError
from posture.reports.formats import Format
from posture.settings import MeasureSettings, Settings
from posture.sources.timing import MOST_FPS

Window = tuple[float | None, float | None]
"""Where to begin and where to stop, seconds of the recording; ``None`` for its own ends."""
_LENGTH = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s?)?")

_TOO_LONG = "its name is too long"


def at_rate(settings: Settings, rate: float | None) -> Settings:
    """The settings with the rate of the command line."""
    if rate is None:
        return settings
    limits = next(f.metadata for f in dataclasses.fields(MeasureSettings) if f.name == "rate_hz")
    if not limits["ge"] <= rate <= limits["le"]:
        raise typer.BadParameter(f"{rate:g}: expected a number from {limits['ge']:g} to {limits['le']:g}", param_hint="--rate")
    return dataclasses.replace(settings, measure=dataclasses.replace(settings.measure, rate_hz=rate))


def check_fps(fps: float | None) -> None:
    """That ``--fps`` is a rate that a camera may have."""
    if fps is not None and not 0.001 <= fps <= MOST_FPS:
        raise typer.BadParameter(f"{fps:g}: expected pictures per second, from 0.001 to {MOST_FPS:g}", param_hint="--fps")


def check_rotation(degrees: int | None) -> int:
    """The quarter turns that ``--rotate`` names, as degrees."""
    if degrees not in (None, 90, 180, 270):
        raise typer.BadParameter(f"{degrees}: expected 90, 180 or 270, degrees clockwise", param_hint="--rotate")
    return degrees or 0


def check_use(
    recordings: Sequence[Recording], moment: datetime | None, *, replace: bool, no_store: bool, profile: str | None, annotate: bool
) -> None:
    """That the options go together, and with what is to be analysed."""
    if not recordings:
        raise typer.BadParameter("no recording: name files, folders, patterns, - for a pipe, or a stream's address", param_hint="VIDEO")
    if moment is None:
        if replace:
            raise typer.BadParameter("only goes with --as-day", param_hint="--replace")
    elif no_store:
        raise typer.BadParameter("does not go with --no-store: your own day is what is stored", param_hint="--as-day")
    elif len(recordings) > 1:
        raise typer.BadParameter(
            f"takes one recording, and there are {len(recordings)}: each began at a time of its own", param_hint="--as-day"
        )
    elif moment.timestamp() > time.time():
        raise typer.BadParameter(f"{moment:%Y-%m-%d %H:%M} is in the future", param_hint="--as-day")
    if profile is not None and not (profile.strip() and profile.isprintable()):
        raise typer.BadParameter(f"{profile!r} is no name that can be read and typed", param_hint="--profile")
    once = next((r for r in recordings if not r.repeatable), None)
    if annotate and once is not None:
        raise typer.BadParameter(f"needs to read the recording twice, and {once.label} comes only once", param_hint="--annotate")


def window_of(start: str | None, end: str | None, length: str | None) -> Window:
    """Seconds of the part that is to be measured."""
    start_s = seconds(start, "--start") if start is not None else None
    end_s = seconds(end, "--end") if end is not None else None
    if length is not None:
        if end is not None:
            raise typer.BadParameter("does not go with --end: both say where to stop", param_hint="--for")
        return start_s, (start_s or 0.0) + length_s(length, "--for")
    if end_s is not None and end_s <= (start_s or 0.0):
        raise typer.BadParameter(f"{end!r} ends before it begins", param_hint="--end")
    return start_s, end_s


def length_s(text: str, option: str) -> float:
    """``10m``, ``90s``, ``1h30m``, or as a clock shows it (``1:30``), in seconds.

    Raises:
        typer.BadParameter: anything else, or no time at all.
    """
    word = text.strip().lower().replace(" ", "")
    match = _LENGTH.fullmatch(word)
    if ":" in word:
        found = seconds(word, option)
    elif match is not None and word:
        hours, minutes, rest = match.groups()
        found = float(hours or 0) * 3600.0 + float(minutes or 0) * 60.0 + float(rest or 0)
    else:
        raise typer.BadParameter(f"{text!r} is no length of time; write for instance 10m, 90s or 1h30m", param_hint=option)
    if found <= 0:
        raise typer.BadParameter(f"{text!r} is no time at all", param_hint=option)
    return found


def neutral_span_of(text: str | None, window: Window) -> tuple[float, float] | None:
    """Seconds of the neutral, which must lie in the part that is measured."""
    if text is None:
        return None
    low, high = span(text, "--neutral")
    if low < (window[0] or 0.0) or (window[1] is not None and high > window[1]):
        raise typer.BadParameter(f"{text!r} reaches out of the part that --start and --end choose", param_hint="--neutral")
    return low, high


def formats_of(texts: Iterable[str]) -> frozenset[Format]:
    """What ``--format`` names: several with commas, or ``all``."""
    found: set[Format] = set()
    for word in (part.strip().lower() for text in texts for part in text.split(",")):
        if word == "all":
            return frozenset(Format)
        try:
            found.add(Format(word))
        except ValueError:
            known = ", ".join(Format)
            raise typer.BadParameter(f"{word!r}: expected some of {known}, separated by commas, or all", param_hint="--format") from None
    return frozenset(found)


def moment_of(text: str | None) -> datetime | None:
    """When one's own day began."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):  # the latter two: years that a clock does not know
        raise typer.BadParameter(f"{text!r} is not a date and time; write for instance 2026-03-02 09:00", param_hint="--as-day") from None


def check_writable(folder: Path | None, typed: str) -> None:
    """That the folder can be made or written to; makes nothing.

    Raises:
        PostureError: it cannot.
    """
    if folder is None:
        return
    try:
        there = next(p for p in (folder.absolute(), *folder.absolute().parents) if p.exists())
        why = "it is a file" if there == folder.absolute() else f"{there} is a file"
        if there.is_dir():
            why = "" if os.access(there, os.W_OK | os.X_OK) else "no permission to write there"
        if not why and _too_long(folder, there):
            why = _TOO_LONG
    except OSError as error:
        why = _TOO_LONG if error.errno == errno.ENAMETOOLONG else error.strerror or str(error)
    if why:
        raise PostureError(f"{typed}: cannot be used as output folder: {why}")


def _too_long(folder: Path, there: Path) -> bool:
    """Whether a folder that is to be made has a longer name than the file system of `there` takes; Windows says so in making it."""
    if sys.platform == "win32":
        return False
    most = os.pathconf(there, "PC_NAME_MAX")
    return most > 0 and any(len(os.fsencode(part)) > most for part in folder.parts)
