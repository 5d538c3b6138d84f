"""What happened in sessions: their spans, episodes, prompts, posture changes and guided exercises. No image is stored.

Values of a session are given in session seconds (`posture.types`) and stored in seconds since the epoch; what comes back is in
posture/storage/records.py. Every public method may raise StoreError; its docstring says so if it **writes**.
"""

from __future__ import annotations

from collections.abc import Iterable

from posture.days import SpanTable
from posture.errors import StoreError
from posture.storage.records import (
    Origin,
    StoredEpisode,
    StoredHeldPrompt,
    StoredMove,
    StoredPrompt,
    StoredSpan,
    each_second_once,
)
from posture.storage.schema import store_errors
from posture.storage.sessions import SessionStore
from posture.types import Answer, DoneExercise, Episode, ExposureAfter, HeldPrompt, PostureChange, PromptOutcome, ShownPrompt, Span


class Store(SessionStore):
    """The whole database: what happened in sessions, on top of the sessions themselves and of what belongs to the person."""

    # What is added to a session

    def write_spans(
        self, session_id: int, final: Iterable[Span] = (), going_on: Span | None = None, origin_utc: float | None = None
    ) -> None:
        """Add spans that have ended and put the one that goes on in place of the session's open one, in one transaction: **writes**.

        An open span that began before the end of a final one gives way to it, however far it had reached.

        Args:
            session_id: A session that runs.
            final: Session seconds, in order.
            going_on: Session seconds; ``None``: nothing new of it.
            origin_utc: The moment of second 0 where it is not ``started_utc`` any more (a clock that stood still in between).
        """
        with self._write():
            origin = self._anchor(session_id, origin_utc)
            for span in final:
                # The open one may have reached further: being away is dated back to the first moment of it.
                self._db.execute(
                    "DELETE FROM spans WHERE session_id = ? AND open = 1 AND (start_utc <= ? OR start_utc < ?)",
                    (session_id, origin + span.start_s, origin + span.end_s),
                )
                self._insert("spans", **_span_columns(session_id, span, origin), open=0)
            if going_on is not None:
                self._db.execute("DELETE FROM spans WHERE session_id = ? AND open = 1", (session_id,))
                self._insert("spans", **_span_columns(session_id, going_on, origin), open=1)

    def add_span(self, session_id: int, span: Span, origin_utc: float | None = None) -> None:
        """Add a span that has ended: **writes**. As ``write_spans``."""
        self.write_spans(session_id, (span,), None, origin_utc)

    def add_episode(self, session_id: int, episode: Episode, origin_utc: float | None = None) -> None:
        """Add an episode that has ended: **writes**."""
        with self._write():
            origin = self._anchor(session_id, origin_utc)
            self._insert(
                "episodes",
                session_id=session_id,
                kind=episode.kind,
                start_utc=origin + episode.start_s,
                end_utc=origin + episode.end_s,
                dose_s=episode.dose_s,
                angle=episode.angle,
                peak_deg=episode.peak_deg,
                mean_deg=episode.mean_deg,
                in_state_s=episode.in_state_s,
            )

    def add_prompt(self, session_id: int, prompt: ShownPrompt, origin_utc: float | None = None) -> int:
        """Add a prompt that was shown or withheld and return its number, for ``set_prompt_outcome``: **writes**."""
        with self._write():
            origin = self._anchor(session_id, origin_utc)
            return self._insert(
                "prompts",
                session_id=session_id,
                at_utc=origin + prompt.time_s,
                prompt_id=prompt.prompt_id,
                kind=prompt.kind,
                step=prompt.step,
                episode_start_utc=None if prompt.episode_start_s is None else origin + prompt.episode_start_s,
                reason=prompt.reason,
                withheld=prompt.withheld,
            )

    def add_held_prompt(self, session_id: int, held: HeldPrompt, origin_utc: float | None = None) -> None:
        """Add a prompt that was due and held back: **writes**."""
        with self._write():
            origin = self._anchor(session_id, origin_utc)
            self._insert(
                "held_prompts",
                session_id=session_id,
                at_utc=origin + held.time_s,
                kind=held.kind,
                step=held.step,
                reason=held.hold.reason,
                until_utc=None if held.hold.until_s is None else origin + held.hold.until_s,
                detail=held.hold.detail or None,
            )

    def answer_prompt(self, prompt_number: int, answer: Answer, at_utc: float) -> None:
        """Store what the person did with a prompt: **writes**; StoreError if there is none of this number.

        It takes the place of what they did before, except that looking at how it is done takes back nothing: a prompt that was
        snoozed and then looked at is still snoozed.
        """
        if answer is Answer.SHOW:
            what = "answer = coalesce(answer, ?), answered_utc = coalesce(answered_utc, ?)"
        else:
            what = "answer = ?, answered_utc = ?"
        self._set_in_prompt(prompt_number, what, answer, at_utc)

    def set_prompt_outcome(self, prompt_number: int, outcome: PromptOutcome | None) -> None:
        """Store what followed a prompt (``None``: not known): **writes**; StoreError if there is none of this number."""
        self._set_in_prompt(prompt_number, "outcome = ?", outcome)

    def set_exposure_after(self, prompt_number: int, after: ExposureAfter) -> None:
        """Store how the half hour after a prompt was spent: **writes**; StoreError if there is none of this number."""
        what = "after_measured_s = ?, after_flexed_s = ?, after_away_s = ?, after_ended = ?"
        self._set_in_prompt(prompt_number, what, after.measured_s, after.flexed_s, after.away_s, after.ended)

    def add_exercise(self, session_id: int | None, done: DoneExercise, origin_utc: float | None = None) -> int:
        """Add a guided exercise and return its number; its prompt is answered with *done* if it stands for that: **writes**.

        Args:
            session_id: A session that runs; ``None``: it was done without a monitor.
            done: On the session's clock; without a session in seconds since the epoch. A prompt that is not there is left out.
            origin_utc: As ``write_spans``.
        """
        with self._write():
            origin = 0.0 if session_id is None else self._anchor(session_id, origin_utc)
            prompt = self._read("SELECT id FROM prompts WHERE id = ?", done.prompt)
            if prompt and done.answers_prompt:
                self.answer_prompt(prompt[0]["id"], Answer.DONE, origin + done.end_s)
                self.set_prompt_outcome(prompt[0]["id"], PromptOutcome.DONE)
            return self._insert(
                "exercises",
                session_id=session_id,
                prompt_number=prompt[0]["id"] if prompt else None,
                exercise=done.exercise,
                start_utc=origin + done.start_s,
                end_utc=origin + done.end_s,
                repetitions=done.repetitions,
                half_repetitions=done.half_repetitions,
                ended=done.ended,
                depth_deg=done.depth_deg,
                depth_sd_deg=done.depth_sd_deg,
                tempo_s=done.tempo_s,
                asymmetry_deg=done.asymmetry_deg,
            )

    def add_move(self, session_id: int, move: PostureChange, origin_utc: float | None = None) -> None:
        """Add a break or a shift: **writes**."""
        with self._write():
            at_utc = self._anchor(session_id, origin_utc) + move.time_s
            self._insert("moves", session_id=session_id, at_utc=at_utc, kind=move.kind)

    # What a summary asks for; a range begins with start_utc and ends before end_utc

    def spans_between(self, start_utc: float, end_utc: float, origin: Origin = Origin.LIVE) -> list[StoredSpan]:
        """Return spans clipped to the range, by start. Of live ones no second comes twice, even if the clock was set back."""
        statement = f"SELECT e.* {_SPANS} ORDER BY e.start_utc, e.session_id, e.id"
        found = self._records(StoredSpan, statement, origin, end_utc, start_utc, end_utc, start_utc)
        spans = [span.clipped(start_utc, end_utc) for span in found]
        return each_second_once(spans) if origin == Origin.LIVE else spans

    def span_table(self, start_utc: float, end_utc: float) -> SpanTable:
        """Return the live spans that reach into the range, whole, as arrays; fast enough for a year of days."""
        with store_errors(self.path):
            cursor = self._db.cursor()
            cursor.row_factory = None  # plain tuples are made in half the time of rows with names
            columns = "e.start_utc, e.end_utc, e.session_id, e.posture, e.seated, e.reason"
            return SpanTable(cursor.execute(f"SELECT {columns} {_SPANS}", (Origin.LIVE, end_utc, start_utc, end_utc, start_utc)).fetchall())

    def episodes_between(self, start_utc: float, end_utc: float, origin: Origin = Origin.LIVE) -> list[StoredEpisode]:
        """Return episodes that reach into the range, whole, by start."""
        where = f"{_OF_ORIGIN} AND e.start_utc < ? AND e.end_utc > ?"
        return self._records(StoredEpisode, f"SELECT e.* FROM episodes e {where} ORDER BY e.start_utc, e.id", origin, end_utc, start_utc)

    def prompts_between(self, start_utc: float, end_utc: float, origin: Origin = Origin.LIVE) -> list[StoredPrompt]:
        """Return prompts shown in the range and those withheld, by time."""
        return self._records(StoredPrompt, _moments("prompts"), origin, start_utc, end_utc)

    def recent_prompts(self, limit: int, origin: Origin = Origin.LIVE) -> list[StoredPrompt]:
        """Return the last ``limit`` prompts, the latest first."""
        statement = f"SELECT e.* FROM prompts e {_OF_ORIGIN} ORDER BY e.at_utc DESC, e.id DESC LIMIT ?"
        return self._records(StoredPrompt, statement, origin, max(0, limit))

    def held_prompts_between(self, start_utc: float, end_utc: float, origin: Origin = Origin.LIVE) -> list[StoredHeldPrompt]:
        """Return prompts that began to be held back in the range, by time."""
        return self._records(StoredHeldPrompt, _moments("held_prompts"), origin, start_utc, end_utc)

    def moves_between(self, start_utc: float, end_utc: float, origin: Origin = Origin.LIVE) -> list[StoredMove]:
        """Return breaks and shifts that began in the range, by time."""
        return self._records(StoredMove, _moments("moves"), origin, start_utc, end_utc)

    def exercises_between(self, start_utc: float, end_utc: float) -> list[DoneExercise]:
        """Return the person's own guided exercises that began in the range, by start; times in seconds since the epoch.

        ``prompt`` is the ``id`` of the StoredPrompt that each answers.
        """
        return self._records(DoneExercise, _EXERCISES, Origin.LIVE, start_utc, end_utc)

    # Inside

    def _set_in_prompt(self, prompt_number: int, what: str, *values: object) -> None:
        with self._write():  # the session may be over: a notification stays on the screen
            if self._db.execute(f"UPDATE prompts SET {what} WHERE id = ?", (*values, prompt_number)).rowcount == 0:
                raise StoreError(f"{self.path}: has no prompt number {prompt_number}")


_OF_ORIGIN = "JOIN sessions s ON s.id = e.session_id WHERE s.origin = ?"
# Sessions first: they are few, and their spans lie close together. A search of the spans alone would begin with the oldest.
_SPANS = """FROM sessions s CROSS JOIN spans e ON e.session_id = s.id
    WHERE s.origin = ? AND s.started_utc < ? AND coalesce(s.ended_utc, 9e999) > ? AND e.start_utc < ? AND e.end_utc > ?"""

_EXERCISES = """SELECT e.*, e.start_utc AS start_s, e.end_utc AS end_s, e.prompt_number AS prompt
    FROM exercises e LEFT JOIN sessions s ON s.id = e.session_id
    WHERE (s.origin = ? OR e.session_id IS NULL) AND e.start_utc >= ? AND e.start_utc < ? ORDER BY e.start_utc, e.id"""


def _moments(table: str) -> str:
    return f"SELECT e.* FROM {table} e {_OF_ORIGIN} AND e.at_utc >= ? AND e.at_utc < ? ORDER BY e.at_utc, e.id"


def _span_columns(session_id: int, span: Span, origin_utc: float) -> dict[str, object]:
    return {
        "session_id": session_id,
        "start_utc": origin_utc + span.start_s,
        "end_utc": origin_utc + span.end_s,
        "posture": span.posture,
        "seated": span.seated,
        "reason": span.reason,
    }
