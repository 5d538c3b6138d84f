"""Which pictures are worth a look: at once when the person moves, hardly ever while nothing does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from posture.biomechanics.pose_features import pose_features_of
from posture.biomechanics.sample import PoseSample
from posture.engine.sampling import (
    LIVE,
    LIVE_RATE_HZ,
    RECORDED,
    UNCLEAR_S,
    AdaptiveSampler,
    Decision,
    PictureChange,
    around,
    everywhere,
    small,
)
from posture.settings import BandSettings
from posture.types import Detection, Pose

Image = NDArray[np.uint8]
HEIGHT, WIDTH = 480, 640
RNG = np.random.default_rng(3)
EVERY_S = 1.0 / LIVE_RATE_HZ
LATE_S = EVERY_S + 0.01


def _texture(sd: float, blur: float) -> NDArray[np.float32]:
    """Something uneven of that contrast."""
    rough = cv2.GaussianBlur(RNG.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), blur)
    return np.asarray(rough * (sd / rough.std()), np.float32)


ROOM, CLOTH = 150.0 + _texture(12.0, 15.0), 90.0 + _texture(15.0, 6.0)
NOISE = [(4.0 * RNG.standard_normal((HEIGHT, WIDTH, 3), np.float32)).astype(np.int16) for _ in range(5)]
X, Y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))


@lru_cache(maxsize=200)
def scene(down: float, person: bool, spot: tuple[int, int, int] | None) -> NDArray[np.float32]:
    """Grey values without noise."""
    head = np.hypot((X - 320) / 55, (Y - 130 - down) / 75) < 1
    trunk = np.hypot((X - 320) / 150, (Y - 420 - down) / 200) < 1
    grey = np.where(head, 190.0, np.where(trunk, np.roll(CLOTH, round(down), axis=0), ROOM)) if person else ROOM.copy()
    if spot is not None:
        left, top, size = spot
        grey[top : top + size, left : left + size] = 250.0
    return np.asarray(cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.2))


def picture(down: float = 0.0, number: int = 0, light: float = 1.0, person: bool = True, spot: tuple[int, int, int] | None = None) -> Image:
    """A room with a person's head and trunk `down` pixels lower than usual, a sensor's noise, and a bright spot (x, y, size)."""
    grey = (scene(round(4.0 * down) / 4.0, person, spot) * light).astype(np.int16)
    return np.clip(grey[..., None] + NOISE[number % len(NOISE)], 0, 255).astype(np.uint8)


def pose(time_s: float = 0.0, down: float = 0.0, hand: tuple[float, float] | None = None) -> Pose:
    """The landmarks of that person."""
    xyz = np.zeros((33, 3), np.float32)
    xyz[:, :2] = (320.0, 130.0)
    for i, at in {11: (420, 260), 12: (220, 260), 23: (390, 470), 24: (250, 470)}.items():
        xyz[i, :2] = at
    xyz[:, 1] += down
    seen = np.zeros(33, np.float32)
    if hand is not None:
        xyz[[15, 19], :2], seen[[15, 19]] = hand, 0.9
    return Pose(time_s, xyz, xyz, seen, seen, WIDTH, HEIGHT)


@dataclass
class Watch:
    """A sampler and what it decided; of a camera, unless another plan and rate are given."""

    sight: Detection = Detection.PERSON
    hand: tuple[float, float] | None = None
    rate_hz: float = LIVE_RATE_HZ
    sampler: AdaptiveSampler = field(default_factory=lambda: AdaptiveSampler(LIVE))
    time_s: float = 0.0
    number: int = 0
    looks: list[float] = field(default_factory=list)
    carried: list[float] = field(default_factory=list)

    def run(self, seconds: float, shown: Callable[[float, int], Image], often: bool = False) -> Watch:
        """Show pictures, given the seconds since the call and a number."""
        began_s = self.time_s
        for _ in range(round(seconds * self.rate_hz)):
            grey = small(shown(self.time_s - began_s, self.number))
            decision = self.sampler.decide(self.time_s, grey, often=often)
            if decision is Decision.LOOK:
                self.looks.append(self.time_s)
                found = pose(self.time_s, hand=self.hand) if self.sight is Detection.PERSON else None
                self.sampler.looked(PoseSample(self.time_s, self.sight, None if found is None else pose_features_of(found)), found)
            elif decision is Decision.CARRY:
                self.carried.append(self.time_s)
            self.time_s += 1.0 / self.rate_hz
            self.number += 1
        return self

    def since(self, time_s: float) -> list[float]:
        """Looks from then on."""
        return [t for t in self.looks if t >= time_s]


def still(_: float, number: int) -> Image:
    """Nothing but noise."""
    return picture(number=number)


def test_a_small_picture_is_the_mean_of_its_cells() -> None:
    """80 cells along the longer side, whatever the size; a flat picture keeps its grey."""
    assert small(np.full((480, 640, 3), 77, np.uint8)) == pytest.approx(np.full((60, 80), 77.0))
    ramp = np.repeat(np.arange(640, dtype=np.float32)[None, :] / 2.6, 480, axis=0)
    image = np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8)
    assert small(image) == pytest.approx(image[..., 0].reshape(60, 8, 80, 8).mean(axis=(1, 3)))
    for height, width in ((1, 1), (90, 50), (719, 1281)):
        rows, columns = small(np.full((height, width, 3), 9, np.uint8)).shape
        assert 1 <= rows <= 90
        assert 1 <= columns <= 90


def test_looks_at_a_still_person_grow_rare_and_never_too_rare() -> None:
    """After 0.5, 1, 2, 4, 8, 8, ... seconds, and always sooner than a reading may stand."""
    watch = Watch().run(60.0, still)
    gaps = np.diff(watch.looks)
    assert list(gaps[:5]) == pytest.approx([0.5, 1.0, 2.0, 4.0, 8.0], abs=LATE_S)
    assert gaps[5:] == pytest.approx(np.full(gaps[5:].size, LIVE.longest_s), abs=LATE_S)
    assert gaps.max() < BandSettings().max_gap_s


def test_what_is_known_is_said_again_about_once_a_second() -> None:
    """Between looks at a still person, time goes on and the doses with it."""
    watch = Watch().run(60.0, still)
    assert np.diff(sorted(watch.looks + watch.carried)).max() <= LIVE.carry_s + LATE_S
    assert 40 <= len(watch.carried) <= 70


def test_a_recording_of_a_still_person_has_a_sample_for_every_picture_and_ever_fewer_looks() -> None:
    """After 0.2, 0.4, ... 3.2, 4, 4, ... seconds at 5 pictures a second; all the others carry the last look forward."""
    watch = Watch(sampler=AdaptiveSampler(RECORDED), rate_hz=5.0).run(40.0, still)
    gaps = np.diff(watch.looks)
    assert list(gaps[:7]) == pytest.approx([0.2, 0.2, 0.4, 0.8, 1.6, 3.2, 4.0], abs=0.21)
    assert gaps.max() <= RECORDED.longest_s + 0.01
    assert len(watch.looks) + len(watch.carried) == 200
    moved_s = watch.time_s
    watch.run(4.0, lambda t, n: picture(down=60.0 * t, number=n))
    assert len(watch.since(moved_s)) >= 19  # all but the first, which still shows them where they were


def test_landmarks_that_moved_bring_the_next_look_forward() -> None:
    """However little the grey picture shows of it: by more than 1.5 % of the picture's height, and not by less."""

    def looks(step_px: float) -> int:
        sampler, count = AdaptiveSampler(LIVE), 0
        for i in range(round(30.0 * LIVE_RATE_HZ)):
            if sampler.decide(i * EVERY_S, small(still(0.0, i))) is Decision.LOOK:
                found = pose(i * EVERY_S, down=step_px * count)
                sampler.looked(PoseSample(i * EVERY_S, Detection.PERSON, pose_features_of(found)), found)
                count += 1
        return count

    assert looks(0.01 * HEIGHT) <= 8
    assert looks(0.02 * HEIGHT) >= 25


def test_a_movement_is_looked_at_in_that_very_picture() -> None:
    """However long nothing moved before, and once it is over the looks grow rare again."""
    watch = Watch().run(30.0, still)
    moved_s = watch.time_s
    watch.run(20.0, lambda _, n: picture(down=16.0, number=n))
    assert watch.since(moved_s)[0] == moved_s
    assert np.diff(watch.since(moved_s))[-1] >= 4.0 - LATE_S


def test_while_somebody_moves_there_are_two_looks_a_second_and_nothing_is_held() -> None:
    """A lean in 5 s: no old reading is said again while it lasts."""
    watch = Watch().run(20.0, still)
    began_s = watch.time_s
    watch.run(5.0, lambda t, n: picture(down=24.0 * t, number=n))
    assert len(watch.since(began_s)) == pytest.approx(10, abs=2)
    assert not [t for t in watch.carried if t > began_s + 0.5]
    assert watch.sampler.moving


def test_a_slow_slump_is_followed() -> None:
    """One pixel a second: between two looks the person never sinks by more than a few pixels."""
    watch = Watch().run(20.0, still)
    began_s = watch.time_s
    watch.run(40.0, lambda t, n: picture(down=1.0 * t, number=n))
    assert np.diff(watch.since(began_s)).max() < LIVE.longest_s
    assert len(watch.since(began_s)) >= 8


def test_breathing_costs_nothing() -> None:
    """A trunk that rises and sinks by 2 pixels each way, about a centimetre for somebody near."""
    watch = Watch().run(60.0, lambda t, n: picture(down=2.0 * np.sin(2 * np.pi * t / 4.0), number=n))
    assert len(watch.looks) <= 13
    assert not watch.sampler.moving


@pytest.mark.parametrize("light", [0.8, 1.2])
def test_a_lamp_or_the_exposure_is_no_movement(light: float) -> None:
    """The whole picture a fifth darker or brighter, at once."""
    watch = Watch().run(30.0, still)
    changed_s = watch.time_s
    watch.run(3.0, lambda _, n: picture(number=n, light=light))
    assert len(watch.since(changed_s)) <= 1


def test_light_from_one_side_is_no_change_and_a_shift_is_one() -> None:
    """A gain, an offset and a slope are taken out; a person who moved is left."""
    here, there = small(picture()), small(picture(down=16.0, number=1))
    slope = np.linspace(-12.0, 12.0, here.shape[1], dtype=np.float32)
    change = PictureChange()
    assert not change.between(0.85 * here + 10.0 + slope, here, everywhere(here.shape))
    assert change.between(0.85 * there + 10.0 + slope, here, everywhere(here.shape))
    assert change.between(here[:30], here, everywhere(here.shape))


def test_a_screen_behind_the_person_costs_nothing() -> None:
    """A bright square that comes and goes away from the person."""

    def flicker(_: float, number: int) -> Image:
        return picture(number=number, spot=(20, 20, 90) if number % 2 else None)

    assert len(Watch().run(60.0, flicker).looks) <= 13


def test_drumming_fingers_cost_nothing() -> None:
    """A spot that hops about where the hand was seen; the same elsewhere on the trunk is looked at."""

    def drum(_: float, number: int) -> Image:
        return picture(number=number, spot=(270 + 25 * (number % 2), 380, 45))

    assert len(Watch(hand=(300.0, 405.0)).run(30.0, drum).looks) <= 10
    assert len(Watch().run(30.0, drum).looks) >= 50


def test_an_empty_room_is_hardly_looked_at_until_somebody_enters() -> None:
    """Nobody there: who enters, at the edge of the picture and small, is looked at at once."""
    watch = Watch(sight=Detection.NOBODY).run(40.0, lambda _, n: picture(number=n, person=False))
    assert len(watch.looks) <= 10
    entered_s = watch.time_s
    watch.run(0.5, lambda _, n: picture(number=n, person=False, spot=(600, 300, 40)))
    assert watch.since(entered_s)[0] == entered_s


def test_a_restless_corner_of_an_empty_room_is_learnt() -> None:
    """A screen that plays on: after some seconds it costs nothing, and who enters elsewhere is still looked at at once."""

    def flicker(_: float, number: int) -> Image:
        return picture(number=number, person=False, spot=(20, 20, 90) if number % 2 else None)

    watch = Watch(sight=Detection.NOBODY).run(30.0, flicker)
    quiet_s = watch.time_s
    watch.run(30.0, flicker)
    assert len(watch.since(quiet_s)) <= 5
    entered_s = watch.time_s
    watch.run(0.5, lambda _, n: picture(number=n, person=False, spot=(500, 300, 80)))
    assert watch.since(entered_s)[0] == entered_s


def test_who_is_who_is_looked_into_often() -> None:
    """While it is not clear, at least every other second."""
    assert np.diff(Watch(sight=Detection.UNCLEAR).run(20.0, still).looks).max() <= UNCLEAR_S + LATE_S


def test_a_wish_for_frequent_looks_is_kept() -> None:
    """Two a second, changed or not: while the neutral is learnt."""
    assert np.diff(Watch().run(10.0, still, often=True).looks).max() <= LIVE.shortest_s + LATE_S


def test_a_reset_looks_at_the_next_picture() -> None:
    """Whatever it shows; and so does a picture of another size."""
    watch = Watch().run(30.0, still)
    watch.sampler.reset()
    assert watch.sampler.decide(watch.time_s, small(still(0.0, 1))) is Decision.LOOK
    assert watch.sampler.decide(watch.time_s + 0.2, small(still(0.0, 2)[:, :480])) is Decision.LOOK


def test_the_region_is_the_person_and_not_the_room() -> None:
    """Head and shoulders are in it, the corners are not; with an outline, only what is near it."""
    cells = around(pose(), (60, 80)).cells
    assert cells[130 // 8, 320 // 8]
    assert cells[260 // 8, 420 // 8]
    assert not cells[2, 2]
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[60:, 200:440] = 255
    p = pose()
    near = around(Pose(0.0, p.image_xyz, p.world_xyz, p.visibility, p.presence, WIDTH, HEIGHT, mask), (60, 80)).cells
    assert near[130 // 8, 320 // 8]
    assert near.sum() < cells.sum()
    assert not near[:, : (200 - 60) // 8].any()


@settings(max_examples=12)
@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=8))
def test_whatever_happens_no_look_comes_late_and_nothing_old_is_held(story: list[tuple[int, bool]]) -> None:
    """Stretches of stillness and movement in any order: a moving picture is never held, and looks are at most 8 s apart."""
    watch, at = Watch(), 0.0
    for pictures, moves in story:
        for _ in range(pictures):
            at = (at + 30.0) % 60.0 if moves else at
            carried = len(watch.carried)
            watch.run(EVERY_S, lambda _, n, down=at: picture(down=down, number=n))  # type: ignore[misc]
            assert not (moves and len(watch.carried) > carried)
    assert not watch.looks[1:] or np.diff(watch.looks).max() <= LIVE.longest_s + LATE_S
    assert watch.time_s - watch.looks[-1] <= LIVE.longest_s + LATE_S
