"""Where files live on each system. Every place can be moved by an environment variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

_APP = "posture-monitor"
PAGES, LANDMARKS, MODELS = "pages", "landmarks", "models"
"""Folders in the user's cache."""
_VARIABLES = {PAGES: "POSTURE_PAGES_DIR", LANDMARKS: "POSTURE_LANDMARK_DIR", MODELS: "POSTURE_MODEL_DIR"}


_PACKAGE = Path(__file__).resolve().parents[1]


def data_file(name: str) -> Path:
    """Return where a file or folder that comes with the program lies: in the installed package, else in the checkout.

    What lies in neither is given as it would be in the package.
    """
    package = _PACKAGE / "data" / name
    checkout = (_PACKAGE.parent / folder / name for folder in ("models", "sample_videos"))
    return next((place for place in (package, *checkout) if place.exists()), package)


def child_environment() -> dict[str, str]:
    """Return the environment in which a Python that we start finds this package, wherever it was found."""
    here = str(_PACKAGE.parent)
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{path}" if path else here}


def named_folder(variable: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder that an environment variable names; ``None`` if it names none."""
    named = environ.get(_VARIABLES.get(variable, variable), "").strip()
    return Path(named).expanduser() if named else None


def own_data() -> Path:
    """Return the folder of the user's data."""
    return platformdirs.user_data_path(_APP, appauthor=False)


def own_config() -> Path:
    """Return the folder of the user's settings."""
    return platformdirs.user_config_path(_APP, appauthor=False)


def own_cache(name: str) -> Path:
    """Return a folder in the user's cache, whose content may be erased at any time."""
    return platformdirs.user_cache_path(_APP, appauthor=False) / name


def cache_folder(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where pages, kept landmarks or fetched models lie: in the folder that the user named, else in the cache. Creates nothing."""
    return named_folder(name, environ) or own_cache(name)


def own_downloads() -> Path:
    """Return the folder in the user's downloads."""
    return platformdirs.user_downloads_path() / _APP


def config_file() -> Path:
    """Return the user's settings file; ``POSTURE_CONFIG`` names another one."""
    named = os.environ.get("POSTURE_CONFIG")
    return Path(named) if named else own_config() / "config.toml"
