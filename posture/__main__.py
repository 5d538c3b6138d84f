"""``python -m posture``, and the console script: Ctrl-C ends it in one line even while the program is still being loaded."""

from __future__ import annotations

import sys


def main() -> None:
    """Load the program and run it."""
    try:
        from posture.cli.app import main as run  # noqa: PLC0415

        run()
    except KeyboardInterrupt:
        print("posture: interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
