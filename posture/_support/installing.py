"""How what is missing is installed: beside this program where Python's own installer put it, not into the bundle."""

from __future__ import annotations

from posture._support.processes import is_bundled


def how_to_add(package: str) -> str:
    """Return the command that adds an optional package, or that this program came without it."""
    return "this program came whole, without it; installed with pip, it can have it" if is_bundled() else f"pip install {package}"
