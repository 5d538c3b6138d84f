"""Writes a session while it goes on, so that a killed process loses ten seconds at most."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from posture.backlog import Backlog
from posture.model import Answer, Episode, Followed, Move, ShownPrompt, Span, StoreError
from posture.store import Store
from posture.stored import Ended

CHECKPOINT_S = 9.0
"""The open span is written when this much has passed: a second less than the ten promised, as updates come once per measured frame."""


def hard_end(store: Store, since_utc: float) -> float | None:
    """When the last session ended, if its process was gone without a word; ``None`` if it ended well, or lies before `since_utc`.

    The last by number, not by time: the clock on the wall may have been set back since.
    """
    before = [s for s in store.sessions_between(since_utc, math.inf) if s.ended is not None]
    last = max(before, key=lambda s: s.id, default=None)
    return last.ended_utc if last is not None and last.ended is Ended.HARD else None


class SessionWriter:
    """Takes what the pipeline says of a running session, and ends the session when left: a context manager.

    A span that ended is written at once, the open one with it, when ``every_s`` have passed since the last write, and at the end.
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
        """Writes nothing yet.

        Args:
            store: open for as long as the writer is used.
            session_id: from ``Store.start_session``.
            anchor_utc: the moment of session second 0; ``None``: the session's ``started_utc``. May be set anew between two
                spans, when the clock of the session stood still (suspend).
            clock: seconds, for the ten-second rule alone.
            every_s: seconds between two writes of the open span.
        """
        self.anchor_utc = anchor_utc
        self.ended = Ended.COMPLETE
        self._store = store
        self._session_id = session_id
        self._clock = clock
        self._every_s = every_s
        self._open: Span | None = None
        self._prompts: dict[int, _Row] = {}
        self._written_s = clock()

    def _do(self, job: Callable[[], None], lasting: bool = True) -> None:  # noqa: ARG002 # for those who write later
        """Has a write done; `lasting`: whether a later one does not make up for it."""
        job()

    def update(self, final: Iterable[Span] = (), going_on: Span | None = None) -> None:
        """Takes the spans that ended since the last update, and the one that goes on, if any: **writes**, see the class.

        Call it for every reading; with nothing to say (a camera that is lost) it still tells that the session is alive.

        Raises:
            StoreError: it cannot be written.
        """
        final = tuple(final)
        self._open = going_on or (None if final else self._open)
        if final or self._clock() - self._written_s >= self._every_s:
            self._write(final)

    def episode(self, episode: Episode) -> None:
        """Adds an episode that ended: **writes**."""
        anchor_utc = self.anchor_utc
        self._do(lambda: self._store.add_episode(self._session_id, episode, anchor_utc))

    def prompt(self, prompt: ShownPrompt) -> int:
        """Adds a prompt that was shown and returns a number for it, that of its row unless it has none yet: **writes**."""
        anchor_utc, row = self.anchor_utc, _Row()

        def add() -> None:
            row.number = self._store.add_prompt(self._session_id, prompt, anchor_utc)

        self._do(add)
        number = max(row.number or 0, max(self._prompts, default=0) + 1)
        self._prompts[number] = row
        return number

    def answered(self, prompt_number: int, answer: Answer, time_s: float) -> None:
        """Notes what the person did with a prompt of this session, at `time_s` of it: **writes**."""
        row, anchor_utc = self._prompts[prompt_number], self.anchor_utc

        def note() -> None:
            origin_utc = self._store.session(self._session_id).started_utc if anchor_utc is None else anchor_utc
            if row.number is not None:
                self._store.answer_prompt(row.number, answer, origin_utc + time_s)

        self._do(note)

    def followed(self, prompt_number: int, outcome: Followed | None) -> None:
        """Notes what followed a prompt of this session: **writes**."""
        row = self._prompts[prompt_number]

        def note() -> None:
            if row.number is not None:
                self._store.set_prompt_outcome(row.number, outcome)

        self._do(note)

    def move(self, move: Move) -> None:
        """Adds a break or a shift: **writes**."""
        anchor_utc = self.anchor_utc
        self._do(lambda: self._store.add_move(self._session_id, move, anchor_utc))

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Writes the open span and ends the session."""
        if error is None:
            self._end(self.ended)
        else:
            with suppress(StoreError):  # the error that is under way says more, and may be the store's own
                self._end(Ended.INTERRUPTED if isinstance(error, KeyboardInterrupt) else Ended.FAILED)

    def _write(self, final: tuple[Span, ...]) -> None:
        going_on, anchor_utc = self._open, self.anchor_utc
        self._do(lambda: self._store.write_spans(self._session_id, final, going_on, anchor_utc), bool(final))
        self._written_s = self._clock()

    def _end(self, ended: Ended) -> None:
        last, anchor_utc = self._open, self.anchor_utc
        if last is not None:
            self._do(lambda: self._store.add_span(self._session_id, last, anchor_utc))
        self._do(lambda: self._store.end_session(self._session_id, ended))


@dataclass(slots=True)
class _Row:
    """Where a prompt was written down."""

    number: int | None = None
    """``None``: not yet, or in vain."""


class LastingWriter(SessionWriter):
    """A writer that outlives a database that fails: what cannot be written waits in a ``Backlog``, in its turn.

    With a new file in the place of a damaged one the whole session is written anew, from its start.
    """

    def __init__(self, store: Store, backlog: Backlog, begin: Callable[[], int], *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins the session: **writes**.

        Args:
            store: open for as long as the writer is used.
            backlog: of that store.
            begin: starts the session and returns its number; called again for a new file.
            clock: seconds, for the ten-second rule alone.

        Raises:
            StoreError: the session cannot be begun.
        """
        super().__init__(store, begin(), clock=clock)
        self._backlog = backlog

        def begin_again() -> None:
            self._session_id = begin()

        backlog.first = begin_again

    def _do(self, job: Callable[[], None], lasting: bool = True) -> None:
        self._backlog.do(job, lasting)

    def _end(self, ended: Ended) -> None:
        super()._end(ended)
        self._backlog.finish()
