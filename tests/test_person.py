"""The person who is measured stays the same one."""

from __future__ import annotations

import numpy as np
from skeleton import Camera, pose_of, sitting

from posture.pose.person_tracker import PersonLock, main_person
from posture.types import Pose


def person(t: float, right_m: float = 0.0, distance_m: float = 2.0) -> Pose:
    """Somebody sitting `right_m` metres to the right of the picture's middle."""
    return pose_of(sitting(), Camera(distance_m=distance_m, shift_m=right_m), time_s=t)


def test_a_passer_by_is_not_taken_for_the_person() -> None:
    """With somebody behind, the one who was measured so far is chosen, whichever comes first in the list."""
    lock = PersonLock()
    me = person(0.0)
    assert lock.choose([me], 0.0) is me
    for i in range(1, 30):
        mine, other = person(i * 0.2), person(i * 0.2, right_m=1.5 - i * 0.1, distance_m=3.5)
        assert lock.choose([other, mine], i * 0.2) is mine


def test_while_only_a_stranger_is_seen_it_is_unclear_and_then_taken_over() -> None:
    """Somebody elsewhere is not measured at once; alone and still for five seconds, it is taken for the person moved, after 5 s."""
    lock = PersonLock()
    lock.choose([person(0.0)], 0.0)
    answers = [lock.choose([person(t, right_m=1.6)], t) is not None for t in np.arange(0.2, 7.0, 0.2)]
    assert not any(answers[:24])
    assert answers[-1]


def test_leaning_fast_is_still_the_same_person() -> None:
    """A reach of 30 cm within a fifth of a second is no jump to somebody else."""
    lock = PersonLock()
    lock.choose([person(0.0)], 0.0)
    assert lock.is_same(person(0.2, right_m=0.3))


def test_the_main_person_is_large_and_central() -> None:
    """Among several, the recording is about the large one in the middle."""
    near, far = person(0.0, distance_m=1.5), person(0.0, right_m=1.2, distance_m=3.5)
    assert main_person([far, near]) is near


def test_somebody_who_was_seen_beside_the_person_is_somebody_else() -> None:
    """A bystander known from before is not taken over when the person is hidden for some seconds."""
    lock = PersonLock()
    for i in range(10):
        lock.choose([person(0.2 * i), person(0.2 * i, right_m=1.2)], 0.2 * i)
    hidden = [lock.choose([person(t, right_m=1.2)], t) for t in np.arange(2.0, 9.0, 0.2)]
    assert hidden == [None] * len(hidden)
    back = person(9.2)
    assert lock.choose([back, person(9.2, right_m=1.2)], 9.2) is back


def test_a_bystander_who_comes_near_is_still_the_bystander() -> None:
    """The other one steps up to half a metre beside the person, who is hidden at that moment: nobody is measured."""
    lock = PersonLock()
    for i in range(5):
        lock.choose([person(0.2 * i), person(0.2 * i, right_m=0.9)], 0.2 * i)
    for i, right in enumerate((0.8, 0.7, 0.6, 0.5, 0.5, 0.5)):
        assert lock.choose([person(1.0 + 0.2 * i, right_m=right)], 1.0 + 0.2 * i) is None
    back = person(2.4)
    assert lock.choose([back], 2.4) is back
