"""Profiles belong to a camera and a place, and the newest one is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from skeleton import Camera, pose_of, sitting

from posture.biomechanics.calibration import Neutral, RangeEnd, neutral_of
from posture.biomechanics.pose_features import pose_features_of
from posture.capture.camera_list import CameraInfo
from posture.errors import StoreError
from posture.monitor.camera_choice import camera_of, keep_camera
from posture.settings import Settings, WatchSettings
from posture.storage import profiles
from posture.storage.profiles import CameraIdentity
from posture.storage.schema import MEMORY
from posture.storage.store import Store
from posture.types import View

WEBCAM = CameraInfo(0, "HD Webcam", "/dev/v4l/by-id/usb-cam", "/dev/video0")
NEUTRAL = neutral_of([pose_features_of(pose_of(sitting(), Camera(yaw_deg=88.0)))])
DESK, OTHER = CameraIdentity("path:/dev/a", "HD Webcam"), CameraIdentity("path:/dev/b", "Other")


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty one, whose clock goes on by a minute with every look at it."""
    time = iter(range(0, 100000, 60))
    with Store.open(MEMORY, clock=lambda: float(next(time))) as opened:
        yield opened


def source(found: tuple[str, Neutral] | None) -> str | None:
    """The name of what was chosen, which is also the neutral's source."""
    if found is None:
        return None
    assert found[1].source == f"profile {found[0]}"
    return found[0]


def test_a_camera_is_known_by_what_stays() -> None:
    """Its path, else its name; a number only where the system tells nothing."""
    assert profiles.camera_of("0", WEBCAM) == CameraIdentity("path:/dev/v4l/by-id/usb-cam", "HD Webcam")
    assert profiles.camera_of("1", replace(WEBCAM, index=1)) == profiles.camera_of("0", WEBCAM)
    assert profiles.camera_of("0", CameraInfo(0, "Old cam")).key == "name:Old cam"
    assert profiles.camera_of(" 2 ", None) == CameraIdentity("address:2", "camera 2")


def test_a_stream_is_known_without_its_password() -> None:
    """Neither user, password nor a token of the query is kept."""
    eyed = profiles.camera_of("rtsp://me:secret@10.0.0.7:554/live?token=abc", None)
    assert eyed == CameraIdentity("stream:rtsp://10.0.0.7:554/live", "rtsp://10.0.0.7:554/live")


def test_the_newest_of_this_camera_is_used(store: Store) -> None:
    """Not that of another camera, nor one that was taken from a recording."""
    assert profiles.choose(store, DESK) is None
    profiles.save(store, "old", NEUTRAL, DESK, View.SIDE)
    profiles.save(store, "new", NEUTRAL, DESK, View.SIDE, "home")
    profiles.save(store, "else", NEUTRAL, OTHER, View.FRONT)
    store.save_profile("recording", NEUTRAL.as_dict())
    assert source(profiles.choose(store, DESK)) == "new"
    assert source(profiles.choose(store, DESK, "recording")) == "recording"
    assert profiles.choose(store, CameraIdentity("path:/dev/c", "x")) is None


def test_what_is_read_is_what_was_saved(store: Store) -> None:
    """With the person's range."""
    whole = replace(NEUTRAL, slump=RangeEnd(40.0, 4.0, -10.0, 3.0), arch=RangeEnd(-15.0, 3.0, 12.0, 3.0))
    profiles.save(store, "desk", whole, DESK, View.SIDE)
    found = profiles.choose(store, DESK)
    assert found is not None
    assert found[1] == replace(whole, source="profile desk")


def test_a_profile_that_cannot_be_read_is_passed_over_and_named_when_asked_for(store: Store) -> None:
    """One of another version does not keep the monitor from starting."""
    profiles.save(store, "good", NEUTRAL, DESK, View.SIDE)
    store.save_profile("bad", {"camera": DESK.key, "cue": "?"})
    assert source(profiles.choose(store, DESK)) == "good"
    with pytest.raises(StoreError, match="posture calibrate --name bad"):
        profiles.choose(store, DESK, "bad")
    assert [(p.name, p.usable) for p in profiles.listed(store)] == [("bad", False), ("good", True)]


def test_a_calibration_of_the_same_camera_and_place_takes_the_place_of_the_last(store: Store) -> None:
    """Another place, or another camera, gets a name of its own."""
    assert profiles.name_for(store, DESK) == "HD Webcam"
    profiles.save(store, "mine", NEUTRAL, DESK, View.SIDE)
    profiles.save(store, "HD Webcam", NEUTRAL, OTHER, View.SIDE)
    assert profiles.name_for(store, DESK) == "mine"
    assert profiles.name_for(store, DESK, "home") == "home"
    assert profiles.name_for(store, CameraIdentity("path:/dev/c", "HD Webcam")) == "HD Webcam 2"


def test_the_list_says_what_they_are(store: Store) -> None:
    """The newest first, with camera, place, view, and whether the range is in it."""
    profiles.save(store, "a", NEUTRAL, DESK, View.SIDE, "home")
    profiles.save(store, "b", replace(NEUTRAL, slump=RangeEnd(40.0, 4.0)), OTHER, View.FRONT)
    b, a = profiles.listed(store)
    assert (a.name, a.camera, a.place, a.view, a.with_range) == ("a", "HD Webcam", "home", View.SIDE, False)
    assert (b.name, b.with_range) == ("b", True)


def test_the_camera_of_last_time_is_meant_when_none_is_named(store: Store) -> None:
    """By what it is; one that is named, or set, goes before; a stream is not kept."""
    assert camera_of(None, Settings(), store) == ("0", None)
    keep_camera(store, "http://me:secret@host/x", None)
    assert camera_of(None, Settings(), store) == ("0", None)
    keep_camera(store, "0", WEBCAM)
    assert camera_of(None, Settings(), store) == ("0", WEBCAM)
    assert camera_of("http://host/x", Settings(), store) == ("http://host/x", None)
    named = Settings(watch=WatchSettings(camera="http://host/y"))
    assert camera_of(None, named, store) == ("http://host/y", None)


def test_an_older_one_can_be_preferred_and_keeps_its_date(store: Store) -> None:
    """As if it were the newest, also after another one was; what is listed says when each was made."""
    for name in ("first", "second", "third"):
        profiles.save(store, name, NEUTRAL, DESK, View.SIDE)
    made = {one.name: one.created_utc for one in profiles.listed(store)}
    for name in ("first", "second", "first"):
        profiles.prefer(store, name)
        assert source(profiles.choose(store, DESK)) == name
    assert {one.name: one.created_utc for one in profiles.listed(store)} == made
    assert profiles.listed(store)[0].view is View.SIDE
