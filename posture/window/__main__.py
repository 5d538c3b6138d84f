"""``posture-window`` and ``python -m posture.window``: the program's window, for those who never open a terminal."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from posture._support import limits, missing_for_qt
from posture.errors import PostureError
from posture.window.names import PAGES

NO_QT = "No window: PySide6 isn't installed (pip install '.[window]' in the program's folder)."
NO_DISPLAY = "No window: there is no display here (over ssh, or a text console)."
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def main(arguments: list[str] | None = None) -> None:
    """Show the window, or bring the one that is open to the front; exits with 0, or with 1 and one line where it cannot be shown."""
    parser = argparse.ArgumentParser("posture-window", description="The posture monitor's window.")
    parser.add_argument("--page", choices=PAGES, help="what it opens with")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file, instead of your own")
    options = parser.parse_args(arguments)
    sys.exit(open_window(options.page, options.config))


def why_none(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """Why no window can be shown here, in one line; ``None`` if one probably can. Loads no Qt."""
    if importlib.util.find_spec("PySide6") is None:
        return NO_QT
    if platform == "linux" and not any(map(environ.get, _DISPLAYS)):
        return NO_DISPLAY
    on_x11 = platform == "linux" and set(filter(environ.get, _DISPLAYS)) == {"DISPLAY"}
    missing = missing_for_qt() if on_x11 else None
    return f"No window: {missing}" if missing else None


def open_window(page: str | None, config: Path | None, words: Sequence[str] = ()) -> int:
    """Show the window until it is closed, or bring the one that is open to the front; return the exit code.

    Args:
        page: what it opens with; ``None``: the first run, if that was not done, else the live picture.
        config: the settings file; ``None``: the user's own.
        words: options for the command that the page runs, as they are typed.
    """
    why = why_none()
    try:
        if why is None:
            from posture.window.app import run  # noqa: PLC0415 # Qt may be missing or broken

            return run(page, config, words)
    except PostureError as error:
        why = str(error)
    except ImportError as error:
        why = limits.shortage(error) or f"No window: {error}; posture doctor says what is missing."
    print(f"posture: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
