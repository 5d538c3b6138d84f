"""The small interface that every source of pictures keeps, and a source made of frames that are already there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator
from types import TracebackType
from typing import Self

from posture.model import Frame


class Source(ABC):
    """Frames of one camera or recording, to be read once, inside ``with``.

    Times rise strictly; images are contiguous (H, W, 3) uint8 RGB, upright, with square pixels. Leaving the ``with`` block lets go of
    the file or device, however far the reading got; frames already handed out stay valid.
    """

    def __init__(self) -> None:
        """A source opens nothing before its ``with`` block is entered."""
        self._running: Generator[Frame, None, None] | None = None
        self._open_now = False

    @property
    @abstractmethod
    def position_s(self) -> float:
        """How far the reading got, seconds of this source's own time."""

    @property
    @abstractmethod
    def duration_s(self) -> float | None:
        """Length in seconds; ``None`` where it cannot be known."""

    @abstractmethod
    def _open(self) -> None:
        """Get hold of the file or device; raise `posture.model.InputError` if that fails."""

    @abstractmethod
    def _frames(self) -> Generator[Frame, None, None]:
        """The frames, in order of time."""

    @abstractmethod
    def _close(self) -> None:
        """Let go of everything; called also when ``_open`` failed half-way."""

    def __enter__(self) -> Self:
        """Open the source.

        Raises:
            InputError: It cannot be read.
        """
        try:
            self._open()
        except BaseException:
            self._close()
            raise
        self._open_now = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the source."""
        self.close()

    def close(self) -> None:
        """Let go of the file or device; harmless when done already."""
        if self._running is not None:
            self._running.close()
        if self._open_now:
            self._open_now = False
            self._close()

    def __iter__(self) -> Iterator[Frame]:
        """Read the frames.

        Raises:
            RuntimeError: The source is not open, or was read already.
            InputError: The source fails in a way that leaves nothing to be used.
        """
        if not self._open_now:
            raise RuntimeError("a source is read inside its with block")
        if self._running is not None:
            raise RuntimeError("a source is read once")
        self._running = self._frames()
        return self._running


class FrameList(Source):
    """Frames that are already in memory: for replays and tests.

    Args:
        frames: Frames in order of time.
        duration_s: Length in seconds, if it is to be known ahead.
    """

    def __init__(self, frames: Iterable[Frame], duration_s: float | None = None) -> None:
        """Keep the frames."""
        super().__init__()
        self._list = list(frames)
        self._duration_s = duration_s
        self._position_s = 0.0

    @property
    def position_s(self) -> float:
        """Time of the last frame handed out, seconds."""
        return self._position_s

    @property
    def duration_s(self) -> float | None:
        """As given."""
        return self._duration_s

    def _open(self) -> None:
        pass

    def _frames(self) -> Generator[Frame, None, None]:
        for frame in self._list:
            self._position_s = frame.time_s
            yield frame

    def _close(self) -> None:
        self._list = []
