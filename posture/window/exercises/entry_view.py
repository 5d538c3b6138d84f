"""One exercise: how it is done, with drawings and timer, when not to, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from posture.prompts import GENERAL_SAFETY, OUR_CAUTION, Catalogue, EntryKind, Prompt
from posture.reports import movements_of
from posture.reports.exercise.timer import plan_of
from posture.window.days.day_parts import bold
from posture.window.exercises.drawing import DrawingView
from posture.window.exercises.guided import GuidedView
from posture.window.exercises.timer import TimerCard
from posture.window.flow import FlowLayout
from posture.window.parts import Section
from posture.window.widgets import button, heading, words

_COLUMN_PX = 136
_DRAWINGS_NOTE = (
    "In the drawings, the orange line is the spine, the bowl is the pelvis (in side views), and an arrow is a movement. "
    "The far arm or leg is grey; another position is pale."
)


class EntryView(QWidget):
    """An entry of the catalogue in full."""

    def __init__(
        self,
        entry: Prompt,
        catalogue: Catalogue,
        drawings: Mapping[str, str],
        chosen: Callable[[str], object],
        guided: GuidedView | None = None,
    ) -> None:
        """Make it.

        Args:
            entry: what is shown.
            catalogue: what its passages say, and what it leads to.
            drawings: SVG texts by their names; a step whose drawing is missing says it in words.
            chosen: called with the id of another entry that the person wants to see.
            guided: counts it with the camera; ``None``: the camera cannot.
        """
        super().__init__()
        self.entry = entry
        self.timer: TimerCard | None = None
        """``None``: nothing is to be counted."""
        self.title = heading(entry.title)
        self._pictures: dict[int, DrawingView] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        how = " · ".join(str(x).replace("_", " ") for x in (entry.position, entry.duration, entry.repetitions) if x)
        for part in (self.title, *([words(how, dim=True)] if how else []), words(entry.why), *self._cautions()):
            column.addWidget(part)
        column.addWidget(self._steps(drawings))
        self.guided = guided
        if guided is not None:
            column.addWidget(guided)
        if (plan := plan_of(entry)) is not None:
            self.timer = TimerCard(plan)
            self.timer.stepped.connect(self._mark)
            column.addWidget(self.timer)
        if movements := movements_of(entry, catalogue):
            column.addWidget(self._movements(movements, chosen))
        column.addWidget(self._source(catalogue))

    def leave(self) -> None:
        """Let the timer stand still, and end what the camera counts."""
        if self.timer is not None:
            self.timer.pause()
        if self.guided is not None:
            self.guided.leave()

    def _cautions(self) -> list[QWidget]:
        e, out = self.entry, list[QWidget]()
        if e.emergency:
            out.append(bold(f"{e.emergency} ({GENERAL_SAFETY})"))
        if e.stop_if:
            out.append(words(f"Stop if: {e.stop_if} ({OUR_CAUTION})"))
        if e.not_for:
            out.append(words(f"Ask first: {e.not_for} ({OUR_CAUTION})"))
        return [Section("Before you begin", *out)] if out else []

    def _steps(self, drawings: Mapping[str, str]) -> Section:
        entry = self.entry
        views = [self._view(name, number, drawings) for number, name in enumerate(entry.drawings, 1)]
        beside = len(views) == len(entry.steps)
        section = Section("How to do it" if entry.drawings else "What to do")
        if beside:
            pictured = QWidget()
            flow = FlowLayout(pictured, column=_COLUMN_PX, gap=16)
            for number, (step, view) in enumerate(zip(entry.steps, views, strict=True), 1):
                flow.addWidget(_step(number, step, view))
                if view is not None:
                    self._pictures[number] = view
            section.body.addWidget(pictured)
        else:
            strip = QWidget()
            flow = FlowLayout(strip, column=_COLUMN_PX, gap=16)
            for view in views:
                if view is not None:
                    flow.addWidget(view)
            if flow.count():
                section.body.addWidget(strip)
            for number, step in enumerate(entry.steps, 1):
                section.body.addWidget(_step(number, step, None))
        if any(views):
            section.body.addWidget(words(_DRAWINGS_NOTE, dim=True))
        return section

    def _view(self, name: str, number: int, drawings: Mapping[str, str]) -> DrawingView | None:
        svg = drawings.get(name)
        return None if svg is None else DrawingView(svg, f"Drawing {number} of {len(self.entry.drawings)}: {self.entry.title}")

    def _movements(self, movements: list[Prompt], chosen: Callable[[str], object]) -> Section:
        buttons = QWidget()
        flow = FlowLayout(buttons)
        for movement in movements:
            flow.addWidget(button(movement.title, partial(chosen, movement.id)))
        return Section("Gentle movements", buttons)

    def _source(self, catalogue: Catalogue) -> Section:
        section = Section("Where this comes from")
        if self.entry.more:
            section.body.addWidget(words(self.entry.more))
        section.body.addWidget(words(f"This is {catalogue.source_of(self.entry)}."))
        for article, said in catalogue.cited(self.entry.passages).items():
            section.body.addWidget(bold(f"{article[:1].upper()}{article[1:]}"))
            for passage in said:
                section.body.addWidget(words(passage, dim=True))
        if self.entry.kind is EntryKind.EXPLANATION:
            section.title.setText("Why")
        return section

    def _mark(self, step: int | None) -> None:
        for number, view in self._pictures.items():
            view.set_now(number == step)


def _step(number: int, text: str, view: DrawingView | None) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    if view is not None:
        column.addWidget(view)
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(count := bold(f"{number}."), 0, Qt.AlignmentFlag.AlignTop)
    count.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
    count.setWordWrap(False)
    line.addWidget(words(text), 1)
    column.addWidget(row)
    column.addStretch()
    return made
