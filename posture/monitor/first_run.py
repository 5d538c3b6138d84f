"""The four steps before the first session: their texts, and whether they are due.

1 what it is and is not, 2 privacy, 3 camera and placement, 4 calibration. The medical words follow the passages A-refer and B-care
(docs/passages.md), in our own words.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from posture.capture import CameraInfo
from posture.storage import Store

DONE_KEY = "first_run_done"
"""Under which the store keeps when the four steps were gone through, seconds since the epoch."""
SKIPPED = (
    "Not calibrated: sit tall but relaxed when it starts, as your first 15 seconds become the upright reference. Angles are then less "
    "certain (every standard deviation is wider), and forward pelvic tilt isn't reported until you calibrate: posture calibrate."
)
STREAM = "A stream address isn't saved, since it may contain a password: set watch.camera in your settings file, or POSTURE_CAMERA."


@dataclass(frozen=True, slots=True)
class Page:
    """One of the four steps."""

    title: str
    lines: tuple[str, ...]
    passages: tuple[str, ...] = ()
    """Which passages of the articles the lines follow."""


def needed(store: Store) -> bool:
    """Whether the four steps are still to be gone through."""
    return store.get_meta(DONE_KEY) is None


def done(store: Store, clock: Callable[[], float] = time.time) -> None:
    """Note that they were gone through: **writes**."""
    store.set_meta(DONE_KEY, f"{clock():.0f}")


def pages(cameras: Sequence[CameraInfo]) -> tuple[Page, Page, Page, Page]:
    """Return the four steps, with the cameras found."""
    return (
        Page(
            "1 of 4  What it does, and what it doesn't",
            (
                "It uses a camera to measure how far you lean forward and how round your back is, and suggests gentle movement when you "
                "have leaned or slumped for long, or simply sat for long.",
                "It is a habit aid, not a medical device, and nothing it says is a diagnosis.",
                "If you have pain, numbness or weakness, or stiffness that lasts more than a few days, see a physical therapist or a "
                "chiropractor. Trouble that lasts or hurts is for a professional, not for a program.",
                "It will never ask you to force a crack.",
            ),
            ("A-refer", "B-care"),
        ),
        Page(
            "2 of 4  Your privacy",
            (
                "Pictures are measured in memory on this machine and forgotten at once: none is kept, and none leaves the machine.",
                "Only times and postures are kept, in a file of your own; posture doctor shows where it is.",
                "While it is paused (posture pause) or stopped, or your screen is locked, the camera and its light are off.",
            ),
        ),
        Page("3 of 4  Your camera, and where to put it", (*_camera_lines(cameras), *PLACING)),
        Page(
            "4 of 4  Calibration",
            (
                "Everything is measured from your own upright position. Calibrating takes half a minute: sit tall but relaxed for five "
                "seconds, then, if you like, slump fully and arch fully for three seconds each.",
                "Sit as you do for work, facing the way you will be.",
            ),
        ),
    )


ABOUT = (
    "This program uses a camera to measure how far you lean forward and how round your back is, and suggests gentle movement when you have "
    "leaned, slumped or simply sat for long. It is a habit aid, not a medical device. If you have pain, numbness or weakness, or stiffness "
    "that lasts more than a few days, see a physical therapist or a chiropractor. It will never ask you to force a crack."
)
PRIVACY = (
    "Pictures are measured in memory on this computer and forgotten at once: none is kept, and none leaves it. Only times and postures are "
    "kept, in a file of your own. While it is paused, or your screen is locked, the camera and its light are off."
)
"""The first two steps in short, for the window, which has room for them beside the camera."""
PLACING = (
    "From the side, 2 to 3 m away, between hip and chest height, with you in the picture from head to knees: measures leaning, slumping "
    "and the pelvis.",
    "At an angle: measures leaning and slumping well, the pelvis roughly.",
    "In front, as on a laptop: measures leaning and slumping, but not the pelvis. Your head and both shoulders must be in the picture.",
)


def _camera_lines(cameras: Sequence[CameraInfo]) -> tuple[str, ...]:
    if not cameras:
        return ("No camera found. Plug one in, or type the address of a stream, such as http://host/stream.mjpg.",)
    return tuple(f"{camera.index}: {camera.name}" for camera in cameras)


def default_camera(cameras: Sequence[CameraInfo]) -> str:
    """Return the camera to offer: the first; empty if there is none."""
    return str(cameras[0].index) if cameras else ""


def camera_fits(answer: str, cameras: Sequence[CameraInfo]) -> bool:
    """Whether `answer` can be a camera: one of the list by number, name or path, or an address."""
    wanted = answer.strip()
    if "://" in wanted or wanted.startswith("/"):
        return True
    if wanted.isdecimal():
        return not cameras or any(c.index == int(wanted) for c in cameras)
    return bool(wanted) and sum(wanted.casefold() in c.name.casefold() for c in cameras) == 1
