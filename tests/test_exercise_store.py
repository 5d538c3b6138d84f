"""Guided exercises in the database: stored once, with the prompt that each answers, whatever happens to the session or the file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from rich.console import Console

from posture._support.catalogue import load as load_catalogue
from posture.days import local_day
from posture.prompts import open_red_flags
from posture.reports.day.charts import timeline
from posture.reports.day.exercises import exercise_words, trend_rows
from posture.reports.day.json import day_dict
from posture.reports.day.markdown import day_markdown
from posture.reports.day.page import page_of_day, page_of_trend
from posture.reports.day.read import day_of, trend_of
from posture.reports.day.terminal import print_day
from posture.settings import Settings
from posture.storage import LastingWriter, Origin, Store, WriteQueue, backup
from posture.types import Answer, DoneExercise, EpisodeKind, ExerciseEnd, PromptLevel, PromptOutcome, ReportKind, SelfReport, ShownPrompt

START = 1_767_600_000.0
CAT = DoneExercise("cat_cow_seated", 20.0, 75.0, 6, 0, ExerciseEnd.DONE, 38.0, 6.0, 9.0)
PROMPT = ShownPrompt(10.0, "cat_cow_seated", EpisodeKind.FLEXED, PromptLevel.SOFT)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database."""
    with Store.open(tmp_path / "posture.db", clock=lambda: START) as opened:
        yield opened


def writer_of(store: Store, began: float = START) -> LastingWriter:
    """A session of the monitor that began then."""
    ticks = count(0.0, 20.0)
    queue = WriteQueue(store, print, clock=lambda: next(ticks))
    return LastingWriter(store, queue, lambda: store.start_session(origin=Origin.LIVE, started_utc=began, source="camera 0"))


def since_start(store: Store) -> list[DoneExercise]:
    """What is stored, in seconds since the session began."""
    return [done.since(START) for done in store.exercises_between(START, START + 1e4)]


def test_an_exercise_answers_its_prompt(store: Store) -> None:
    """The record stands beside the prompt, which is done at the end of it."""
    with writer_of(store) as writer:
        number = writer.prompt(PROMPT)
        writer.exercise(replace(CAT, prompt=number))
    assert since_start(store) == [replace(CAT, prompt=number)]
    (prompt,) = store.prompts_between(START, START + 100.0)
    assert (prompt.id, prompt.answer, prompt.answered_utc, prompt.outcome) == (number, Answer.DONE, START + 75.0, PromptOutcome.DONE)


@pytest.mark.parametrize(
    ("ended", "repetitions", "answer"),
    [
        (ExerciseEnd.HURT, 3, None),
        (ExerciseEnd.STOPPED, 0, None),
        (ExerciseEnd.IDLE, 0, None),
        (ExerciseEnd.STOPPED, 1, Answer.DONE),
        (ExerciseEnd.DONE, 0, Answer.DONE),
    ],
)
def test_what_hurt_or_was_not_begun_is_no_answer(store: Store, ended: ExerciseEnd, repetitions: int, answer: Answer | None) -> None:
    """Only what was done stands for done."""
    with writer_of(store) as writer:
        writer.exercise(DoneExercise("walk", 20.0, 75.0, repetitions, 0, ended, prompt=writer.prompt(PROMPT)))
    assert store.prompts_between(START, START + 100.0)[0].answer is answer
    assert since_start(store)[0].ended is ended


def test_pain_after_a_stop_raises_the_referral_and_the_stop_alone_does_not(store: Store) -> None:
    """Whoever stops because it hurt, and says within the hour that it does, is referred; until it was read no exercise comes."""
    with writer_of(store) as writer:
        writer.exercise(replace(CAT, ended=ExerciseEnd.HURT))
    ended = store.exercises_between(START, START + 100.0)[0].end_s
    assert open_red_flags(store.reports(), ended + 600.0) == []
    said = SelfReport(ended + 1800.0, ReportKind.PAIN, "low")
    store.add_report(said)
    assert open_red_flags(store.reports(), said.time_s) == [said]
    assert store.acknowledge_referral(said.time_s + 60.0)
    again = replace(said, time_s=said.time_s + 120.0)
    store.add_report(again)
    assert open_red_flags(store.reports(), again.time_s) == [again], "what was acknowledged before answers nothing new"


@pytest.mark.parametrize(
    ("done", "words"),
    [
        (CAT, "6 times, depth 38° ± 6°, 9 s each"),
        (replace(CAT, repetitions=1, depth_sd_deg=None, tempo_s=None), "once"),
        (
            replace(CAT, repetitions=2, half_repetitions=1, ended=ExerciseEnd.STOPPED),
            "twice and one half, depth 38° ± 6°, 9 s each, stopped",
        ),
        (replace(CAT, asymmetry_deg=-14.0), "6 times, depth 38° ± 6°, 9 s each, sides 14° apart"),
        (replace(CAT, asymmetry_deg=11.0), "6 times, depth 38° ± 6°, 9 s each"),
        (DoneExercise("x", 0.0, 20.0, 0, 0, ExerciseEnd.HURT), "stopped because it hurt"),
        (DoneExercise("x", 0.0, 20.0, 0, 0, ExerciseEnd.IDLE), "nothing counted"),
        (DoneExercise("x", 0.0, 95.0, 0, 0, ExerciseEnd.DONE), "1 min 35 s"),
    ],
)
def test_its_words(done: DoneExercise, words: str) -> None:
    """The sd is always beside the depth; nothing stands for what was not counted."""
    assert exercise_words(done) == words


def test_today_and_trend_show_it(store: Store) -> None:
    """In the terminal, as Markdown and as a page, on the timeline, in the JSON; four weeks to a row of the trend."""
    store.add_exercise(None, replace(CAT, start_s=START, end_s=START + 55.0))
    store.add_exercise(None, replace(CAT, start_s=START - 40 * 86400.0, end_s=START - 40 * 86400.0 + 55.0, ended=ExerciseEnd.HURT))
    today, catalogue = local_day(START), load_catalogue()
    day = day_of(store, today, catalogue, Settings(), START + 3600.0)
    assert day.blank, "no posture was measured: it is in no total"
    printed = Console(file=StringIO(), width=100)
    print_day(printed, day)
    said = "6 times, depth 38° ± 6°, 9 s each"
    for text in (printed.file.getvalue(), day_markdown(day, catalogue), page_of_day(day, catalogue)):  # type: ignore[attr-defined] # StringIO
        assert "Cat-Cow on your chair" in text and said in text
    (bar,) = timeline(day).bars
    assert (bar.look, bar.height) == ("exercise", 100.0) and bar.says.startswith("exercise, Cat-Cow on your chair, ")
    assert day_dict(day, catalogue)["exercises"][0]["repetitions"] == 6
    trend = trend_of(store, today, 84, catalogue, Settings(), START + 3600.0)
    assert [(e.done, e.hurt, e.depth_deg, (e.last - e.first).days) for e in trend.exercises] == [(0, 1, 38.0, 27), (1, 0, 38.0, 27)]
    assert trend_rows(trend)[2][2:] == ("once on 1 day", "38° ± 6°", "9 s")
    assert "stopped once because it hurt" in page_of_trend(trend, catalogue)


def test_one_without_a_monitor(store: Store) -> None:
    """It belongs to no session; a prompt that is not there is left out."""
    store.add_exercise(None, replace(CAT, start_s=START, end_s=START + 60.0, prompt=17))
    assert since_start(store) == [replace(CAT, start_s=0.0, end_s=60.0)]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["exercise", "prompt", "new file", "backup", "restart"]), max_size=12))
def test_none_is_lost_or_doubled(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    """The monitor is started again, the file replaced by a new one or by a copy of the session's begin, which loses the sessions before:
    each exercise of the others stays once, with its prompt."""
    path = tmp_path_factory.mktemp("x") / "posture.db"
    copy = path.with_name("copy.db")
    before: list[tuple[float, bool]] = []
    done: list[tuple[float, bool]] = []
    with Store.open(path, clock=lambda: START) as store:
        backup(store, copy)
        writer, began, number = writer_of(store), START, 0
        for at, step in enumerate(steps, 1):
            now = START + 100.0 * at
            if step == "prompt":
                number = writer.prompt(replace(PROMPT, time_s=now - began))
            elif step == "exercise":
                writer.exercise(replace(CAT, start_s=now - began, end_s=now - began + 50.0, prompt=number or None))
                done.append((now, number > 0))
            elif step == "restart":
                writer.__exit__(None, None, None)
                writer, began, number, before, done = writer_of(store, now), now, 0, before + done, []
            else:
                for end in ("", "-wal", "-shm"):
                    path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
                before = []
                if step == "backup":
                    shutil.copy(copy, path)
                    os.utime(path, (0.0, 0.0))  # the copying is long over
                writer.update()
        writer.__exit__(None, None, None)
        store.check()
        found = store.exercises_between(START, START + 1e4)
    assert [(e.start_s, e.prompt is not None) for e in found] == before + done
