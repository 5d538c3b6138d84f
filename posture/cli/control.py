"""``posture pause``, ``resume`` and ``stop``: ask the monitor that runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from posture.cli.console import say
from posture.cli.options import examples
from posture.cli.status_table import print_words
from posture.monitor.control import client
from posture.time_parsing import moment_words, until
from posture.types import MODE_WORDS

app = typer.Typer()


@app.command("pause", epilog=examples("posture pause", "posture pause 15m", "posture pause 1h30m", "posture pause tomorrow"))
def pause(
    length: Annotated[
        str | None,
        typer.Argument(
            metavar="LENGTH",
            help="15m, 1h, 90s, 17:30 (until then) or tomorrow (until 4 in the morning). Default: until you resume.",
        ),
    ] = None,
) -> None:
    """Release the camera for a while; that time counts as not known. A new pause replaces the one before."""
    now = datetime.now()
    try:
        until_utc = until(length, now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="pause") from None
    said = client.ask("pause", until_utc=until_utc)
    if said.get("mode") not in (None, "paused"):
        say(f"not paused now: {MODE_WORDS.get(str(said['mode']), said['mode'])}")
    elif until_utc is None:
        say("paused until you resume: posture resume")
    else:
        say(f"paused until {moment_words(until_utc, now)}; to resume earlier: posture resume")
    print_words(said)


@app.command("resume", epilog=examples("posture resume"))
def resume() -> None:
    """Resume after a pause."""
    said = client.ask("resume")
    still = said.get("mode") == "paused"
    say("your pause is over, but the camera stays off for another reason" if still else "resumed")
    print_words(said)


@app.command("stop", epilog=examples("posture stop"))
def stop() -> None:
    """Stop the monitor, and wait until everything is saved (5 seconds at most)."""
    stopped = client.stop()
    say("stopped; your day: posture today" if stopped else "no monitor was running")
