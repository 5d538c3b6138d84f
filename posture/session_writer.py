"""Writes a session while it goes on, so that a killed process loses ten seconds at most."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from posture.model import Answer, Episode, Followed, Move, ShownPrompt, Span, StoreError
from posture.store import Store
from posture.stored import Ended

CHECKPOINT_S = 9.0
"""The open span is written when this much has passed: a second less than the ten promised, as updates come once per measured frame."""


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
        self._written_s = clock()

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
        self._store.add_episode(self._session_id, episode, self.anchor_utc)

    def prompt(self, prompt: ShownPrompt) -> int:
        """Adds a prompt that was shown and returns its number: **writes**."""
        return self._store.add_prompt(self._session_id, prompt, self.anchor_utc)

    def answered(self, prompt_number: int, answer: Answer, time_s: float) -> None:
        """Notes what the person did with a prompt, at `time_s` of the session: **writes**."""
        origin_utc = self._store.session(self._session_id).started_utc if self.anchor_utc is None else self.anchor_utc
        self._store.answer_prompt(prompt_number, answer, origin_utc + time_s)

    def followed(self, prompt_number: int, outcome: Followed | None) -> None:
        """Notes what followed a prompt: **writes**."""
        self._store.set_prompt_outcome(prompt_number, outcome)

    def move(self, move: Move) -> None:
        """Adds a break or a shift: **writes**."""
        self._store.add_move(self._session_id, move, self.anchor_utc)

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
        self._store.write_spans(self._session_id, final, self._open, self.anchor_utc)
        self._written_s = self._clock()

    def _end(self, ended: Ended) -> None:
        if self._open is not None:
            self._store.add_span(self._session_id, self._open, self.anchor_utc)
        self._store.end_session(self._session_id, ended)
