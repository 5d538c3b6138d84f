"""Guided exercises in the database: stored once, with the prompt that each answers, whatever happens to the session or the file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from posture.storage import LastingWriter, Origin, Store, WriteQueue, backup
from posture.types import Answer, DoneExercise, EpisodeKind, ExerciseEnd, PromptLevel, PromptOutcome, ShownPrompt

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
