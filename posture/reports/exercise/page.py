"""The page of one entry of the catalogue: how it is done, a timer, why, when not. One self-contained file, no network.

Its only script is its own timer, named by hash in the page's content security policy; without scripts the page is complete.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, dataclass
from xml.etree import ElementTree as ET

from posture.errors import PostureError
from posture.prompts import GENERAL_SAFETY, OUR_CAUTION, WAITS, Catalogue, EntryKind, Prompt
from posture.reports.exercise.timer import TimerPhase, TimerPlan
from posture.reports.html_templates import Drawing, data_uri, environment

NBSP = "\N{NO-BREAK SPACE}"
_OWN_TAGS = {"svg", "title", "desc", "g", "path", "circle", "rect"}
_OWN_ATTRIBUTES = {
    *("viewBox", "class", "role", "aria-labelledby", "id", "stroke-linecap", "stroke-linejoin", "transform", "opacity", "d", "fill"),
    *("stroke", "stroke-width", "stroke-dasharray", "cx", "cy", "r", "x", "y", "width", "height", "rx"),
}
_HEAD = re.compile(r"<(title|desc)\b.*?</\1>|<svg\b[^>]*>|</svg>", re.DOTALL)
_VIEW = re.compile(r"Seen from [a-z ]+")
_GRAPHIC = re.compile(r"-?[\d.]+( -?[\d.]+){3}")


@dataclass(frozen=True, slots=True)
class Figure:
    """One drawing as the page carries it."""

    said: str
    """Its text alternative."""
    markup: str | None = None
    """What stands inside the SVG element, of one of our own drawings: it can be read from the page."""
    view_box: str = ""
    uri: str | None = None
    """A data URI, of any other drawing: as a picture it can neither run nor load anything."""
    view: str | None = None
    """From where the person is seen, where that is not the side."""


def page_of(
    prompt: Prompt, catalogue: Catalogue, drawing: Drawing, *, plan: TimerPlan | None = None, flagged: bool = False, linked: bool = False
) -> str:
    """Return the page of one entry, complete HTML.

    Args:
        prompt: the entry.
        catalogue: what its passages say.
        drawing: gives its drawings; one that is missing leaves the step in words.
        plan: what the timer counts, by `posture.reports.exercise.timer.plan_of`; without one there is no timer.
        flagged: a red flag of the reader's own is up: the page of the referral then says what waits for it.
        linked: the pages of the exercises that it leads to lie beside it, by their ids.
    """
    figures = [_figure(prompt, name, number, drawing) for number, name in enumerate(prompt.drawings, 1)]
    beside = len(figures) == len(prompt.steps)
    script = _script()
    return (
        environment(pace=_pace)
        .get_template("exercise.html.j2")
        .render(
            p=prompt,
            steps=list(zip(prompt.steps, figures if beside else [None] * len(prompt.steps), strict=True)),
            strip=[] if beside else [f for f in figures if f],
            ours=any(f and f.markup for f in figures),
            how=[str(x).replace("_", " ") for x in (prompt.position, prompt.duration, prompt.repetitions) if x],
            source=catalogue.source_of(prompt),
            cited=catalogue.cited(prompt.passages),
            movements=movements_of(prompt, catalogue),
            linked=linked,
            plan=plan,
            plan_json=json.dumps(asdict(plan)) if plan else "",
            rounds=_rounds(plan) if plan else "",
            script=script,
            script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
            our_caution=OUR_CAUTION,
            general_safety=GENERAL_SAFETY,
            waits=WAITS if flagged else None,
        )
    )


def _script() -> str:
    """Return the timer's code, to the byte as it stands in the page: the policy names it by its hash."""
    templates = environment(pace=_pace)
    assert templates.loader is not None
    return templates.loader.get_source(templates, "exercise.js")[0]


def _pace(phase: TimerPhase) -> str:
    minutes, seconds = divmod(round(phase.seconds), 60)
    return NBSP.join([*([f"{minutes}{NBSP}min"] if minutes else []), *([f"{seconds}{NBSP}s"] if seconds or not minutes else [])])


def movements_of(prompt: Prompt, catalogue: Catalogue) -> list[Prompt]:
    """Return the exercises that an explanation leads to: those that answer the same self-report."""
    if prompt.kind is not EntryKind.EXPLANATION:
        return []
    return [p for p in catalogue.prompts if p.kind is EntryKind.EXERCISE and set(p.reports) & set(prompt.reports)]


def _rounds(plan: TimerPlan) -> str:
    """Tell how often, in words; empty for a single hold."""
    if plan.most == 1 and len(plan.phases) == 1:
        return ""
    if plan.most == 1:
        return "1 round"
    return f"{plan.least} to {plan.most} rounds" if plan.least < plan.most else f"{plan.most} rounds"


def _figure(prompt: Prompt, name: str, number: int, drawing: Drawing) -> Figure | None:
    try:
        text = drawing(name)
    except PostureError:
        return None  # the step says it in words
    own = _own(text)
    if own is not None:
        return own
    return Figure(f"Drawing {number} of {len(prompt.drawings)}: {prompt.title}", uri=data_uri(text))


def _own(text: str) -> Figure | None:
    """Return a drawing that is drawn as ours are, ready to stand inside the page; ``None`` for any other."""
    if "<!" in text or "<?" in text:
        return None
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return None
    elements = list(root.iter())
    plain = all(e.tag.rpartition("}")[2] in _OWN_TAGS and e.attrib.keys() <= _OWN_ATTRIBUTES for e in elements)
    spoken = [e.text or "" for part in ("title", "desc") for e in elements if e.tag.endswith(part)]
    if not plain or root.get("class") != "pm-fig" or len(spoken) != 2 or not _GRAPHIC.fullmatch(root.get("viewBox", "")):
        return None
    if any((e.text or "").strip() or (e.tail or "").strip() for e in elements if not e.tag.endswith(("title", "desc"))):
        return None
    view = _VIEW.match(spoken[1])
    return Figure(
        ". ".join(s.strip().rstrip(".") for s in spoken) + ".",
        markup=_HEAD.sub("", text).strip(),
        view_box=root.get("viewBox", ""),
        view=view[0].strip() if view else None,
    )
