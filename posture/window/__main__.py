"""``posture-window`` and ``python -m posture.window``: the program's window, for those who never open a terminal."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from posture._support import limits
from posture.errors import PostureError
from posture.window.names import PAGES

NO_QT = "The window needs PySide6: pip install '.[window]' in the program's folder, or the package that holds everything."


def main(arguments: list[str] | None = None) -> None:
    """Show the window, or bring the one that is open to the front; exits with 0, or with 1 and one line where it cannot be shown."""
    parser = argparse.ArgumentParser("posture-window", description="The posture monitor's window.")
    parser.add_argument("--page", choices=PAGES, help="what it opens with")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file, instead of your own")
    options = parser.parse_args(arguments)
    sys.exit(open_window(options.page, options.config))


def open_window(page: str | None, config: Path | None) -> int:
    """Show the window until it is closed, or bring the one that is open to the front; return the exit code."""
    try:
        from posture.window.app import run  # noqa: PLC0415 # Qt may be missing

        return run(page, config)
    except PostureError as error:
        print(f"posture: {error}", file=sys.stderr)
    except ImportError as error:
        print(f"posture: {NO_QT if (error.name or '').startswith('PySide6') else limits.shortage(error) or error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    main()
