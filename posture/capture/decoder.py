"""Decodes the pictures of a file, from any moment on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import av
from av.container import InputContainer

from posture.capture.announced import following, structure_of
from posture.capture.coded import CodedPictures
from posture.capture.decoding import BaseDecoder
from posture.capture.opening import FilePart, check_is_file, open_container
from posture.capture.picture import TimedPicture
from posture.capture.timing import LONGEST_GAP_S
from posture.errors import InputError

_LANDING_S = 10.0  # seeking may land behind the wanted moment: the second try goes this much further back
_MOST_PARTS = 10_000
"""Recordings glued together in one file."""


class Decoder(BaseDecoder):
    """The pictures of a file.

    Args:
        path: The file.
        wanted_hz: As for every decoder.
        threads: As for every decoder.
        fps: As for every decoder.
        skip_still: Leave stretches undecoded in which nothing moves, by the sizes of the coded pictures and by the key pictures; the
            pictures in them show the key picture before, and say so.
    """

    _strict = True

    def __init__(
        self, path: Path, wanted_hz: float = math.inf, threads: int = 0, fps: float | None = None, *, skip_still: bool = False
    ) -> None:
        """Open the file and decode its first picture."""
        self._skips_still = skip_still
        check_is_file(path)
        self._path = path
        self._starts: list[int] = []
        self._offset = self._parts = 0
        super().__init__(path.name, wanted_hz, threads, fps)

    def _open(self) -> InputContainer:
        container = open_container(self._path)
        self._ending, self._starts = structure_of(self._path, container.format.name)
        self._offset = self._starts.pop(0)
        if not self._starts:
            return container
        container.close()  # libav reads on into the next one, if it goes on at all
        return self._open_part(self._offset)

    def _open_part(self, start: int) -> InputContainer:
        self._offset, self._parts = start, self._parts + 1
        end = self._starts[0] if self._starts else self._path.stat().st_size
        part = FilePart(self._path, start, end)
        try:
            return open_container(self._path, part)
        except InputError:
            part.close()
            raise

    def _go_on(self) -> bool:
        kind = self.container.format.name
        start = self._starts.pop(0) if self._starts else following(self._path, kind, self._offset + self._coded.read_to_byte)
        if start is None or start <= self._offset or self._parts > _MOST_PARTS:
            return False
        container = self.container
        self._ending = replace(self._ending, more=True)
        try:
            self._use(self._open_part(start))
        except (InputError, OSError):  # no recording after all
            return False
        container.close()
        self._first_shape = ()
        self._coded = CodedPictures(self.container, self.stream, self._given_fps)
        self._lag_s = None
        return True

    def pictures(self, start_s: float = 0.0) -> Iterator[TimedPicture]:
        """As for every decoder; what comes before start_s is passed over as far as possible."""
        if start_s <= 0:
            return self._accounted(chain([self.first], self._rising(self._running, 0.0)), 0.0)
        return self._accounted(self._from_before(start_s), start_s)

    def key_time(self, near_s: float) -> float | None:
        """Tell where a key picture at or before this time is, seconds; nothing is decoded. Afterwards pictures are asked for from there on.

        ``None`` where the file cannot be sought, does not say, or its clock leaps there by more than is believed.
        """
        if not self.announced.sought or not self._seek(near_s):
            return None
        for packet, stamp in self._coded:
            if packet.is_keyframe:
                own_s = stamp.moment_s
                time_s = None if own_s is None else round(own_s - self.zero_s, 9)
                return time_s if time_s is not None and near_s - time_s <= LONGEST_GAP_S else None
        return None

    def _from_before(self, start_s: float) -> Iterator[TimedPicture]:
        """Yield pictures from a key picture at or before start_s on."""
        for target_s in (start_s, start_s - _LANDING_S):
            if self.announced.sought and target_s > 0 and self._seek(target_s):
                pictures = self._rising(self._running, -math.inf)
                landed = next(pictures, None)
                if landed is not None and landed.time_s <= start_s:
                    return chain([landed], pictures)
        self.close()
        self._begin()
        self._forget(start_s)
        return self._rising(self._running, -math.inf)

    def _seek(self, time_s: float) -> bool:
        self._running.close()
        base = self.stream.time_base
        if base is None:
            return False
        try:
            self.container.seek(round((time_s + self.zero_s) / base), stream=self.stream)
        except av.FFmpegError:
            return False
        self._forget()
        return True
