"""The answers of the running monitor, as text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from posture._support import without_credentials
from posture.cli.console import out, say
from posture.reports import DASH, STYLES, clock, degrees, reason_words, span_words
from posture.time_parsing import moment_words
from posture.types import MODE_WORDS, Mode

_DOSES = {"flexed": "Bent time", "anterior_tilt": "Tilted time", "sitting": "Sitting without a break"}


def print_status(found: Mapping[str, Any]) -> None:
    """Print the monitor's answer as a short table; leave out what it does not have."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, text in _rows(found, datetime.now()):
        table.add_row(name, Text(without_credentials(text)))
    out.print(table)


def _rows(found: Mapping[str, Any], now: datetime) -> list[tuple[str, str]]:
    rows = [("Monitor", _mode(found, now)), ("Running since", _since(found, now))]
    if found.get("words"):
        rows.append(("", str(found["words"])))
    if found.get("advice"):
        rows.append(("Advice", str(found["advice"])))
    posture = found.get("posture")
    if posture is not None:
        rows.append(("Posture now", _posture(found)))
    unknown = found.get("reason_unknown") or (found.get("reason") if posture is None else None)
    if unknown and unknown != found.get("mode"):
        rows.append(("Why not known", reason_words(str(unknown))))
    rows += _doses(found)
    silence = found.get("silence")
    if isinstance(silence, Mapping) and silence.get("words") and found.get("mode") == Mode.RUNNING:
        rows.append(("Reminders", str(silence["words"])))
    prompts = _number(found, "prompts")
    if prompts is not None:
        rows.append(("Reminders so far", f"{prompts:.0f}"))
    if found.get("camera"):
        rows.append(("Camera", str(found["camera"])))
    rows.append(("Profile", str(found.get("profile") or "none; to make one: posture calibrate")))
    return rows


def _mode(found: Mapping[str, Any], now: datetime) -> str:
    mode = str(found.get("mode"))
    text = MODE_WORDS.get(mode, mode)
    if mode != Mode.PAUSED:
        return text
    if "user" not in (found.get("paused_by") or ["user"]):
        return f"{text}, then resumes by itself"
    end = _number(found, "paused_until_utc")
    return f"{text} until " + (moment_words(end, now) if end is not None else "you resume: posture resume")


def _since(found: Mapping[str, Any], now: datetime) -> str:
    since, pid = _number(found, "since_utc"), _number(found, "pid")
    text = DASH if since is None else f"{moment_words(since, now)} ({span_words(now.timestamp() - since)})"
    return text if pid is None else f"{text}, process {pid:.0f}"


def _posture(found: Mapping[str, Any]) -> str:
    name = str(found["posture"])
    text = {posture.value: look.word for posture, look in STYLES.items()}.get(name, name)
    trunk = _number(found, "trunk_flexion_deg")
    return text if trunk is None else f"{text}, trunk flexion {degrees(trunk)}"


def _doses(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    doses = found.get("dose_s")
    if not isinstance(doses, Mapping):
        return []
    rows = []
    soft = _number(found, "soft_s")
    for kind, name in _DOSES.items():
        dose = _number(doses, kind)
        if dose is not None:
            of = f", reminder at {clock(soft)}" if kind == "flexed" and soft is not None else ""
            rows.append((name, clock(dose) + of))
    return rows


def _number(values: Mapping[str, Any], key: str) -> float | None:
    value = values.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def print_words(said: Mapping[str, Any]) -> None:
    """Print what the monitor adds in words to an answer, if anything."""
    words = said.get("words")
    if isinstance(words, str) and words:
        say(without_credentials(words))
