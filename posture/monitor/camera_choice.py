"""Which camera to use when none is named: the last one, stored by its identity, not by its index."""

from __future__ import annotations

import json
from dataclasses import asdict

from posture.capture import CameraInfo, find, list_cameras
from posture.errors import InputError
from posture.settings import Settings
from posture.storage import Store

CAMERA_KEY = "camera"
"""The key of the stored camera: its address and identity, as JSON."""
FIRST_CAMERA = "0"


def camera_of(named: str | None, settings: Settings, store: Store, *, patient: bool = False) -> tuple[str, CameraInfo | None]:
    """Return the address of the camera, and its identity as far as it is known before it is opened.

    Args:
        named: on the command line; ``None``: that of the settings, else of last time, else the first.
        settings: the user's.
        store: where the camera of last time is kept.
        patient: whether a named camera may be one that is not there yet.

    Raises:
        InputError: no camera is called like that.
    """
    kept = kept_camera(store)
    wanted = named or settings.watch.camera
    if kept is not None and named is None and wanted in ("", kept[0]):
        return kept  # who names an index now means the one that has it now
    address = wanted or FIRST_CAMERA
    try:
        return address, find(address, list_cameras()).info
    except InputError as error:
        if wanted and not patient:
            raise InputError(f"{error}; see: posture cameras") from error
        return address, None


def kept_camera(store: Store) -> tuple[str, CameraInfo] | None:
    """Return the stored camera; ``None`` if there is none."""
    try:
        kept = json.loads(store.get_meta(CAMERA_KEY) or "null")
        if kept is None:
            return None
        address, known = kept["address"], CameraInfo(**kept["known"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    words = (address, known.name, known.path or "", known.node or "")
    sound = isinstance(known.index, int) and all(isinstance(w, str) and "\0" not in w for w in words)
    return (address, known) if sound else None


def keep_camera(store: Store, address: str, known: CameraInfo | None) -> None:
    """Store a camera for the next session: **writes**. A stream is not stored: its address may hold a password."""
    if known is not None:
        store.set_meta(CAMERA_KEY, json.dumps({"address": address, "known": asdict(known)}))
