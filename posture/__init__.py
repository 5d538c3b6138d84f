"""Posture monitor: trunk flexion and a pelvic-tilt proxy from one camera, and gentle prompts to move.

Importing this package loads neither OpenCV nor MediaPipe; what it offers to other programs is loaded when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posture.library import analyze, analyze_frames, analyze_landmarks
    from posture.model import ConfigError, InputError, ModelError, Pose, PostureError
    from posture.results import Landmarks, Readings, Recording
    from posture.stepwise import Pipeline, Step

__version__ = "0.1.0"
_HOMES = {
    "posture.library": ("analyze", "analyze_frames", "analyze_landmarks"),
    "posture.model": ("ConfigError", "InputError", "ModelError", "Pose", "PostureError"),
    "posture.results": ("Landmarks", "Readings", "Recording"),
    "posture.stepwise": ("Pipeline", "Step"),
}
__all__ = [
    "ConfigError",
    "InputError",
    "Landmarks",
    "ModelError",
    "Pipeline",
    "Pose",
    "PostureError",
    "Readings",
    "Recording",
    "Step",
    "analyze",
    "analyze_frames",
    "analyze_landmarks",
]


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
