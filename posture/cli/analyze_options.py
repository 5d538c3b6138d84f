"""The options of ``posture analyze``: parsed, and checked against each other."""

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
from typing import Any

import typer
from typer.core import TyperCommand

from posture._support import word_without_credentials
from posture._support.catalogue import movements
from posture.capture import MOST_FPS, Crop
from posture.cli.console import warn
from posture.cli.options import check_name
from posture.errors import PostureError
from posture.recordings import ALL_EXERCISES, InputFile
from posture.reports import Format, missing
from posture.setting_texts import rula_scores
from posture.settings import MeasureSettings, Settings
from posture.time_parsing import clock_s, length_s

Window = tuple[float | None, float | None]
"""Where to begin and where to stop, seconds of the recording; ``None`` for its own ends."""

_ID = re.compile(r"[a-z][a-z0-9_]*")
_FROM = "--neutral-from"
_TOO_LONG = "its name is too long"
_TYPED = "posture.typed"


def typed_in(ctx: Any) -> tuple[str, ...]:
    """Return the command line, without credentials."""
    words = (*ctx.command_path.split(), *ctx.meta.get(_TYPED, ()))
    return tuple(word_without_credentials(word) for word in words)


class OptionalExercise(TyperCommand):
    """Reads ``--exercises`` with or without an id behind it: what follows is one if it looks like one and is no file."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Give an option without an id the value that means all; keep the words as they were typed."""
        ctx.meta[_TYPED] = tuple(args)
        done: list[str] = []
        rest = list(args)
        while rest:
            word = rest.pop(0)
            if word == "--exercises":
                named = bool(rest) and _ID.fullmatch(rest[0]) is not None and not Path(rest[0]).exists()
                word = f"{word}={rest.pop(0) if named else ALL_EXERCISES}"
            done.append(word)
            if word == "--":
                done += rest
                break
        return super().parse_args(ctx, done)


def check_exercise(name: str | None) -> None:
    """Check that ``--exercises`` names one that can be counted."""
    known = (ALL_EXERCISES, *movements())
    if name is not None and name not in known:
        raise typer.BadParameter(f"{name!r}: expected one of {', '.join(known[1:])}, or nothing for all", param_hint="--exercises")


def at_rate(settings: Settings, rate: float | None) -> Settings:
    """Return the settings with the rate of the command line, Hz."""
    if rate is None:
        return settings
    limits = next(f.metadata for f in dataclasses.fields(MeasureSettings) if f.name == "rate_hz")
    if not limits["ge"] <= rate <= limits["le"]:
        raise typer.BadParameter(f"{rate:g}: expected a number from {limits['ge']:g} to {limits['le']:g}", param_hint="--rate")
    return dataclasses.replace(settings, measure=dataclasses.replace(settings.measure, rate_hz=rate))


def with_rula(settings: Settings, scores: str | None) -> Settings:
    """Return the settings with the RULA scores of the command line, of all but the trunk."""
    if scores is None:
        return settings
    try:
        rula_scores(scores)
    except ValueError as error:
        raise typer.BadParameter(f"expected {error}", param_hint="--rula") from None
    return dataclasses.replace(settings, ergonomics=dataclasses.replace(settings.ergonomics, rula=scores))


def check_fps(fps: float | None) -> None:
    """Check that ``--fps`` is a rate that a camera may have."""
    if fps is not None and not 0.001 <= fps <= MOST_FPS:
        raise typer.BadParameter(f"{fps:g}: expected pictures per second, from 0.001 to {MOST_FPS:g}", param_hint="--fps")


def check_rotation(degrees: int | None) -> int:
    """Return the quarter turns that ``--rotate`` names, degrees clockwise."""
    if degrees not in (None, 90, 180, 270):
        raise typer.BadParameter(f"{degrees}: expected 90, 180 or 270, degrees clockwise", param_hint="--rotate")
    return degrees or 0


def crop_of(text: str | None) -> Crop | None:
    """Return the part of the picture that ``--crop`` names."""
    try:
        return None if text is None else Crop.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--crop") from None


def check_use(
    recordings: Sequence[InputFile],
    moment: datetime | None,
    *,
    replace: bool,
    keep: bool,
    no_store: bool,
    profile: str | None,
    twice: str | None,
) -> None:
    """Check that the options go together, and with what is to be analysed; `twice`: the one that reads a recording twice, if any."""
    if not recordings:
        raise typer.BadParameter("no recording: name files, folders, patterns, - for a pipe, or a stream's address", param_hint="VIDEO")
    if keep and (no_store or moment is not None):
        other = "--no-store, which asks for the opposite" if no_store else "--as-day, which stores the recording in that day"
        raise typer.BadParameter(f"can't be combined with {other}", param_hint="--keep")
    if moment is None:
        if replace:
            raise typer.BadParameter("only works with --as-day", param_hint="--replace")
    elif no_store:
        raise typer.BadParameter("can't be combined with --no-store: your own day is stored", param_hint="--as-day")
    elif len(recordings) > 1:
        raise typer.BadParameter(f"takes one recording, and you named {len(recordings)}: each began at its own time", param_hint="--as-day")
    elif moment.timestamp() > time.time():
        raise typer.BadParameter(f"{moment:%Y-%m-%d %H:%M} is in the future", param_hint="--as-day")
    check_name(profile, "--profile")
    once = next((r for r in recordings if not r.repeatable), None)
    if twice and once is not None:
        raise typer.BadParameter(f"has to read the recording twice, and {once.label} can be read only once", param_hint=twice)


def second_reading(*, annotate: bool, pictures: bool, show_faces: bool) -> str | None:
    """Return the option that reads a recording a second time; ``None`` if there is none."""
    if show_faces and not pictures:
        raise typer.BadParameter("only works with --pictures", param_hint="--show-faces")
    return "--annotate" if annotate else "--pictures" if pictures else None


def window_of(start: str | None, end: str | None, length: str | None) -> Window:
    """Return the part that is to be measured, seconds of the recording."""
    start_s = _seconds(start, "--start") if start is not None else None
    end_s = _seconds(end, "--end") if end is not None else None
    if length is not None:
        if end is not None:
            raise typer.BadParameter("can't be combined with --end: both say where to stop", param_hint="--for")
        return start_s, (start_s or 0.0) + _length_s(length, "--for")
    if end_s is not None and end_s <= (start_s or 0.0):
        raise typer.BadParameter(f"{end!r} ends before it begins", param_hint="--end")
    return start_s, end_s


def _length_s(text: str, option: str) -> float:
    try:
        return length_s(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _seconds(text: str, option: str) -> float:
    """Parse ``90``, ``1:30`` or ``1:02:03`` to seconds.

    Raises:
        typer.BadParameter: anything else.
    """
    try:
        return clock_s(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _span(text: str, option: str) -> tuple[float, float]:
    """Parse ``A-B`` to seconds.

    Raises:
        typer.BadParameter: not two times, or the second not after the first.
    """
    first, dash, second = text.partition("-")
    if not dash:
        raise typer.BadParameter(f"{text!r} is not a span; write for instance 0-3 or 0:10-0:15", param_hint=option)
    low, high = _seconds(first, option), _seconds(second, option)
    if high <= low:
        raise typer.BadParameter(f"{text!r} ends before it begins", param_hint=option)
    return low, high


def neutral_span_of(text: str | None, window: Window, recordings: Sequence[InputFile]) -> tuple[float, float] | None:
    """Return the seconds of the neutral, which must lie in the part that is measured of what can be read only once."""
    if text is None:
        return None
    low, high = _span(text, "--neutral")
    once = next((r for r in recordings if not r.repeatable), None)
    if once is not None and (low < (window[0] or 0.0) or (window[1] is not None and high > window[1])):
        why = f"{text!r} reaches outside the part chosen by --start and --end, and {once.label} can be read only once"
        raise typer.BadParameter(why, param_hint="--neutral")
    return low, high


def neutral_source_of(text: str | None, neutral: str | None) -> tuple[Path, tuple[float, float]] | None:
    """Parse ``--neutral-from FILE:A-B``: another recording, and the seconds of the neutral in it."""
    if text is None:
        return None
    if neutral is not None:
        raise typer.BadParameter("can't be combined with --neutral: both name the upright reference", param_hint=_FROM)
    colons = [m.start() for m in re.finditer(":", text) if m.start()]
    ways = [(Path(text[:at]), text[at + 1 :]) for at in colons if re.fullmatch(r"[\d:.]+-[\d:.]+", text[at + 1 :])]
    if not ways:
        raise typer.BadParameter(f"{text!r}: expected a file and seconds of it, for instance upright.mp4:0-3", param_hint=_FROM)
    file, seconds = next((way for way in ways if way[0].exists()), ways[0])
    return file, _span(seconds, _FROM)


def formats_of(texts: Iterable[str]) -> frozenset[Format]:
    """Parse ``--format``: names with commas between them, or ``all``, which leaves out, with a line, what lacks a library."""
    found: set[Format] = set()
    named = [part.strip().lower() for text in texts for part in text.split(",")]
    for word in named:
        if word == "all":
            continue
        try:
            found.add(Format(word))
        except ValueError:
            known = ", ".join(Format)
            raise typer.BadParameter(f"{word!r}: expected some of {known}, separated by commas, or all", param_hint="--format") from None
    lacking = {f: line for f in Format if "all" in named and f not in found and (line := missing(f))}
    for format_, line in lacking.items():
        warn(f"--format all: {format_} is left out: {line}")
    return frozenset(found if "all" not in named else set(Format) - set(lacking))


def moment_of(text: str | None) -> datetime | None:
    """Parse ``--as-day``: when one's own day began."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):  # the latter two: years that a clock does not know
        raise typer.BadParameter(f"{text!r} is not a date and time; write for instance 2026-03-02 09:00", param_hint="--as-day") from None


def check_writable(folder: Path | None, typed: str) -> None:
    """Check that the folder can be made or written to; makes nothing.

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
    """Tell whether a folder that is to be made has a longer name than the file system of `there` takes; Windows refuses it itself."""
    if sys.platform == "win32":
        return False
    most = os.pathconf(there, "PC_NAME_MAX")
    return most > 0 and any(len(os.fsencode(part)) > most for part in folder.parts)
