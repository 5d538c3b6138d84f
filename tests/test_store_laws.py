"""Laws of the store: what goes in comes out, spans tile whatever is written in between, no second of a day counts twice."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from posture.prompts.entries import RED_FLAGS
from posture.storage.records import Origin, StoredSpan, each_second_once
from posture.storage.schema import MEMORY
from posture.storage.session_writer import SessionWriter
from posture.storage.store import Store
from posture.types import (
    Answer,
    Episode,
    EpisodeKind,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptLevel,
    PromptOutcome,
    ReportKind,
    SelfReport,
    ShownPrompt,
    Span,
    View,
)

START = 1_767_600_000.0
PRECISION_S = 1e-6  # what is left of a second behind a number of ten digits

seconds = st.floats(0, 1e6, allow_nan=False)
numbers = st.floats(allow_nan=False, allow_infinity=False)
durations = st.floats(0.001, 3600)
postures = st.sampled_from(Posture)
seats = st.none() | st.booleans()
words = st.none() | st.text(max_size=20)
spans = st.builds(lambda start, length, *rest: Span(start, start + length, *rest), seconds, durations, postures, seats, words)
episodes = st.builds(
    lambda kind, start, length, *rest: Episode(kind, start, start + length, *rest),
    st.sampled_from(EpisodeKind),
    seconds,
    durations,
    durations,
    st.sampled_from([None, "trunk_flexion", "spinal_flexion", "pelvic_tilt"]),
    st.none() | numbers,
    st.none() | numbers,
    durations,
)
prompts = st.builds(
    ShownPrompt,
    seconds,
    st.text(min_size=1, max_size=20),
    st.none() | st.sampled_from(EpisodeKind),
    st.sampled_from(PromptLevel),
    st.none() | seconds,
)
reports = st.builds(SelfReport, seconds, st.sampled_from(ReportKind), words, words, st.none() | seconds)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def shared_db() -> Iterator[Store]:
    """One database in memory for all examples of a law; each example has a session or a name of its own."""
    with Store.open(MEMORY) as store:
        yield store


def begin(store: Store, origin: Origin = Origin.FILE) -> int:
    """Begins a session and leaves no other."""
    store._db.execute("DELETE FROM sessions")
    return store.start_session(origin=origin, started_utc=START, source="clip.mp4", expected_s=1e6)


@given(st.lists(spans, max_size=6))
def test_spans_round_trip(shared_db: Store, written: list[Span]) -> None:
    """A span that was added comes back as it was, in order of time."""
    session = begin(shared_db)
    for span in written:
        shared_db.add_span(session, span)
    back = [stored.since(START) for stored in shared_db.spans_between(START - 1, START + 2e6, Origin.FILE)]
    for span, expected in zip(back, sorted(written, key=lambda span: START + span.start_s), strict=True):
        assert (span.posture, span.seated, span.reason) == (expected.posture, expected.seated, expected.reason)
        assert span.start_s == pytest.approx(expected.start_s, abs=PRECISION_S)
        assert span.end_s == pytest.approx(expected.end_s, abs=PRECISION_S)


@given(episodes)
def test_episodes_round_trip(shared_db: Store, written: Episode) -> None:
    """An episode that was added comes back with every number."""
    session = begin(shared_db)
    shared_db.add_episode(session, written)
    (back,) = shared_db.episodes_between(START - 1, START + 2e6, Origin.FILE)
    episode = back.since(START)
    assert (episode.kind, episode.dose_s, episode.angle, episode.peak_deg, episode.mean_deg, episode.in_state_s) == (
        written.kind,
        written.dose_s,
        written.angle,
        written.peak_deg,
        written.mean_deg,
        written.in_state_s,
    )
    assert (episode.start_s, episode.end_s) == pytest.approx((written.start_s, written.end_s), abs=PRECISION_S)


@given(prompts, st.lists(st.tuples(st.sampled_from(Answer), seconds), max_size=2), st.none() | st.sampled_from(PromptOutcome))
def test_prompts_round_trip(
    shared_db: Store, written: ShownPrompt, answers: list[tuple[Answer, float]], outcome: PromptOutcome | None
) -> None:
    """A prompt comes back as it was shown, with the last thing the person did with it (looking takes nothing back) and what followed."""
    session = begin(shared_db)
    number = shared_db.add_prompt(session, written)
    for answer, at_utc in answers:
        shared_db.answer_prompt(number, answer, at_utc)
    shared_db.set_prompt_outcome(number, outcome)
    (back,) = shared_db.prompts_between(START - 1, START + 2e6, Origin.FILE)
    assert (back.id, back.outcome) == (number, outcome)
    counted = [a for a in answers if a[0] is not Answer.SHOW] or answers[:1]
    assert (back.answer, back.answered_utc) == (counted[-1] if counted else (None, None))
    prompt = back.since(START)
    assert (prompt.prompt_id, prompt.kind, prompt.step) == (written.prompt_id, written.kind, written.step)
    assert prompt.time_s == pytest.approx(written.time_s, abs=PRECISION_S)
    assert (prompt.episode_start_s is None) == (written.episode_start_s is None)
    assert prompt.episode_start_s is None or prompt.episode_start_s == pytest.approx(written.episode_start_s, abs=PRECISION_S)


@given(st.sampled_from(PostureChangeKind), seconds)
def test_moves_round_trip(shared_db: Store, kind: PostureChangeKind, time_s: float) -> None:
    """A break or a shift comes back with its moment."""
    session = begin(shared_db)
    shared_db.add_move(session, PostureChange(kind, time_s))
    (back,) = shared_db.moves_between(START - 1, START + 2e6, Origin.FILE)
    assert back.kind == kind
    assert back.since(START).time_s == pytest.approx(time_s, abs=PRECISION_S)


@given(st.lists(reports, max_size=6), seconds)
def test_reports_round_trip_and_are_acknowledged(shared_db: Store, written: list[SelfReport], now: float) -> None:
    """Reports come back exactly, by time; acknowledging closes the open red flags and nothing else."""
    shared_db._db.execute("DELETE FROM self_reports")
    for report in written:
        shared_db.add_report(report)
    in_order = sorted(written, key=lambda report: report.time_s)
    assert shared_db.reports() == in_order
    flags = [report for report in in_order if report.kind in RED_FLAGS and report.acknowledged_s is None]
    assert shared_db.acknowledge(now) == len(flags)
    assert not [r for r in shared_db.reports() if r.kind in RED_FLAGS and r.acknowledged_s is None]
    assert shared_db.reports() == [replace(report, acknowledged_s=now) if report in flags else report for report in in_order]


@given(
    st.text(min_size=1, max_size=20).filter(lambda name: name.strip() and name.isprintable()),
    st.dictionaries(st.text(max_size=5), json_values, max_size=4),
)
def test_profiles_round_trip(shared_db: Store, name: str, data: Mapping[str, object]) -> None:
    """Whatever JSON can hold comes back from a profile, and saving it again replaces it."""
    shared_db.save_profile(name, {"old": True}, View.SIDE)
    shared_db.save_profile(name, data, View.FRONT)
    profile = shared_db.load_profile(name)
    assert (profile.name, profile.view, profile.data) == (name, View.FRONT, data)
    assert [known.name for known in shared_db.list_profiles()].count(name) == 1
    shared_db.delete_profile(name)


@given(st.lists(st.tuples(st.sampled_from(["paused until", "camera", "käse"]), st.none() | st.text(max_size=20)), max_size=8))
def test_short_notes_are_what_was_kept_last(shared_db: Store, written: list[tuple[str, str | None]]) -> None:
    """A name gives the last text that was kept under it, and nothing once it was forgotten."""
    shared_db._db.execute("DELETE FROM kept")
    for key, value in written:
        shared_db.set_meta(key, value)
    for key in ("paused until", "camera", "käse", "never"):
        assert shared_db.get_meta(key) == dict(written).get(key)


@given(
    lengths=st.lists(st.tuples(st.floats(0.2, 40), postures), min_size=1, max_size=8),
    steps=st.lists(st.floats(0.05, 25), min_size=1, max_size=30),
    dated_back_s=st.floats(0, 5),
)
def test_spans_tile_whenever_they_are_checkpointed(
    shared_db: Store, lengths: list[tuple[float, Posture]], steps: list[float], dated_back_s: float
) -> None:
    """After every update the stored spans tile the session from its start without gap or overlap, and at its end they are the spans."""
    session = begin(shared_db)
    truth: list[Span] = []
    for length, posture in lengths:
        start_s = truth[-1].end_s if truth else 0.0
        truth.append(Span(start_s, start_s + length, posture))
    now = 0.0
    with SessionWriter(shared_db, session, clock=lambda: now) as writer:
        final = 0
        for step in steps:
            now += step
            ended = final
            # The end of a span is known only a while later; until then it is thought to go on.
            while ended < len(truth) - 1 and truth[ended].end_s + dated_back_s <= now:
                ended += 1
            open_span = truth[ended]
            going_on = Span(open_span.start_s, max(open_span.start_s, now), open_span.posture)
            writer.update(truth[final:ended], going_on)
            final = ended
            stored = shared_db.spans_between(START, START + 1e6, Origin.FILE)
            tiles(stored)
            written_until = stored[-1].end_utc if stored else START
            assert START + now - written_until <= 10 + max(steps)
        now = max(now, truth[-1].end_s)
        writer.update(truth[final:])
    stored = shared_db.spans_between(START, START + 1e6, Origin.FILE)
    tiles(stored)
    assert [span.posture for span in stored] == [span.posture for span in truth]
    assert stored[-1].end_utc == START + truth[-1].end_s
    assert not any(span.open for span in stored)


def tiles(stored: list[StoredSpan]) -> None:
    """Asserts that spans follow each other exactly, from the session's start."""
    assert not stored or stored[0].start_utc == START
    assert all(one.end_utc == two.start_utc for one, two in pairwise(stored))


@given(st.lists(spans, max_size=8), seconds, seconds)
def test_a_range_holds_what_lies_in_it(shared_db: Store, written: list[Span], one: float, two: float) -> None:
    """Spans of a range never leave it, and their seconds are those of the whole that fall into it."""
    session = begin(shared_db)
    for span in written:
        shared_db.add_span(session, span)
    start_utc, end_utc = START + min(one, two), START + max(one, two)
    clipped = shared_db.spans_between(start_utc, end_utc, Origin.FILE)
    assert all(start_utc <= span.start_utc < span.end_utc <= end_utc for span in clipped)
    expected = sum(max(0.0, min(START + span.end_s, end_utc) - max(START + span.start_s, start_utc)) for span in written)
    assert sum(span.end_utc - span.start_utc for span in clipped) == pytest.approx(expected, abs=1e-5)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=10))
def test_each_second_counts_once(pieces: list[tuple[int, int]]) -> None:
    """Spans of sessions that overlap keep exactly the seconds of their union."""
    overlapping = [
        StoredSpan(1, float(start), float(start + length), Posture.NEUTRAL, None, None, False) for start, length in sorted(pieces)
    ]
    once = each_second_once(overlapping)
    union = {second for start, length in pieces for second in range(start, start + length)}
    assert math.fsum(span.end_utc - span.start_utc for span in once) == len(union)
    assert all(one.end_utc <= two.start_utc for one, two in pairwise(once))
