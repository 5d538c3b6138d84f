"""Writes of a running session, in order: at once while the database works, later if it did not.

Neither a full disk, nor a file that another program holds, nor a damaged one stops the measuring.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from posture.errors import StoreError
from posture.storage.backups import begin_anew
from posture.storage.schema import DamagedError, UnavailableError
from posture.storage.store import Store

RETRY_S = 10.0
MOST = 20_000
"""Writes that are held in memory; a day has about a thousand. Beyond, the oldest are lost, and the person is told."""
BUSY_S = 1.0
"""Wait for another program in the middle of a session: frames are missed meanwhile."""
LAST_BUSY_S = 10.0
"""Wait for it at the end."""
_log = logging.getLogger(__name__)
Job = Callable[[], None]


class WriteQueue:
    """Pending writes, and those done since the session began. For the session's own thread."""

    def __init__(
        self,
        store: Store,
        say: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        retry_s: float = RETRY_S,
        most: int = MOST,
    ) -> None:
        """Start empty.

        Args:
            store: Where the jobs write.
            say: Tells the person, in plain words, that writing fails, and that it works again.
            clock: Seconds.
            retry_s: Between two tries while the database fails, seconds.
            most: Jobs that are held.
        """
        self.trouble = ""
        """Why measurements are not written just now, in plain words; empty if they are."""
        self.first: Job | None = None
        """Starts the session in a new file, before all else is written to it again."""
        self._store, self._say, self._clock, self._retry_s, self._most = store, say, clock, retry_s, most
        self._waiting: deque[Job] = deque()
        self._done: deque[Job] = deque()
        self._lost = 0
        self._refused = self._again = False
        self._next_s = self._anew_s = -float("inf")
        with suppress(StoreError):
            store.set_busy_timeout(BUSY_S)

    @property
    def waiting(self) -> int:
        """Number of pending writes."""
        return len(self._waiting)

    def add(self, job: Job, lasting: bool = True) -> None:
        """Run `job`, now or when the database works again; one that is not `lasting` is left out while others wait."""
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
        """Run pending writes, if it is time to try."""
        if self._waiting and (not self.trouble or self._clock() >= self._next_s):
            self._try()

    def finish(self) -> None:
        """Try once more, with a longer wait.

        Raises:
            StoreError: Something could not be written, and is lost.
        """
        if self._waiting:
            with suppress(StoreError):
                self._store.set_busy_timeout(LAST_BUSY_S)
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
            self._store.reopen(BUSY_S)
            self._all_again()
        if self._again:
            with self._store.writing():  # all at once: what was there of this session goes for it
                for job in self._waiting:
                    self._one(job)
            self._done, self._waiting, self._again = self._waiting, deque(), False
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
        except StoreError as error:  # refused for what it is: no later try would change that, and others wait behind it
            _log.exception("a write was refused and is left out")
            if not self._refused:
                self._refused = True
                self._say(f"Something could not be written down, and is left out: {error}")

    def _replace(self, error: StoreError) -> None:
        """Put a new file in the place of the damaged one."""
        if self._store.being_written or self._clock() - self._anew_s < self._retry_s:
            # A copy that is still being made in its place; or the new one is damaged as well: it is not the file that is broken.
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
        self._again = True

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
            self._say(f"Measurements can't be saved just now, and are kept in memory until they can be: {error}")
        self.trouble = str(error)

    def _works(self) -> None:
        if not self.trouble:
            return
        self.trouble = ""
        lost = f", except for the oldest {self._lost} entries, which are lost" if self._lost else ""
        self._lost = 0
        _log.info("writing works again%s", lost)
        self._say(f"Measurements are being saved again, including everything that was waiting{lost}.")
