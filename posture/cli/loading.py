"""What several commands load: settings, catalogue, pose model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from posture._support import catalogue, config, paths
from posture.cli.console import warn
from posture.cli.progress import download_bar
from posture.pose import weights
from posture.prompts import Catalogue
from posture.settings import Settings


def settings_of(file: Path | None, sets: Sequence[str] | None) -> Settings:
    """Read the settings of the given file, else by the user's own if there is one, else the defaults; then the overrides.

    Raises:
        ConfigError: as ``config.load``.
    """
    own = paths.config_file()
    return config.load(file or (own if own.exists() else None), sets or ())


def catalogue_of(settings: Settings) -> Catalogue:
    """Read the catalogue, with the user's own prompts, if settings name any.

    Raises:
        CatalogueError: as ``catalogue.load``.
    """
    return catalogue.load(catalogue.own_file(settings))


def drawing_of(settings: Settings) -> Callable[[str], str]:
    """Return what gives a drawing as SVG by its name; the user's own catalogue comes before ours."""
    return partial(catalogue.drawing, user_file=catalogue.own_file(settings))


def model_file(name: str) -> Path:
    """Return the verified pose model; fetch it with a progress bar on first use.

    Raises:
        ModelError: not to be had.
    """
    with download_bar() as progress:
        return weights.resolve(name, progress=progress, say=warn)
