"""When, within an episode, the person was in its posture: the parts that `Episode.in_state_s` adds up."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise

from posture.engine.breaks import interrupts
from posture.engine.spans import is_seen
from posture.types import Episode, EpisodeKind, Posture, Span

_COUNTS: dict[EpisodeKind, Callable[[Span], bool]] = {
    EpisodeKind.FLEXED: lambda s: s.posture is Posture.FLEXED and s.seated is not False,
    EpisodeKind.ANTERIOR_TILT: lambda s: s.posture is Posture.ANTERIOR_TILT and s.seated is not False,
    EpisodeKind.SITTING: lambda s: not interrupts(s),
    EpisodeKind.STILLNESS: lambda s: is_seen(s) and s.seated is True,
}
"""Whether a span within an episode counts towards its time in the posture, as the trackers of `exposure` and `stillness` count it."""


def in_posture(episode: Episode, spans: Sequence[Span]) -> list[tuple[float, float]]:
    """Return start and end, seconds, of each unbroken part of an episode that was spent in its posture.

    Args:
        episode: one of the recording or session.
        spans: in order of time, without overlap, on the same clock.
    """
    counts, out = _COUNTS[episode.kind], list[tuple[float, float]]()
    first = bisect_right(spans, episode.start_s, key=lambda s: s.end_s)
    last = bisect_left(spans, episode.end_s, key=lambda s: s.start_s)
    for span in spans[first:last]:
        start, end = max(span.start_s, episode.start_s), min(span.end_s, episode.end_s)
        if not counts(span) or start >= end:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def joined(parts: Sequence[tuple[float, float]], gap_s: float) -> list[tuple[float, float]]:
    """Join parts that are less than `gap_s` apart: what no drawing could show as two."""
    if not parts:
        return []
    edges = [parts[0][0], *(t for a, b in pairwise(parts) if b[0] - a[1] >= gap_s for t in (a[1], b[0])), parts[-1][1]]
    return list(zip(edges[::2], edges[1::2], strict=True))
