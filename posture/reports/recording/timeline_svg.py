"""``timeline.svg``: the page's timeline as a drawing of its own, for papers and slides; its text stays text.

Colours are written out (drawing programs do not know CSS variables), for light ground alone; nothing is loaded from anywhere.
"""

from __future__ import annotations

from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports import labels as words
from posture.reports.html_templates import environment
from posture.reports.recording.chart import chart
from posture.types import Posture

WIDTH_PX = 960.0
_SIDE, _HEAD, _FOOT = 16.0, 62.0, 64.0


def timeline_svg(analysis: RecordingResult, _catalogue: Catalogue) -> bytes:
    """Return the drawing as UTF-8; its height follows what there is to show."""
    drawn = chart(analysis, WIDTH_PX - 2 * _SIDE, "t")
    s = analysis.summary
    legend = [
        (_SIDE + i * (WIDTH_PX - 2 * _SIDE) / len(Posture), p, f"{look.word}  {words.share_words(s.seconds.get(p, 0.0), s.total_s)}")
        for i, (p, look) in enumerate(words.STYLES.items())
    ]
    text = (
        environment()
        .get_template("timeline.svg.j2")
        .render(
            width=WIDTH_PX,
            height=_HEAD + drawn.height + _FOOT,
            side=_SIDE,
            head=_HEAD,
            foot=_HEAD + drawn.height + 18.0,
            chart=drawn,
            name=analysis.video.name,
            facts="  ·  ".join(words.facts_words(analysis)),
            legend=legend,
            disclaimer=words.disclaimer(analysis),
        )
    )
    return text.encode("utf-8", "replace")
