"""How often a fault is injected, and a record of what came of it."""

from __future__ import annotations

import json
import os
from pathlib import Path


def times(name: str, in_ci: int) -> int:
    """How often: ``in_ci``, unless the environment says more (``make soak`` does), as POSTURE_KILLS=200."""
    return int(os.environ.get(f"POSTURE_{name}", in_ci))


def note(what: str, **figures: float | str) -> None:
    """Add a line to the file that POSTURE_FIGURES names, if it does."""
    named = os.environ.get("POSTURE_FIGURES")
    if named:
        with Path(named).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, **figures}) + "\n")
