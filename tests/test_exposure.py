"""Timeline, dose, episodes and the prompts that they call for, on readings made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, strategies as st
from readings import STATES, day, nobody, reading

from posture._support.catalogue import load
from posture.engine.classifier import PostureClassifier
from posture.engine.engine import Engine, EngineOutput, run
from posture.engine.summary import summarise
from posture.prompts.scheduler import PromptScheduler
from posture.settings import BandSettings, DoseSettings, Settings
from posture.types import CauseEased, Detection, EpisodeKind, Estimate, Posture, PostureChangeKind, PromptDue, PromptLevel, Reading

CATALOGUE = load()


class Ear:
    """A prompter that only listens."""

    def __init__(self) -> None:
        self.dues: list[PromptDue] = []
        self.easings: list[CauseEased] = []

    def due(self, sustained: PromptDue) -> None:
        self.dues.append(sustained)

    def eased(self, cause: CauseEased) -> None:
        self.easings.append(cause)

    def ended(self, kind: EpisodeKind, time_s: float) -> None:
        return None

    def tick(self, time_s: float, moving: bool = True) -> list[object]:
        return []


def walk(readings: list[Reading], end_s: float, settings: Settings | None = None) -> tuple[EngineOutput, list[PromptDue]]:
    """What comes of readings, and which steps fell due."""
    ear = Ear()
    out = run(readings, Engine(settings or Settings(), ear), end_s)
    return out, ear.dues


MINIATURE = "neutral:6,flexed:13,neutral:0.1,flexed:9,away:4,slump:14,away:2,hinge:6,away:2,tilt:18,neutral:3,flexed:0.3,neutral:2"


@pytest.mark.parametrize("rate_hz", [0.5, 1.0, 5.0])
def test_a_day_in_miniature_prompts_when_it_should(rate_hz: float) -> None:
    """Flexion at 16 min, its firm step at 26.5, the slump at 42.1, the tilt at 71.1, and nothing else, at any rate of readings."""
    readings, end = day(MINIATURE, rate_hz)
    desk = PromptScheduler(CATALOGUE, Settings().prompts)
    out = run(readings, Engine(Settings(), desk), end)
    shown = [(p.kind, p.step, p.time_s / 60.0) for p in out.shown]
    assert [(k, s) for k, s, _ in shown] == [
        (EpisodeKind.FLEXED, PromptLevel.SOFT),
        (EpisodeKind.FLEXED, PromptLevel.FIRM),
        (EpisodeKind.FLEXED, PromptLevel.SOFT),
        (EpisodeKind.ANTERIOR_TILT, PromptLevel.SOFT),
    ]
    for (_, _, got), want in zip(shown, (16.0, 26.54, 42.1, 71.1), strict=True):
        assert got == pytest.approx(want, abs=0.1)


def test_sitting_up_for_a_moment_does_not_reset_the_dose() -> None:
    """Six seconds upright take three per cent off the dose, no more."""
    readings, end = day("flexed:9,neutral:0.1,flexed:2", 5.0)
    _, dues = walk(readings, end)
    dose_after = 9 * 60 * 2 ** (-6 / 120)
    assert [d.step for d in dues] == [PromptLevel.SOFT]
    assert dues[0].time_s == pytest.approx(9.1 * 60 + 600 - dose_after, abs=0.3)


def test_being_away_for_a_minute_starts_anew_and_ends_the_episode_when_the_person_left() -> None:
    """After 1 min away both the dose and the sitting start at zero, and their episodes end at the moment of leaving."""
    readings, end = day("flexed:9,away:1.5,flexed:9")
    out, dues = walk(readings, end)
    assert dues == []
    assert [(e.kind, e.start_s, e.end_s) for e in sorted(out.episodes, key=lambda e: (e.kind, e.start_s))] == [
        (EpisodeKind.FLEXED, 0.0, 540.0),
        (EpisodeKind.FLEXED, 630.0, 1170.0),
        (EpisodeKind.SITTING, 0.0, 540.0),
        (EpisodeKind.SITTING, 630.0, 1170.0),
    ]
    assert [(m.kind, m.time_s) for m in out.moves] == [(PostureChangeKind.BREAK, 540.0)]


def test_less_than_a_minute_away_is_no_break() -> None:
    """Half a minute away freezes the dose, and the sitting goes on."""
    readings, end = day("flexed:8,away:0.5,flexed:3")
    out, dues = walk(readings, end)
    assert dues[0].time_s == pytest.approx((8.5 + 2) * 60, abs=1.1)
    assert not [m for m in out.moves if m.kind is PostureChangeKind.BREAK]
    assert len([e for e in out.episodes if e.kind is EpisodeKind.SITTING]) == 1


def test_standing_is_a_break() -> None:
    """Standing for a minute clears the dose like being away."""
    readings, end = day("flexed:9,standing:1.2,flexed:9")
    out, dues = walk(readings, end)
    assert dues == []
    assert [m.kind for m in out.moves if m.kind is PostureChangeKind.BREAK] == [PostureChangeKind.BREAK]


def test_the_unknown_freezes_the_dose() -> None:
    """Minutes in which nothing can be measured neither charge nor recover."""
    readings, end = day("flexed:9,unmeasured:5,flexed:2")
    _, dues = walk(readings, end)
    assert dues[0].time_s == pytest.approx(15 * 60, abs=1.1)


def test_half_an_hour_of_sitting_is_due_whatever_the_posture() -> None:
    """Sitting calls for its prompt at 30 min, counted over an unclear stretch between seated readings."""
    readings, end = day("neutral:14,unclear:2,neutral:20")
    _, dues = walk(readings, end)
    assert [d.time_s for d in dues if d.kind is EpisodeKind.SITTING] == [pytest.approx(1800.0)]


def test_an_unknown_end_is_not_sitting() -> None:
    """Unknown time that no seated reading follows is not added to the sit."""
    readings, end = day("neutral:5,unmeasured:10")
    out, _ = walk(readings, end)
    assert out.episodes[0].dose_s == pytest.approx(300.0, abs=1.1)


def test_a_gap_is_unknown_after_the_reading_has_stood_for_its_time() -> None:
    """A reading stands for 12 s at most; a gap of minutes breaks the sitting."""
    out, _ = walk([reading(0.0), reading(10.0), reading(400.0)], 410.0)
    assert [(s.start_s, s.end_s, s.posture, s.reason) for s in out.spans] == [
        (0.0, 22.0, Posture.NEUTRAL, None),
        (22.0, 400.0, Posture.UNKNOWN, "gap"),
        (400.0, 410.0, Posture.NEUTRAL, None),
    ]
    assert len([e for e in out.episodes if e.kind is EpisodeKind.SITTING]) == 2


def test_nobody_for_a_moment_is_not_away() -> None:
    """Three seconds out of the picture are unknown; six are away from their first second on."""
    readings = [reading(0.0), nobody(1.0), nobody(3.0), reading(4.0), nobody(10.0), nobody(13.0), reading(16.0)]
    out, _ = walk(readings, 17.0)
    assert [(s.start_s, s.end_s, s.posture) for s in out.spans] == [
        (0.0, 1.0, Posture.NEUTRAL),
        (1.0, 4.0, Posture.UNKNOWN),
        (4.0, 10.0, Posture.NEUTRAL),
        (10.0, 16.0, Posture.AWAY),
        (16.0, 17.0, Posture.NEUTRAL),
    ]


def test_a_short_recording_of_an_empty_room_is_away() -> None:
    """Where nobody ever was, even two seconds are away and not unknown."""
    out, _ = walk([nobody(0.0), nobody(1.0)], 2.0)
    assert [s.posture for s in out.spans] == [Posture.AWAY]


def test_a_pause_is_unknown_and_ends_what_was_counted() -> None:
    """An interruption of more than a minute starts the dose anew and is a span of its own."""
    ear = Ear()
    walker = Engine(Settings(), ear)
    total = EngineOutput()
    for r in day("flexed:9")[0]:
        total.extend(walker.process(r))
    total.extend(walker.interrupt(540.0, "paused"))
    for r in day("flexed:9")[0]:
        total.extend(walker.process(STATES["flexed"](r.time_s + 700.0)))
    total.extend(walker.finish(1240.0))
    assert ear.dues == []
    assert ("paused", 540.0, 700.0) in [(s.reason, s.start_s, s.end_s) for s in total.spans]
    assert not [m for m in total.moves if m.kind is PostureChangeKind.BREAK]
    assert summarise(total.spans, total.moves, total.episodes).total_s == pytest.approx(1080.0)


def test_one_missed_frame_does_not_end_the_state() -> None:
    """A single frame in which nobody is found does not forget the state: a lean held at 20.5 after 23 degrees stays flexed."""
    readings = [reading(float(i), 23.0 if i < 10 else 20.5, neutral=10.0) for i in range(100)]
    readings[50] = nobody(50.0)
    out, _ = walk(readings, 100.0)
    flexed = sum(s.duration_s for s in out.spans if s.posture is Posture.FLEXED)
    assert flexed == pytest.approx(99.0)


def test_a_prompt_waits_for_somebody_to_see_it() -> None:
    """What falls due at the moment the person leaves is not shown to an empty chair."""
    readings, end = day("neutral:30,flexed:19.9,away:10")
    desk = PromptScheduler(CATALOGUE, Settings().prompts)
    out = run(readings, Engine(Settings(), desk), end)
    away_s = 49.9 * 60
    assert all(p.time_s < away_s for p in out.shown)
    for e in out.episodes:
        assert all(e.start_s <= p.time_s <= e.end_s for p in out.shown if (p.kind, p.episode_start_s) == (e.kind, e.start_s))


def test_moments_away_are_not_sitting() -> None:
    """Coming and going: away for 58 s and there for 2, over and over, is a break and no sitting."""
    plan = ",".join(["neutral:0.0333,away:0.9667"] * 40)
    readings, end = day(plan, 1.0)
    out, dues = walk(readings, end)
    assert dues == []
    assert max((e.dose_s for e in out.episodes if e.kind is EpisodeKind.SITTING), default=0.0) < 200.0


def test_standing_for_less_than_a_minute_recovers_like_sitting_upright() -> None:
    """55 s of standing take as much off the dose as 55 s of upright sitting."""
    due = [walk(*day(f"flexed:9.8,{state}:0.9,flexed:6"))[1][0].time_s for state in ("standing", "neutral")]
    assert due[0] == pytest.approx(due[1], abs=1.0)


def test_standing_is_no_anterior_tilt() -> None:
    """A standing anterior tilt is normal and is not called one."""
    judge = PostureClassifier(BandSettings())
    assert judge.classify(reading(0.0, 0.0, pelvis=16.0, spine=-15.0, seated=False)).posture is Posture.NEUTRAL


def test_an_episode_names_the_angle_that_made_it() -> None:
    """A slump that is kept is told by the spine, with or without a trunk angle."""
    for trunk in (5.0, None):
        readings = [reading(float(i), trunk, spine=28.0 if i < 2 else 25.5) for i in range(60)]
        episode = next(e for e in walk(readings, 60.0)[0].episodes if e.kind is EpisodeKind.FLEXED)
        assert episode.angle == "spinal_flexion"
        assert episode.peak_deg == 28.0
        assert episode.mean_deg == pytest.approx(25.6, abs=0.1)


def test_episodes_end_with_the_person_not_with_the_recording() -> None:
    """Unclear or away at the end: the episode ends when the person was last seen."""
    for tail in ("unclear:60", "away:0.6"):
        readings, end = day(f"flexed:10,{tail}")
        out, _ = walk(readings, end)
        assert [e.end_s for e in out.episodes] == [pytest.approx(600.0, abs=1.0)] * 2


class TestShifts:
    """Held changes of posture."""

    def shifts(self, trunks: list[float], sd: float = 1.0) -> list[float]:
        """When shifts are found in trunk angles of one second each."""
        out, _ = walk([replace(reading(float(i)), trunk_flexion=Estimate(x, sd, "t")) for i, x in enumerate(trunks)], float(len(trunks)))
        return [m.time_s for m in out.moves if m.kind is PostureChangeKind.SHIFT]

    def test_a_lean_that_takes_its_time_is_one_shift(self) -> None:
        """From 0 to 40 degrees in 40 s, then held: one."""
        assert len(self.shifts([0.0] * 30 + [float(i) for i in range(40)] + [40.0] * 30)) == 1

    def test_noise_within_its_sd_is_none(self) -> None:
        """A wave of 8 degrees of an angle that is only known to 7 is no movement."""
        assert self.shifts([8.0 * float(np.sin(i / 7.0)) for i in range(900)], sd=7.0) == []

    def test_to_and_fro_are_two(self) -> None:
        """Forward for half a minute and back again."""
        assert len(self.shifts([0.0] * 30 + [12.0] * 30 + [0.0] * 30)) == 2


class TestBands:
    """Which reading is which posture."""

    def judge(self, *readings: Reading) -> list[Posture]:
        """Postures of readings in a row."""
        judge = PostureClassifier(BandSettings())
        return [judge.classify(r).posture for r in readings]

    def test_a_state_is_entered_at_eight_tenths_and_kept_down_to_a_half(self) -> None:
        """With an sd of 2 and a threshold of 20: neutral below 18.3, flexed from 21.7 on, each kept to 20, unknown else."""
        got = self.judge(*(reading(i, x, neutral=10.0) for i, x in enumerate((18.2, 19.9, 20.1, 21.6, 21.7, 20.1, 19.9, 18.4, 18.2))))
        n, f, u = Posture.NEUTRAL, Posture.FLEXED, Posture.UNKNOWN
        assert got == [n, n, u, u, f, f, u, u, n]

    def test_the_less_sure_the_later(self) -> None:
        """With an sd of 8 a lean of 24 degrees is not told, one of 27 is; and the neutral's own sd counts too."""
        judge = PostureClassifier(BandSettings())
        unsure = [replace(reading(i, None), trunk_flexion=Estimate(x, 8.0, "t")) for i, x in enumerate((24.0, 27.0))]
        assert [judge.classify(replace(r, trunk_neutral_deg=6.0)).posture for r in unsure] == [Posture.UNKNOWN, Posture.FLEXED]
        near = replace(reading(2, 21.9, neutral=10.0), trunk_neutral_sd_deg=6.0)
        assert PostureClassifier(BandSettings()).classify(near).reason == "unsure"

    def test_a_lean_beyond_a_reclined_neutral_is_flexed(self) -> None:
        """15 degrees beyond a neutral of -10 is flexed at 5, as far as the sd lets one say so."""
        assert self.judge(reading(0, 3.3, neutral=-10.0), reading(1, 6.7, neutral=-10.0)) == [Posture.NEUTRAL, Posture.FLEXED]

    def test_a_slump_is_flexed_though_the_line_hardly_moves(self) -> None:
        """25 degrees of spinal flexion are flexed."""
        assert self.judge(STATES["slump"](0.0)) == [Posture.FLEXED]

    def test_a_straight_backed_hinge_is_no_anterior_tilt(self) -> None:
        """A pelvis that only follows the trunk is not an anterior tilt; one that takes the arch along is."""
        assert self.judge(STATES["hinge"](0.0), STATES["tilt"](1.0)) == [Posture.NEUTRAL, Posture.ANTERIOR_TILT]

    def test_an_unsure_pelvis_says_nothing(self) -> None:
        """With an sd over 5 degrees no anterior tilt is said, and what looks like one is not neutral either."""
        assert self.judge(reading(0, 0.0, pelvis=20.0, pelvis_sd=5.1, spine=-15.0)) == [Posture.UNKNOWN]

    def test_no_trunk_is_unknown(self) -> None:
        """Without a trunk angle nothing is said, unless the spine alone is flexed."""
        assert self.judge(reading(0, None, spine=None), reading(1, None, spine=27.0)) == [Posture.UNKNOWN, Posture.FLEXED]


STEP = st.tuples(st.sampled_from(sorted(STATES)), st.floats(0.05, 200.0), st.sampled_from([0.2, 1.0, 4.0]))


def sequence(steps: list[tuple[str, float, float]]) -> tuple[list[Reading], float]:
    """Readings of a random session, and its end."""
    out: list[Reading] = []
    t = 0.0
    for state, length, every in steps:
        n = max(1, int(length / max(every, length / 40)))
        out += [STATES[state](t + i * length / n) for i in range(n)]
        t += length
    return out, t


@given(st.lists(STEP, min_size=1, max_size=12))
def test_spans_tile_the_session(steps: list[tuple[str, float, float]]) -> None:
    """Spans follow each other without gap or overlap from start to end, and the summary's seconds add up to it."""
    readings, end = sequence(steps)
    out, _ = walk(readings, end)
    assert out.spans[0].start_s == 0.0
    assert out.spans[-1].end_s == end
    assert all(a.end_s == b.start_s for a, b in zip(out.spans, out.spans[1:], strict=False))
    assert all(s.end_s > s.start_s for s in out.spans)
    summary = summarise(out.spans, out.moves, out.episodes)
    assert sum(summary.seconds.values()) == pytest.approx(end)
    assert summary.total_s == pytest.approx(end)


@given(st.lists(STEP, min_size=1, max_size=12))
@example([("flexed", 59.5, 0.2), ("neutral", 0.2, 0.2), ("flexed", 0.8, 0.2), ("neutral", 5.0, 0.2)])
def test_what_is_due_follows_its_dose(steps: list[tuple[str, float, float]]) -> None:
    """A step is due only when its dose is reached, inside an episode that is listed; once, unless the dose fell below it meanwhile."""
    dose = DoseSettings(soft_s=60.0, firm_s=120.0, tilt_s=90.0, sitting_s=150.0, still_s=100.0, clear_s=20.0)
    readings, end = sequence(steps)
    out, dues = walk(readings, end, Settings(dose=dose))
    threshold = {
        (EpisodeKind.FLEXED, PromptLevel.SOFT): 60.0,
        (EpisodeKind.FLEXED, PromptLevel.FIRM): 120.0,
        (EpisodeKind.ANTERIOR_TILT, PromptLevel.SOFT): 90.0,
        (EpisodeKind.SITTING, PromptLevel.SOFT): 150.0,
        (EpisodeKind.STILLNESS, PromptLevel.SOFT): 100.0,
    }
    postures = (EpisodeKind.FLEXED, EpisodeKind.ANTERIOR_TILT)
    keys = [(d.kind, d.step, d.episode_start_s) for d in dues if d.step is PromptLevel.FIRM or d.kind not in postures]
    assert len(keys) == len(set(keys))
    for d in dues:
        assert d.dose_s >= threshold[d.kind, d.step] - 1e-6
        own = [e for e in out.episodes if e.kind is d.kind and e.start_s == d.episode_start_s]
        assert len(own) == 1
        assert own[0].dose_s >= threshold[d.kind, d.step] - 1e-6
    for e in out.episodes:
        assert 0.0 <= e.start_s <= e.end_s <= end + 1e-6


@given(st.lists(STEP, min_size=1, max_size=10))
def test_the_dose_never_exceeds_the_time_in_the_state(steps: list[tuple[str, float, float]]) -> None:
    """No episode can have a higher dose than all flexed time so far."""
    readings, end = sequence(steps)
    out, _ = walk(readings, end)
    flexed = sum(s.duration_s for s in out.spans if s.posture is Posture.FLEXED)
    assert all(e.dose_s <= flexed + 1e-6 for e in out.episodes if e.kind is EpisodeKind.FLEXED)


def test_time_must_not_run_backwards() -> None:
    """A reading before the last one is refused, not swallowed."""
    walker = Engine(Settings(), Ear())
    walker.process(reading(5.0))
    with pytest.raises(ValueError, match="backwards"):
        walker.process(reading(4.0))


def test_a_sight_that_is_unclear_is_present_but_unknown() -> None:
    """Somebody of whom it is not clear who it is counts as present, and as unknown time."""
    out, _ = walk([reading(0.0, sight=Detection.UNCLEAR)], 1.0)
    assert out.judged[0].reading.present
    assert out.spans[0].posture is Posture.UNKNOWN
