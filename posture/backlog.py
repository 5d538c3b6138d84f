"""Writes of a running session, done in their order: at once while the database works, and later if it did not.

A disk that is full, a file that another program holds, and one that turns out to be damaged are no reason to stop measuring.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from posture.model import StoreError
from posture.recovering import begin_anew
from posture.schema import DamagedError, UnavailableError
from posture.store import Store

RETRY_S = 10.0
MOST = 20_000
"""Writes that are kept in memory; a day has about a thousand. Beyond, the oldest are lost, and that is said."""
BUSY_S = 1.0
"""Waited for another program in the middle of a session: no longer, as pictures are missed meanwhile."""
LAST_BUSY_S = 10.0
"""Waited for it at the end."""
_log = logging.getLogger(__name__)
Job = Callable[[], None]


class Backlog:
    """What is to be written, and what has been written since the session began. For the session's own thread."""

    def __init__(
        self,
        store: Store,
        say: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        retry_s: float = RETRY_S,
        most: int = MOST,
    ) -> None:
        """Nothing waits.

        Args:
            store: where the jobs write.
            say: tells the person, in plain words, that writing fails, and that it works again.
            clock: seconds.
            retry_s: between two tries while the database fails, seconds.
            most: jobs that are kept.
        """
        self.trouble = ""
        """Why what is measured is not written down just now, in plain words; empty if it is."""
        self.first: Job | None = None
        """Begins the session in a new file, before all else is written to it again."""
        self._store, self._say, self._clock, self._retry_s, self._most = store, say, clock, retry_s, most
        self._waiting: deque[Job] = deque()
        self._done: deque[Job] = deque()
        self._lost = 0
        self._refused = False
        self._next_s = self._anew_s = -float("inf")
        with suppress(StoreError):
            store.wait_at_most(BUSY_S)

    @property
    def waiting(self) -> int:
        """How many writes wait."""
        return len(self._waiting)

    def do(self, job: Job, lasting: bool = True) -> None:
        """Have `job` done, now or when the database works again; `lasting`: if not, it is left out while others wait."""
        if lasting:
            self._waiting.append(job)
            if len(self._waiting) + len(self._done) > self._most:
                self._forget()
            self.flush()
        elif self._waiting:
            self.flush()
        else:
            self._try((job,))

    def flush(self) -> None:
        """Do what waits, if it is time to try."""
        if self._waiting and (not self.trouble or self._clock() >= self._next_s):
            self._try()

    def finish(self) -> None:
        """Try once more, with patience.

        Raises:
            StoreError: something could not be written, and is lost.
        """
        if self._waiting:
            with suppress(StoreError):
                self._store.wait_at_most(LAST_BUSY_S)
            self._try()
        if self._waiting:
            raise StoreError(f"the last of what was measured could not be written: {self.trouble}")

    def _try(self, more: tuple[Job, ...] = ()) -> None:
        try:
            self._write(more)
        except DamagedError as error:
            self._replace(error)
        except UnavailableError as error:
            self._failed(error)
        else:
            self._works()

    def _write(self, more: tuple[Job, ...]) -> None:
        if not self._store.in_place:
            self._store.open_anew(BUSY_S)
            self._all_again()
        while self._waiting:
            self._one(self._waiting[0])
            self._done.append(self._waiting.popleft())
        for job in more:
            self._one(job)

    def _one(self, job: Job) -> None:
        try:
            job()
        except (DamagedError, UnavailableError):
            raise
        except StoreError as error:  # refused for what it is: no later try would change that, and those behind it wait
            _log.exception("a write was refused and is left out")
            if not self._refused:
                self._refused = True
                self._say(f"Something could not be written down, and is left out: {error}")

    def _replace(self, error: StoreError) -> None:
        """The file is damaged: a new one takes its place."""
        if self._clock() - self._anew_s < self._retry_s:  # the new one as well: it is not the file that is broken
            self._failed(error)
            return
        self._anew_s = self._clock()
        try:
            words = begin_anew(self._store, BUSY_S)
            _log.error("%s; %s", error, words)
            self._say(words)
            self._all_again()
            self._write(())
        except StoreError as another:
            self._failed(another)
        else:
            self._works()

    def _all_again(self) -> None:
        self._waiting = deque(
            [*((self.first,) if self.first is not None else ()), *(j for j in self._done if j is not self.first), *self._waiting]
        )
        self._done.clear()

    def _forget(self) -> None:
        if self._done:
            self._done.popleft()
        else:
            self._waiting.popleft()
            self._lost += 1

    def _failed(self, error: StoreError) -> None:
        self._next_s = self._clock() + self._retry_s
        if not self.trouble:
            _log.error("writing fails: %s", error)
            self._say(f"What is measured cannot be written down just now, and is kept in memory until it can be: {error}")
        self.trouble = str(error)

    def _works(self) -> None:
        if not self.trouble:
            return
        self.trouble = ""
        lost = f", except for the oldest {self._lost} entries, which are lost" if self._lost else ""
        self._lost = 0
        _log.info("writing works again%s", lost)
        self._say(f"What is measured is written down again, and with it all that waited{lost}.")
