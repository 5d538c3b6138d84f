"""``posture status``, ``pause``, ``resume`` and ``stop``: talk to the monitor that runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from posture.commands.common import JsonOption, out
from posture.control.until import moment_words, until

NOT_RUNNING = 3
"""Exit code of ``posture status`` where there is no monitor."""
_MODES = {
    "ready": "starting",
    "opening": "opening the camera",
    "running": "watching",
    "camera_lost": "looking for the camera",
    "lent": "the camera is lent out",
    "locked": "waiting: the screen is locked",
    "paused": "paused",
    "suspended": "waiting: the computer was asleep",
    "stopping": "stopping",
    "stopped": "stopped",
}
_DOSES = {"flexed": "Flexed dose", "anterior_tilt": "Anterior-tilt dose", "sitting": "Sitting unbroken"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status", epilog="Examples:  posture status   ·   posture status --json   ·   exit code 3: not running")(status)
    app.command("pause", epilog="Examples:  posture pause   ·   posture pause 15m   ·   posture pause 1h30m   ·   posture pause tomorrow")(
        pause
    )
    app.command("resume", epilog="Example:  posture resume")(resume)
    app.command("stop", epilog="Example:  posture stop")(stop)


def status(json_: JsonOption = False) -> None:
    """What the monitor is doing, what it makes of your posture now, and how much of a dose has come together.

    Exit code 0 if a monitor runs, 3 if none does, 1 if there is one that does not answer.
    """
    from posture.control import client  # noqa: PLC0415 # loads sockets, which most commands do without

    found = client.running()
    if json_:
        typer.echo(json.dumps({"running": found is not None, **(found or {})}, ensure_ascii=False, indent=2))
    elif found is None:
        out.print("not running; start it: posture watch", markup=False)
    else:
        _print(found, datetime.now())
    if found is None:
        raise typer.Exit(NOT_RUNNING)


def pause(
    length: Annotated[
        str | None,
        typer.Argument(
            metavar="LENGTH",
            help="15m, 1h, 90s, 17:30 (until then) or tomorrow: until 4 in the morning of the next day. Default: until you resume.",
        ),
    ] = None,
) -> None:
    """Let go of the camera for a while; the time counts as not known. Another pause takes the place of the one before."""
    from posture.control import client  # noqa: PLC0415

    now = datetime.now()
    try:
        until_utc = until(length, now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="pause") from None
    said = client.ask("pause", until_utc=until_utc)
    if said.get("mode") not in (None, "paused"):
        out.print(f"not paused now: {_MODES.get(str(said['mode']), said['mode'])}", markup=False)
    elif until_utc is None:
        out.print("paused until you go on: posture resume", markup=False)
    else:
        out.print(f"paused until {moment_words(until_utc, now)}; earlier: posture resume", markup=False, soft_wrap=True)
    _print_words(said)


def resume() -> None:
    """Go on after a pause."""
    from posture.control import client  # noqa: PLC0415

    said = client.ask("resume")
    still = said.get("mode") == "paused"
    out.print("your pause is over; the camera stays off for another reason" if still else "resumed", markup=False)
    _print_words(said)


def stop() -> None:
    """End the monitor, and wait until what it measured is written (5 seconds at most)."""
    from posture.control import client  # noqa: PLC0415

    stopped = client.stop()
    out.print("stopped; your day: posture today" if stopped else "no monitor was running", markup=False)


def _print_words(said: Mapping[str, Any]) -> None:
    words = said.get("words")
    if isinstance(words, str) and words:
        out.print(_plain(words), markup=False, soft_wrap=True)


def _print(found: Mapping[str, Any], now: datetime) -> None:
    """The monitor's own words on itself as a short table; what it does not say is left out."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    for name, text in _rows(found, now):
        table.add_row(name, Text(_plain(text)))
    out.print(table)


def _rows(found: Mapping[str, Any], now: datetime) -> list[tuple[str, str]]:
    from posture.reports.words import reason_words  # noqa: PLC0415 # loads NumPy

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
        rows.append(("Not known because", reason_words(str(unknown))))
    rows += _doses(found)
    prompts = _number(found, "prompts")
    if prompts is not None:
        rows.append(("Prompts shown", f"{prompts:.0f}"))
    if found.get("camera"):
        rows.append(("Camera", str(found["camera"])))
    rows.append(("Profile", str(found.get("profile") or "none; make one: posture calibrate")))
    return rows


def _mode(found: Mapping[str, Any], now: datetime) -> str:
    mode = str(found.get("mode"))
    text = _MODES.get(mode, mode)
    if mode != "paused":
        return text
    if "user" not in (found.get("paused_by") or ["user"]):
        return f"{text}, and goes on by itself"
    end = _number(found, "paused_until_utc")
    return f"{text} until " + (moment_words(end, now) if end is not None else "you go on: posture resume")


def _since(found: Mapping[str, Any], now: datetime) -> str:
    from posture.reports.words import DASH, span_words  # noqa: PLC0415

    since, pid = _number(found, "since_utc"), _number(found, "pid")
    text = DASH if since is None else f"{moment_words(since, now)} ({span_words(now.timestamp() - since)})"
    return text if pid is None else f"{text}, process {pid:.0f}"


def _posture(found: Mapping[str, Any]) -> str:
    from posture.reports.words import LOOKS, degrees  # noqa: PLC0415

    name = str(found["posture"])
    text = {posture.value: look.word for posture, look in LOOKS.items()}.get(name, name)
    trunk = _number(found, "trunk_flexion_deg")
    return text if trunk is None else f"{text}, trunk flexion {degrees(trunk)}"


def _doses(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    from posture.reports.words import clock  # noqa: PLC0415

    doses = found.get("dose_s")
    if not isinstance(doses, Mapping):
        return []
    rows = []
    soft = _number(found, "soft_s")
    for kind, name in _DOSES.items():
        dose = _number(doses, kind)
        if dose is not None:
            of = f" of the {clock(soft)} that call for a prompt" if kind == "flexed" and soft is not None else ""
            rows.append((name, clock(dose) + of))
    return rows


def _number(values: Mapping[str, Any], key: str) -> float | None:
    value = values.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _plain(text: str) -> str:
    """What another process says, without what a terminal would obey and without a password."""
    from posture.logs import without_credentials  # noqa: PLC0415
    from posture.reports.words import printable  # noqa: PLC0415

    return without_credentials(printable(text))
