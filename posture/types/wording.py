"""The same text for the person and about a person."""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    """What is said to a person of their own day, and of a person in a recording, who is somebody else to the reader."""

    own: str
    other: str

    def to(self, *, own: bool) -> str:
        """Return the words for one's own day (`own`), or for a recording of a person."""
        return self.own if own else self.other
