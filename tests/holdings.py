"""Databases full of whatever can be in one, for the laws of export, import and erasing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from posture.storage.records import Origin, SessionEnd, StoredSession
from posture.storage.store import Store
from posture.types import (
    MEASURED_VIEWS,
    Answer,
    EpisodeKind,
    ExerciseEnd,
    HoldReason,
    Posture,
    PostureChangeKind,
    PromptLevel,
    PromptOutcome,
    PromptReason,
    ReportKind,
)

START = 1_767_600_000.0  # 2026-01-05 08:00:00 UTC
TABLES = ("sessions", "spans", "episodes", "prompts", "held_prompts", "moves", "exercises", "self_reports", "profiles")
SPREAD_S = 5 * 86400.0

moments = st.floats(START, START + SPREAD_S)
lengths = st.floats(0.001, 40_000)
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
words = st.none() | st.text(max_size=12) | st.sampled_from(["", '"', "a,b", "\r\n", " x ", "=1+1", "nichts\x00", "käse\u2028"])
texts = words.map(lambda text: text or "x")


def optional(words: Any) -> st.SearchStrategy[Any]:
    """One of the words of an enumeration, or nothing."""
    return st.none() | st.sampled_from([word.value for word in words])


def rows(draw: st.DrawFn, **columns: st.SearchStrategy[Any]) -> list[dict[str, Any]]:
    """A few rows with these columns."""
    return draw(st.lists(st.fixed_dictionaries(columns), max_size=3))


@dataclass(frozen=True)
class Holdings:
    """Rows by table; those of sessions name theirs by its place among the sessions."""

    tables: dict[str, list[dict[str, Any]]]

    def fill(self, store: Store) -> None:
        """Write them all into an empty database."""
        with store.writing() as db:
            for table, rows in self.tables.items():
                for row in rows:
                    marks = ", ".join("?" * len(row))
                    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


@st.composite
def holdings(draw: st.DrawFn) -> Holdings:
    """What a database may hold while no session runs."""
    kinds = [kind.value for kind in EpisodeKind]
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES[:7]}
    numbers_of_sessions = draw(st.lists(st.integers(1, 50), unique=True, max_size=3))
    for number in numbers_of_sessions:
        started, length = draw(moments), draw(lengths)
        tables["sessions"].append(
            {
                "id": number,
                "origin": draw(st.sampled_from([o.value for o in Origin])),
                "source": draw(texts),
                "started_utc": started,
                "expected_end_utc": draw(st.none() | st.just(started + length)),
                "ended_utc": started + length,
                "ended": draw(st.sampled_from([e.value for e in SessionEnd])),
                "heartbeat_utc": draw(moments),
                "pid": 1,
                "process": "p",
                "view": draw(st.none() | st.sampled_from(["auto", "front", "oblique", "side"])),
                "profile": draw(words),
                "model": draw(words),
                "app_version": draw(texts),
                "tz_offset_s": draw(st.sampled_from([0.0, 3600.0, -12600.0, 20700.5])),
            }
        )
        tables["spans"] += _spans(draw, number, started, started + length)
        within = st.floats(started, started + length)
        for begin, end in draw(st.lists(st.tuples(within, within).map(lambda p: tuple(sorted(p))), max_size=2)):
            times = {"session_id": number, "kind": draw(st.sampled_from(kinds)), "start_utc": begin, "end_utc": end}
            measured = {"angle": draw(words), "peak_deg": draw(numbers), "mean_deg": draw(numbers)}
            tables["episodes"].append({**times, "dose_s": draw(st.floats(0, 1e5)), **measured, "in_state_s": draw(st.floats(0, 1e5))})
        for at in draw(st.lists(within, max_size=2)):
            answer = draw(optional(Answer))
            prompt = {"session_id": number, "at_utc": at, "prompt_id": draw(texts), "kind": draw(st.none() | st.sampled_from(kinds))}
            answered = {
                "answer": answer,
                "answered_utc": None if answer is None else draw(moments),
                "outcome": draw(optional(PromptOutcome)),
            }
            spent = st.none() | st.floats(0, 1800)
            after = {f"after_{name}_s": draw(spent) for name in ("measured", "flexed", "away")}
            compared = {**after, "after_ended": draw(st.sampled_from([None, 0, 1])), "withheld": draw(st.sampled_from([None, 0, 1]))}
            begun = {"episode_start_utc": draw(st.none() | moments), "step": draw(st.sampled_from([s.value for s in PromptLevel]))}
            begun["reason"] = draw(optional(PromptReason))
            prompt["id"] = len(tables["prompts"]) + 1
            tables["prompts"].append({**prompt, **begun, **answered, **compared})
        for at in draw(st.lists(within, max_size=2)):
            held = {"session_id": number, "at_utc": at, "kind": draw(st.sampled_from(kinds)), "until_utc": draw(st.none() | moments)}
            step, reason = draw(st.sampled_from([s.value for s in PromptLevel])), draw(st.sampled_from([h.value for h in HoldReason]))
            tables["held_prompts"].append({**held, "step": step, "reason": reason, "detail": draw(words)})
        for at in draw(st.lists(within, max_size=2)):
            tables["moves"].append(
                {"session_id": number, "at_utc": at, "kind": draw(st.sampled_from([m.value for m in PostureChangeKind]))}
            )
        answered_by = st.none() | st.sampled_from([p["id"] for p in tables["prompts"] if p["session_id"] == number] or [None])
        for begin, end in draw(st.lists(st.tuples(within, within).map(lambda p: tuple(sorted(p))), max_size=2)):
            tables["exercises"].append({"session_id": number, "prompt_number": draw(answered_by), **_exercise(draw, begin, end)})
    for begin in draw(st.lists(moments, max_size=2, unique=True)):
        tables["exercises"].append({"session_id": None, **_exercise(draw, begin, begin + draw(st.floats(0, 600)))})
    tables["self_reports"] = rows(
        draw,
        at_utc=moments,
        kind=st.sampled_from([kind.value for kind in ReportKind]),
        place=words,
        note=words,
        acknowledged_utc=st.none() | moments,
    )
    names = draw(st.lists(st.sampled_from(["desk", "käse", "at home"]), unique=True, max_size=2))
    data = st.sampled_from(['{"a": [1, 2.5, null], "\\u00e4": "x"}', "{}"])
    tables["profiles"] = [
        {"name": n, "created_utc": draw(moments), "view": draw(optional(MEASURED_VIEWS)), "data": draw(data)} for n in names
    ]
    return Holdings(tables)


def _exercise(draw: st.DrawFn, begin: float, end: float) -> dict[str, Any]:
    """How a guided exercise went."""
    size = st.none() | st.floats(0, 200)
    return {
        "exercise": draw(texts),
        "start_utc": begin,
        "end_utc": end,
        "repetitions": draw(st.integers(0, 30)),
        "half_repetitions": draw(st.integers(0, 3)),
        "ended": draw(st.sampled_from([e.value for e in ExerciseEnd])),
        "depth_deg": draw(size),
        "depth_sd_deg": draw(size),
        "tempo_s": draw(size),
        "asymmetry_deg": draw(numbers),
    }


def _spans(draw: st.DrawFn, session: int, start: float, end: float) -> list[dict[str, Any]]:
    """Spans that tile a session; the last one may be open."""
    edges = sorted({start, end, *draw(st.lists(st.floats(start, end), max_size=3))})
    opened = draw(st.booleans())
    return [
        {
            "session_id": session,
            "start_utc": one,
            "end_utc": two,
            "posture": draw(st.sampled_from([p.value for p in Posture])),
            "seated": draw(st.sampled_from([None, 0, 1])),
            "reason": draw(words),
            "open": int(opened and two == end),
        }
        for one, two in pairwise(edges)
    ]


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that a database holds, but for what belongs to one machine or has no meaning of its own."""
    out = {}
    with store.reading() as db:
        for table in TABLES:
            found = [dict(row) for row in db.execute(f"SELECT * FROM {table}")]
            for row in found:
                if row.get("prompt_number"):  # numbers of prompts are those of a database
                    row["prompt_number"] = db.execute("SELECT at_utc FROM prompts WHERE id = ?", (row["prompt_number"],)).fetchone()[0]
            left_out = {"pid", "process"} | (set() if table == "sessions" else {"id"})
            out[table] = sorted((tuple(v for k, v in row.items() if k not in left_out) for row in found), key=repr)
    return out


def hard_ended(store: Store) -> list[StoredSession]:
    """The live sessions whose process was gone without a word, by start."""
    return [s for s in store.sessions_between(-math.inf, math.inf) if s.ended is SessionEnd.HARD]
