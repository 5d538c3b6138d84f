"""Several faces of one session as one: what is told to one is told to all."""

from __future__ import annotations

from collections.abc import Sequence

from posture.monitor import Face, Now


class Faces:
    """Passes everything on."""

    def __init__(self, faces: Sequence[Face]) -> None:
        """To `faces`, in this order."""
        self._faces = faces

    def now(self, now: Now) -> None:
        """The state of the moment."""
        for face in self._faces:
            face.now(now)

    def say(self, words: str) -> None:
        """Something happened."""
        for face in self._faces:
            face.say(words)
