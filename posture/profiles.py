"""Calibration profiles: a neutral for each camera and place, in the store.

A profile is the store's own (name, view, when, data); camera and place are keys beside the neutral's inside its data. One that was
taken from a recording belongs to no camera.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from posture.kinematics.calibration import Neutral
from posture.model import StoreError, View
from posture.sources.names import CameraInfo, is_stream
from posture.store import Store
from posture.stored import StoredProfile

_CAMERA, _LABEL, _PLACE = "camera", "camera_name", "place"


@dataclass(frozen=True, slots=True)
class Eyed:
    """Which camera a profile is for."""

    key: str
    """By which it is known again; holds no password."""
    label: str
    """What to call it before the user."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as it is listed."""

    name: str
    camera: str | None
    """What the camera is called; ``None`` for one that was taken from a recording."""
    place: str | None
    view: View | None
    created_utc: float
    """Seconds since the epoch."""
    usable: bool
    """Whether this version of the program can read its neutral."""
    with_range: bool
    """Whether the person's own slump or arch is in it."""


def camera_of(address: str, known: CameraInfo | None) -> Eyed:
    """How the camera at `address` is known again.

    Args:
        address: as the user gave it.
        known: what it turned out to be, ``Camera.known``; ``None`` for a stream, or where the system does not tell.
    """
    if is_stream(address):
        parts = urlsplit(address.strip())  # neither user, password nor query, which may hold a token
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        return Eyed(f"stream:{shown}", shown)
    if known is None:
        return Eyed(f"address:{address.strip()}", f"camera {address.strip()}")
    return Eyed(f"path:{known.path}" if known.path else f"name:{known.name}", known.name)


def save(store: Store, name: str, neutral: Neutral, camera: Eyed, view: View | None, place: str | None = None) -> None:
    """Keep a neutral under `name`, in place of an earlier one of that name: **writes**.

    Raises:
        StoreError: the name cannot be read and typed, or the store cannot be written.
    """
    data = {**neutral.as_dict(), _CAMERA: camera.key, _LABEL: camera.label}
    if place:
        data[_PLACE] = place
    store.save_profile(name, data, view)


def listed(store: Store) -> list[Profile]:
    """All profiles, the newest first."""
    return sorted((_profile(stored) for stored in store.list_profiles()), key=lambda p: -p.created_utc)


def choose(store: Store, camera: Eyed, name: str | None = None) -> tuple[str, Neutral] | None:
    """The profile to measure with: the named one, else the newest of this camera that can be read; ``None`` if it has none.

    Raises:
        StoreError: there is none of that name, or it cannot be read.
    """
    if name is not None:
        stored = store.load_profile(name)
        neutral = _neutral(stored)
        if neutral is None:
            raise StoreError(f"the profile {name!r} is from another version of the program; make it anew: posture calibrate --name {name}")
        return name, neutral
    own = [p for p in store.list_profiles() if p.data.get(_CAMERA) == camera.key]
    for stored in sorted(own, key=lambda p: -p.created_utc):
        neutral = _neutral(stored)
        if neutral is not None:
            return stored.name, neutral
    return None


def name_for(store: Store, camera: Eyed, place: str | None = None) -> str:
    """A name for a new calibration: the one that this camera and place have already, else one that is free."""
    for stored in sorted(store.list_profiles(), key=lambda p: -p.created_utc):
        if stored.data.get(_CAMERA) == camera.key and stored.data.get(_PLACE) == place:
            return stored.name
    taken = {p.name for p in store.list_profiles()}
    stem = "".join(c for c in (place or camera.label.rpartition("://")[2].partition("/")[0]) if c.isprintable()).strip() or "desk"
    return next(name for name in (stem, *(f"{stem} {n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _neutral(stored: StoredProfile) -> Neutral | None:
    try:
        return replace(Neutral.from_dict(stored.data), source=f"profile {stored.name}")
    except (KeyError, TypeError, ValueError):
        return None


def _word(stored: StoredProfile, key: str) -> str | None:
    found = stored.data.get(key)
    return found if isinstance(found, str) else None


def _profile(stored: StoredProfile) -> Profile:
    neutral = _neutral(stored)
    return Profile(
        name=stored.name,
        camera=_word(stored, _LABEL),
        place=_word(stored, _PLACE),
        view=stored.view,
        created_utc=stored.created_utc,
        usable=neutral is not None,
        with_range=neutral is not None and (neutral.slump is not None or neutral.arch is not None),
    )
