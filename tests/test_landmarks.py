"""The pose finder on real pictures: one person, kept; nothing remembered across a cut; closed by its owner."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import people
import pytest
from conftest import SAMPLES

from posture.errors import ModelError
from posture.pose.finder import SEARCH_EVERY_S, PoseFinder
from posture.pose.landmarker import Landmarker
from posture.pose.person_tracker import place_of, px_per_m
from posture.types import Detection, Frame, Pose


def test_a_pose_has_landmarks_in_picture_and_world_and_a_mask(model_file: Path) -> None:
    """33 landmarks in pixels and in metres, visibility, presence, and a mask of the picture's size that shows the person."""
    frame = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=0.1)[0]
    with PoseFinder(model_file) as finder:
        seen = finder.find(frame)
    assert seen.sight is Detection.PERSON
    pose = seen.pose
    assert pose is not None
    assert pose.image_xyz.shape == pose.world_xyz.shape == (33, 3)
    assert pose.mask is not None
    assert pose.mask.shape == frame.image.shape[:2]
    shoulder = pose.image_xyz[11, :2].astype(int)
    assert pose.mask[shoulder[1], shoulder[0]] > 127
    assert 0.0 < pose.image_xyz[11, 0] < pose.width


def test_times_that_do_not_rise_are_survived(model_file: Path) -> None:
    """MediaPipe needs rising milliseconds; two frames within one, or of the same time, are measured all the same."""
    frame = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=0.1)[0]
    with PoseFinder(model_file) as finder:
        for t in (0.0, 0.0001, 0.0002, 0.0002):
            assert finder.find(Frame(t, frame.image)).pose is not None


def test_an_empty_room_has_nobody(model_file: Path) -> None:
    """No person, no pose."""
    with PoseFinder(model_file) as finder:
        assert finder.find(Frame(0.0, np.full((240, 320, 3), 100, np.uint8))).sight is Detection.NOBODY


def test_a_finder_cannot_be_used_after_close_or_by_another_thread(model_file: Path) -> None:
    """After close MediaPipe would give empty results; here it is an error, and so is another thread."""
    frame = Frame(0.0, np.zeros((48, 64, 3), np.uint8))
    finder = PoseFinder(model_file)
    errors: list[BaseException] = []

    def elsewhere() -> None:
        try:
            finder.find(frame)
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert errors
    finder.close()
    with pytest.raises(RuntimeError, match="before it is closed"):
        finder.find(frame)


def test_what_is_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    """A file that MediaPipe cannot load gives a ModelError that says what to do."""
    fake = tmp_path / "fake.task"
    fake.write_bytes(b"no model")
    with PoseFinder(fake) as finder, pytest.raises(ModelError, match="posture model verify"):
        finder.find(Frame(0.0, np.zeros((48, 64, 3), np.uint8)))


def test_somebody_walking_by_behind_is_not_measured(model_file: Path) -> None:
    """A second person crosses the picture behind the measured one; the one measured stays where they are."""
    alone = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=9.0)
    other = people.frames_of(SAMPLES / "front_slump_male1.mp4", end_s=1.0)[0].image[:, 140:500]
    small = np.asarray(people.resized(150, 200)(other))
    head = []
    with PoseFinder(model_file) as finder:
        for i, f in enumerate(alone):
            image = f.image.copy()
            if 10 <= i < 50:
                x = 2 + (i - 10) * 4
                image[20:220, x : x + 150] = small
            seen = finder.find(Frame(f.time_s, image))
            if seen.pose is not None:
                head.append(seen.pose.image_xyz[0, :2])
    clean = []
    with PoseFinder(model_file) as finder:
        clean = [o.pose.image_xyz[0, :2] for f in alone if (o := finder.find(f)).pose is not None]
    assert len(head) >= 0.9 * len(alone)
    spread = np.ptp(np.array(clean), axis=0) + 60.0
    assert (np.abs(np.array(head) - np.median(clean, axis=0)) <= spread).all()


def test_a_hard_cut_is_told(model_file: Path) -> None:
    """Between two scenes nothing may be carried over, and the observation says so; ordinary movement is no cut."""
    one = people.frames_of(SAMPLES / "side_mixed_male1.mp4", end_s=6.0)
    two = people.frames_of(SAMPLES / "front_mixed_female1.mp4", end_s=1.0)
    frames = [f.image for f in one] + [f.image for f in two]
    with PoseFinder(model_file) as finder:
        cuts = [finder.find(Frame(0.2 * i, image)).cut for i, image in enumerate(frames)]
    assert [i for i, c in enumerate(cuts) if c] == [len(one)]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Times of the frames in which everybody was looked for."""
    times: list[float] = []
    detect = Landmarker.detect

    def counted(self: Landmarker, frame: Frame) -> list[Pose]:
        if not self._follow:
            times.append(frame.time_s)
        return detect(self, frame)

    monkeypatch.setattr(Landmarker, "detect", counted)
    return times


def test_one_person_is_followed_and_others_are_looked_for_every_ten_seconds(model_file: Path, searches: list[float]) -> None:
    """A finder that is asked to search more often does; at first, and after a renewal, everybody is looked for."""
    image = people.frames_of(SAMPLES / "side_day_male1.mp4", end_s=0.1)[0].image
    frames = [Frame(0.5 * i, people.noisy(image, i)) for i in range(50)]
    for every_s, count in ((SEARCH_EVERY_S, len(frames)), (1.0, 12)):
        searches.clear()
        with PoseFinder(model_file, search_every_s=every_s) as finder:
            seen = [finder.find(f) for f in frames[:count]]
            assert {(o.sight, o.people) for o in seen} == {(Detection.PERSON, 1)}
            assert np.diff(searches) == pytest.approx(every_s, abs=0.1)
            finder.renew()
            searched = len(searches)
            finder.find(frames[0])
            assert len(searches) == searched + 1


def test_with_two_people_the_whole_picture_is_searched_every_time(model_file: Path, searches: list[float]) -> None:
    """The follower knows one person only; as soon as the other has left, it alone is asked again."""
    mine = people.frames_of(SAMPLES / "side_day_male1.mp4", end_s=0.1)[0].image
    other = people.frames_of(SAMPLES / "front_day_female1.mp4", end_s=0.1)[0].image
    both, alone = people.beside(mine, other), people.beside(mine, np.full_like(other, 120))
    with PoseFinder(model_file) as finder:
        seen = [finder.find(Frame(0.2 * i, people.noisy(both, i))) for i in range(20)]
        assert len(set(searches)) == 20
        assert {o.people for o in seen} == {2}
        heads = [o.pose.image_xyz[0, 0] for o in seen if o.pose is not None]
        assert len(heads) == 20
        assert max(heads) < 640
        searches.clear()
        for i in range(20):
            finder.find(Frame(4.0 + 0.2 * i, people.noisy(alone, i)))
        assert len(set(searches)) <= 2


def test_who_is_too_small_is_no_person(model_file: Path) -> None:
    """A face on a poster: by pixels per metre of the body."""
    frame = people.frames_of(SAMPLES / "side_day_male1.mp4", end_s=0.1)[0]
    with PoseFinder(model_file) as finder:
        pose = finder.find(frame).pose
        assert pose is not None
        finder.renew()
        assert finder.find(frame, least_px_per_m=1.2 * px_per_m(pose)).sight is Detection.NOBODY
        finder.renew()
        assert finder.find(frame, least_px_per_m=0.8 * px_per_m(pose)).sight is Detection.PERSON


def test_a_picture_of_another_size_shows_the_same_person_in_the_same_place(model_file: Path) -> None:
    """Half-way the pictures become smaller, then larger: nobody is lost, and nothing seems to have moved."""
    image = people.frames_of(SAMPLES / "side_day_male1.mp4", end_s=0.1)[0].image
    pictures = [people.resized(*size)(image) for size in ((640, 480), (320, 240), (1280, 960)) for _ in range(5)]
    with PoseFinder(model_file) as finder:
        seen = [finder.find(Frame(0.2 * i, people.noisy(picture, i))) for i, picture in enumerate(pictures)]
    assert {o.sight for o in seen} == {Detection.PERSON}
    assert not any(o.cut for o in seen)
    places = [place_of(o.pose) for o in seen if o.pose is not None]
    assert max(p.distance_m(places[0]) for p in places) < 0.1
    assert max(p.scale_ratio(places[0]) for p in places) < 1.15
