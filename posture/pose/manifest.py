"""The pose models that the program knows, from ``models/models.toml``: name, address, sha256, size, and how one is assembled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from posture._support import data_file
from posture.errors import ModelError
from posture.pose.bundle import MOST_BYTES, Assembly, BundledNetwork

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Weights:
    """One model of the manifest."""

    name: str
    url: str
    sha256: str
    """Of the official file."""
    size: int
    """Bytes of the official file."""
    licence: str
    """SPDX identifier."""
    assembly: Assembly | None = None
    """How it can be made without the official address."""

    @property
    def file_name(self) -> str:
        """Its name in the cache, the one it has at the official address."""
        return Path(urlsplit(self.url).path).name

    @property
    def accepted(self) -> frozenset[str]:
        """The sha256 of every file that is this model."""
        return frozenset({self.sha256} | ({self.assembly.sha256} if self.assembly else set()))


Manifest = Mapping[str, Weights]


def known() -> Manifest:
    """Return the models of the manifest by name, from the installed package or else from the checkout that it runs in.

    Raises:
        ModelError: the manifest is missing or damaged.
    """
    return manifest_of(data_file("models.toml"))


def manifest_of(place: Path) -> Manifest:
    """Return the models of a manifest file.

    Raises:
        ModelError: missing or damaged.
    """
    try:
        tables = tomllib.loads(place.read_text("utf-8"))
        return {name: _weights(name, table) for name, table in tables.items()}
    except (OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"the list of pose models ({place}) is missing or damaged; reinstall posture-monitor") from error


def _weights(name: str, table: dict[str, Any]) -> Weights:
    assembly = None
    if made := table.get("assembly"):
        networks = tuple(BundledNetwork(**network) for network in made["networks"])
        assembly = Assembly(**made | {"pip_args": tuple(made["pip_args"]), "networks": networks})
    weights = Weights(name, **table | {"assembly": assembly})
    sound = weights.url.startswith("https://") and weights.file_name and 0 < weights.size <= MOST_BYTES
    if not sound or not all(_SHA256.fullmatch(digest) for digest in weights.accepted):
        raise ValueError(f"{name} is not a model")
    return weights
