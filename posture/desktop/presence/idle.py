"""Whether keyboard and mouse are idle, by whichever of several sources can say: the compositor, Mutter, the X server."""

from __future__ import annotations

import threading

from posture.desktop.presence.changes import Aspect, Capabilities, Capability, Publisher


class IdleSources:
    """Puts together what the sources say, from any thread. It is idle as long as one of them says so; one that is lost says nothing."""

    def __init__(self, publisher: Publisher, known: Capabilities, idle_s: float) -> None:
        """`idle_s`: after so many seconds without a key or a movement it is idle."""
        self._publisher, self._known, self.idle_s = publisher, known, idle_s
        self._lock = threading.Lock()
        self._idle: set[str] = set()
        self._said: dict[str, Capability] = {}

    def say(self, source: str, idle: bool) -> None:
        """Note whether it is idle, says a source that knows."""
        with self._lock:
            (self._idle.add if idle else self._idle.discard)(source)
            length = f"{self.idle_s / 60:.0f} min" if self.idle_s >= 60 else f"{self.idle_s:g} s"
            self._publisher.publish(Aspect.IDLE, f"keyboard and mouse haven't been used for {length}" if self._idle else None)

    def yes(self, source: str, words: str) -> None:
        """Note how a source knows."""
        self._note(source, Capability(True, words))

    def no(self, source: str, words: str, fix: str = "") -> None:
        """Note why a source doesn't know, or no longer; without `words` it has no part in this session."""
        self._note(source, Capability(False, words, fix))
        self.say(source, idle=False)

    def _note(self, source: str, said: Capability) -> None:
        with self._lock:
            self._said[source] = said
            by_use = sorted(self._said.values(), key=lambda one: (not one.known, not one.words))
            self._known[Aspect.IDLE] = by_use[0] if by_use[0].words else Capability(False, "there is no graphical session to ask")
