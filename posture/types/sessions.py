"""What a session is doing."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """What a session is doing, in one word."""

    READY = "ready"
    """Not started."""
    OPENING = "opening"
    """The camera is on and has given no picture yet."""
    RUNNING = "running"
    CAMERA_LOST = "camera_lost"
    """The camera is wanted and gives no picture; it is being looked for."""
    LENT = "lent"
    LOCKED = "locked"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    STOPPING = "stopping"
    """The camera is off; what was measured is being written."""
    STOPPED = "stopped"


MODE_WORDS: dict[str, str] = {
    Mode.READY: "starting",
    Mode.OPENING: "opening the camera",
    Mode.RUNNING: "watching",
    Mode.CAMERA_LOST: "camera lost, trying to get it back",
    Mode.LENT: "camera in use by another command, not measured",
    Mode.LOCKED: "screen locked, camera off",
    Mode.PAUSED: "paused",
    Mode.SUSPENDED: "computer asleep",
    Mode.STOPPING: "stopping",
    Mode.STOPPED: "stopped",
}
"""What the terminal and the tray say of a mode."""
