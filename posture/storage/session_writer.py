"""Writes a session while it runs, so that a killed process loses ten seconds at most."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from posture.errors import StoreError
from posture.storage.records import SessionEnd
from posture.storage.store import Store
from posture.storage.write_queue import WriteQueue
from posture.types import Answer, DoneExercise, Episode, ExposureAfter, HeldPrompt, PostureChange, PromptOutcome, ShownPrompt, Span

CHECKPOINT_S = 9.0
"""The open span is written when this much has passed: a second less than the ten promised, as updates come once per measured frame."""


def hard_end(store: Store, since_utc: float) -> float | None:
    """Return when the last session ended, if its process died; ``None`` if it ended well, or lies before `since_utc`.

    The last by number, not by time: the clock on the wall may have been set back since.
    """
    before = [s for s in store.sessions_between(since_utc, math.inf) if s.ended is not None]
    last = max(before, key=lambda s: s.id, default=None)
    return last.ended_utc if last is not None and last.ended is SessionEnd.HARD else None


class SessionWriter:
    """Stores the output of the engine for a running session, and ends the session when left: a context manager.

    A span that ended is written at once; the open one with it, when ``every_s`` have passed since the last write, and at the end.
    Left without an error the session is ``complete`` (or what ``ended`` was set to), by Ctrl-C ``interrupted``, by another
    error ``failed``.
    """

    def __init__(
        self,
        store: Store,
        session_id: int,
        *,
        anchor_utc: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = CHECKPOINT_S,
    ) -> None:
        """Write nothing yet.

        Args:
            store: Open for as long as the writer is used.
            session_id: From ``Store.start_session``.
            anchor_utc: The moment of session second 0; ``None``: the session's ``started_utc``. May be set anew between two
                spans, when the clock of the session stood still (suspend).
            clock: Seconds, for the ten-second rule alone.
            every_s: Seconds between two writes of the open span.
        """
        self.anchor_utc = anchor_utc
        self.ended = SessionEnd.COMPLETE
        self._store = store
        self._session_id = session_id
        self._clock = clock
        self._every_s = every_s
        self._open: Span | None = None
        self._prompts: dict[int, _Row] = {}
        self._written_s = clock()

    def _write(self, job: Callable[[], None], lasting: bool = True) -> None:  # noqa: ARG002 # for a writer that may run it later
        """Run a write; `lasting`: whether no later one makes up for it."""
        job()

    def update(self, final: Iterable[Span] = (), going_on: Span | None = None) -> None:
        """Store the spans that ended since the last update, and the one that goes on, if any: **writes**, see the class.

        Call it for every reading, also without spans (a lost camera): it updates the heartbeat.

        Raises:
            StoreError: It cannot be written.
        """
        final = tuple(final)
        self._open = going_on or (None if final else self._open)
        if final or self._clock() - self._written_s >= self._every_s:
            self._write_spans(final)

    def episode(self, episode: Episode) -> None:
        """Add an episode that ended: **writes**."""
        anchor_utc = self.anchor_utc
        self._write(lambda: self._store.add_episode(self._session_id, episode, anchor_utc))

    def prompt(self, prompt: ShownPrompt) -> int:
        """Add a prompt that was shown and return a number for it, that of its row unless it has none yet: **writes**."""
        anchor_utc, row = self.anchor_utc, _Row()

        def add() -> None:
            row.number = self._store.add_prompt(self._session_id, prompt, anchor_utc)

        self._write(add)
        number = max(row.number or 0, max(self._prompts, default=0) + 1)
        self._prompts[number] = row
        return number

    def held(self, held: HeldPrompt) -> None:
        """Add a prompt that was due and held back: **writes**."""
        anchor_utc = self.anchor_utc
        self._write(lambda: self._store.add_held_prompt(self._session_id, held, anchor_utc))

    def answered(self, prompt_number: int, answer: Answer, time_s: float) -> None:
        """Store what the person did with a prompt of this session, at `time_s` of it: **writes**."""
        row, anchor_utc = self._prompts[prompt_number], self.anchor_utc

        def note() -> None:
            origin_utc = self._store.session(self._session_id).started_utc if anchor_utc is None else anchor_utc
            if row.number is not None:
                self._store.answer_prompt(row.number, answer, origin_utc + time_s)

        self._write(note)

    def followed(self, prompt_number: int, outcome: PromptOutcome | None) -> None:
        """Store what followed a prompt of this session: **writes**."""
        self._note(prompt_number, lambda number: self._store.set_prompt_outcome(number, outcome))

    def after(self, prompt_number: int, exposure: ExposureAfter) -> None:
        """Store how the half hour after a prompt of this session was spent: **writes**."""
        self._note(prompt_number, lambda number: self._store.set_exposure_after(number, exposure))

    def exercise(self, done: DoneExercise) -> None:
        """Add a guided exercise of this session; its prompt, by the number that `prompt` returned, is answered if it was done: **writes**.

        What follows the prompt is told by `followed` all the same: answer it there with *done* as well, or the last word is another.
        """
        anchor_utc, row = self.anchor_utc, self._prompts.get(done.prompt or 0, _Row())

        def add() -> None:
            self._store.add_exercise(self._session_id, replace(done, prompt=row.number), anchor_utc)

        self._write(add)

    def move(self, move: PostureChange) -> None:
        """Add a break or a shift: **writes**."""
        anchor_utc = self.anchor_utc
        self._write(lambda: self._store.add_move(self._session_id, move, anchor_utc))

    def __enter__(self) -> Self:
        """Return the writer itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Write the open span and ends the session."""
        if error is None:
            self._end(self.ended)
        else:
            with suppress(StoreError):  # the error that is under way says more, and may be the store's own
                self._end(SessionEnd.INTERRUPTED if isinstance(error, KeyboardInterrupt) else SessionEnd.FAILED)

    def _note(self, prompt_number: int, set_in: Callable[[int], None]) -> None:
        """Write into the row of a prompt, once it has one."""
        row = self._prompts[prompt_number]

        def note() -> None:
            if row.number is not None:
                set_in(row.number)

        self._write(note)

    def _write_spans(self, final: tuple[Span, ...]) -> None:
        going_on, anchor_utc = self._open, self.anchor_utc
        self._write(lambda: self._store.write_spans(self._session_id, final, going_on, anchor_utc), bool(final))
        self._written_s = self._clock()

    def _end(self, ended: SessionEnd) -> None:
        last, anchor_utc = self._open, self.anchor_utc
        if last is not None:
            self._write(lambda: self._store.add_span(self._session_id, last, anchor_utc))
        self._write(lambda: self._store.end_session(self._session_id, ended))


@dataclass(slots=True)
class _Row:
    """The row of a prompt."""

    number: int | None = None
    """``None``: not yet, or in vain."""


class LastingWriter(SessionWriter):
    """A writer that survives a failing database: what cannot be written waits in a ``WriteQueue``.

    Into another file in the place of the database, a new one or a backup, the whole session is written again from its start, once.
    """

    def __init__(self, store: Store, queue: WriteQueue, begin: Callable[[], int], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the session: **writes**.

        Args:
            store: Open for as long as the writer is used.
            queue: Of that store.
            begin: Starts the session and returns its number; called again for a new file.
            clock: Seconds, for the ten-second rule alone.

        Raises:
            StoreError: The session cannot be begun.
        """
        super().__init__(store, begin(), clock=clock)
        self._queue = queue
        began_utc = store.session(self._session_id).started_utc

        def begin_again() -> None:
            store.delete_own_session(began_utc)  # its beginning may be in the copy that was put in the database's place
            self._session_id = begin()

        queue.first = begin_again

    def _write(self, job: Callable[[], None], lasting: bool = True) -> None:
        self._queue.add(job, lasting)

    def _end(self, ended: SessionEnd) -> None:
        super()._end(ended)
        self._queue.finish()
