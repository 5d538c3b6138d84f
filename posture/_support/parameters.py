"""Reads the fitted parameters of the estimators, ``models/kinematics.json``."""

from __future__ import annotations

import json
from functools import cache

from posture._support.files import os_errors, sha256_of
from posture._support.paths import data_file
from posture.biomechanics import Parameters
from posture.errors import ModelError

FILE = "kinematics.json"


@cache
def load() -> Parameters:
    """Return the parameters that come with the program.

    Raises:
        ModelError: Missing or damaged.
    """
    place = data_file(FILE)
    try:
        return Parameters.from_dict(json.loads(place.read_text("utf-8")))
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            raise ModelError(f"{place}: cannot be read: {error.strerror or error}") from error
        raise ModelError(f"the estimators' parameters ({place}) are missing; reinstall posture-monitor") from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the estimators' parameters ({place}) are damaged; reinstall posture-monitor") from error


@cache
def sha256() -> str:
    """Return the SHA-256 of their file.

    Raises:
        ModelError: It cannot be read.
    """
    with os_errors(f"{data_file(FILE)}: cannot be read", ModelError):
        return sha256_of(data_file(FILE))
