"""What a monitor that runs says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from posture.errors import ControlError
from posture.monitor.control import client


def now() -> Mapping[str, Any]:
    """The state of the moment; empty if none runs, or if it does not answer in time."""
    try:
        return client.running() or {}
    except ControlError:
        return {}
