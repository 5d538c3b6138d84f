"""Calibration profiles: a neutral for each camera and place.

The database keeps name, view, time and data of a profile; camera and place are keys beside the neutral's inside the data; so is when it
was made, once one is preferred to newer ones. One from a recording belongs to no camera.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from posture._support import bare_address
from posture.biomechanics import Neutral
from posture.capture import CameraInfo, is_stream
from posture.errors import StoreError
from posture.storage.records import StoredProfile
from posture.storage.store import Store
from posture.types import View

_CAMERA, _LABEL, _PLACE, _MADE = "camera", "camera_name", "place", "made_utc"


@dataclass(frozen=True, slots=True)
class CameraIdentity:
    """Which camera a profile is for."""

    key: str
    """Identifies it; holds no password."""
    label: str
    """Its name for the user."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile in the list of all."""

    name: str
    camera: str | None
    """Name of the camera; ``None`` for a profile from a recording."""
    place: str | None
    view: View | None
    created_utc: float
    """When it was made, seconds since the epoch."""
    usable: bool
    """Whether this version of the program can read its neutral."""
    with_range: bool
    """Whether the person's own slump or arch is in it."""


def camera_of(address: str, known: CameraInfo | None) -> CameraIdentity:
    """Return the identity of the camera at `address`.

    Args:
        address: As the user gave it.
        known: What it turned out to be, ``Camera.known``; ``None`` for a stream, or where the system doesn't say.
    """
    if is_stream(address):
        shown = bare_address(address)
        return CameraIdentity(f"stream:{shown}", shown)
    if known is None:
        return CameraIdentity(f"address:{address.strip()}", f"camera {address.strip()}")
    return CameraIdentity(f"path:{known.path}" if known.path else f"name:{known.name}", known.name)


def save(store: Store, name: str, neutral: Neutral, camera: CameraIdentity, view: View | None, place: str | None = None) -> None:
    """Store a neutral under `name`, in place of an earlier one of that name: **writes**.

    Raises:
        StoreError: The name cannot be read and typed, or the store cannot be written.
    """
    data = {**neutral.as_dict(), _CAMERA: camera.key, _LABEL: camera.label}
    if place:
        data[_PLACE] = place
    store.save_profile(name, data, view)


def prefer(store: Store, name: str) -> None:
    """Have the camera of a profile measured with it from the next start of the monitor on, as if it were the newest: **writes**.

    Raises:
        StoreError: There is none of that name, or the store cannot be written.
    """
    stored = store.load_profile(name)
    store.save_profile(name, {_MADE: stored.created_utc, **stored.data}, stored.view)


def listed(store: Store) -> list[Profile]:
    """Return all profiles, the newest, or last preferred, first."""
    return [_profile(stored) for stored in _newest_first(store)]


def choose(store: Store, camera: CameraIdentity, name: str | None = None) -> tuple[str, Neutral] | None:
    """Return the profile to measure with: the named one, else the newest of this camera that can be read; ``None`` if it has none.

    Raises:
        StoreError: There is none of that name, or it cannot be read.
    """
    if name is not None:
        return name, named(store, name, f"posture calibrate --name {name}")
    own = ((p.name, _neutral(p)) for p in _newest_first(store) if p.data.get(_CAMERA) == camera.key)
    return next(((name, neutral) for name, neutral in own if neutral is not None), None)


def named(store: Store, name: str, anew: str) -> Neutral:
    """Return the neutral of that name; `anew`: the command that makes it.

    Raises:
        StoreError: There is none, or it cannot be read.
    """
    neutral = _neutral(store.load_profile(name))
    if neutral is None:
        raise StoreError(f"the profile {name!r} is from another version of the program and cannot be read; make it anew: {anew}")
    return neutral


def name_for(store: Store, camera: CameraIdentity, place: str | None = None) -> str:
    """Return a name for a new calibration: the one that this camera and place have already, else one that is free."""
    stored = _newest_first(store)
    for profile in stored:
        if profile.data.get(_CAMERA) == camera.key and profile.data.get(_PLACE) == place:
            return profile.name
    taken = {p.name for p in stored}
    stem = "".join(c for c in (place or camera.label.rpartition("://")[2].partition("/")[0]) if c.isprintable()).strip() or "desk"
    return next(name for name in (stem, *(f"{stem} {n}" for n in range(2, len(taken) + 3))) if name not in taken)


def _newest_first(store: Store) -> list[StoredProfile]:
    return sorted(store.list_profiles(), key=lambda p: -p.created_utc)


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
        created_utc=float(made) if isinstance(made := stored.data.get(_MADE), int | float) else stored.created_utc,
        usable=neutral is not None,
        with_range=neutral is not None and (neutral.slump is not None or neutral.arch is not None),
    )
