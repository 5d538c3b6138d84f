"""Where files live on each system. Every place can be moved by an environment variable."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

_APP = "posture-monitor"


def child_environment() -> dict[str, str]:
    """The environment in which a Python that we start finds this package, wherever it was found."""
    here = str(Path(__file__).resolve().parents[1])
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{path}" if path else here}


def config_file() -> Path:
    """The user's settings file; ``POSTURE_CONFIG`` names another one."""
    named = os.environ.get("POSTURE_CONFIG")
    return Path(named) if named else Path(platformdirs.user_config_dir(_APP, appauthor=False)) / "config.toml"
