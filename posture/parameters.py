"""Reads the fitted parameters of the estimators, ``models/kinematics.json``."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from pathlib import Path

from posture.kinematics.learned import Parameters
from posture.model import ModelError

_NAME = "kinematics.json"


@cache
def load() -> Parameters:
    """The parameters that come with the program, from the installed package or else from the checkout.

    Raises:
        ModelError: missing or damaged.
    """
    installed = resources.files("posture") / "data" / _NAME
    place = installed if installed.is_file() else Path(__file__).resolve().parent.parent / "models" / _NAME
    try:
        return Parameters.from_dict(json.loads(place.read_text("utf-8")))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the estimators' parameters ({place}) are missing or damaged; install posture-monitor anew") from error
