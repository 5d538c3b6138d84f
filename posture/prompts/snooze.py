"""Prompts that the person put off: until when all is silent, and what comes back then. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from posture.prompts.selection import Reaction
from posture.types import Answer, EpisodeKind, ShownPrompt


class Snoozes:
    """At most one prompt of a kind is put off; times in seconds on one clock."""

    def __init__(self, snooze_s: float) -> None:
        """`snooze_s`: how long a prompt is put off."""
        self._snooze_s = snooze_s
        self._until_s = -math.inf
        self._back: dict[EpisodeKind | None, ShownPrompt] = {}
        self._doubtful: set[EpisodeKind | None] = set()

    def restore(self, reactions: Mapping[ShownPrompt, Reaction]) -> list[ShownPrompt]:
        """Take up what was snoozed before second 0 and goes on beyond it; return what will come back.

        A snooze that ran out before is over: what was due then is due no more. The referral is not taken up, as an open red
        flag shows it at once.
        """
        for shown, reaction in reactions.items():
            at_s = reaction.answered_s
            if reaction.answer is Answer.SNOOZE and at_s is not None and at_s + self._snooze_s > 0.0 and shown.kind is not None:
                self.put_off(shown, at_s, comes_back=shown.episode_start_s is not None)
        self._doubtful = set(self._back)
        return list(self._back.values())

    def put_off(self, shown: ShownPrompt, time_s: float, *, comes_back: bool) -> None:
        """Put off `shown`, snoozed at `time_s`: silence from now on, and if it `comes_back` that prompt at its end."""
        self._until_s = max(self._until_s, time_s + self._snooze_s)
        if comes_back:
            self._back[shown.kind] = shown

    def confirm(self, kind: EpisodeKind) -> None:
        """Note that the cause of a kind was seen since second 0: what was taken up of it may come back."""
        self._doubtful.discard(kind)

    def drop_doubtful(self) -> None:
        """Drop what was taken up and whose cause was not seen again by the end of the silence."""
        for kind in self._doubtful:
            self._back.pop(kind, None)
        self._doubtful.clear()

    def take_back(self, shown: ShownPrompt) -> None:
        """Take back `shown`, which was answered otherwise: it comes back no more, and the silence ends with the last one."""
        if self._back.get(shown.kind) == shown:
            del self._back[shown.kind]
            self._until_s = self._until_s if self._back else -math.inf

    def drop(self, kind: EpisodeKind | None) -> bool:
        """Let the prompt of that kind not come back (again), and tell whether there was one. The silence stays as it is."""
        return self._back.pop(kind, None) is not None

    def until_s(self, time_s: float) -> float | None:
        """Tell when the silence ends; ``None`` if there is none at `time_s`."""
        return self._until_s if time_s < self._until_s else None

    def waiting(self, order: Iterable[EpisodeKind]) -> list[tuple[EpisodeKind, ShownPrompt]]:
        """Tell what comes back once the silence is over, in that order; without the referral."""
        return [(kind, self._back[kind]) for kind in order if kind in self._back and kind not in self._doubtful]
