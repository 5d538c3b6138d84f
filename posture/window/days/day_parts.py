"""The parts of the page of a day: each shows what the day has of it, and is hidden where it has nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from posture.days import Associations, Day, Suggestion
from posture.prompts import Silence
from posture.reports.day import exercises, labels, rows
from posture.reports.labels import DISCLAIMER, EPISODE_NOTE, STYLES, count_words, helped_words
from posture.types import Posture
from posture.window.days.day_chart import HINT, DayChart
from posture.window.days.painting import Legend, MarkKey
from posture.window.days.table import FactTable
from posture.window.parts import Figures, Section, Unfolding, set_or_hide
from posture.window.widgets import button, heading, words


class Lead(QWidget):
    """The one sentence of the day, what stands under it, and its figures."""

    def __init__(self) -> None:
        """Make it empty."""
        super().__init__()
        self.headline = heading("", 1)
        self.lede, self.silence, self.figures = words(), words(dim=True), Figures()
        _stack(self, self.headline, self.lede, self.silence, self.figures)

    def set_day(self, day: Day, silence: Silence | None) -> None:
        """Show a day; `silence`: why no reminder comes now."""
        self.headline.setText(labels.headline(day))
        self.lede.setText(labels.lede(day))
        self.set_silence(silence)
        self.figures.set_figures(rows.day_figures(day))

    def set_silence(self, silence: Silence | None) -> None:
        """Say why no reminder comes now; ``None``: nothing is to be said."""
        set_or_hide(self.silence, silence.words if silence is not None else "")


class Timeline(Section):
    """The day minute by minute, and the same hour by hour as a table."""

    def __init__(self) -> None:
        """Make it empty."""
        self.chart = DayChart()
        self.read_out, self.change = words(HINT, dim=True), words(dim=True)
        self.chart.walked.connect(lambda said: self.read_out.setText(said or HINT))
        marks = (
            (MarkKey("helped", "+"), "reminder, then you moved"),
            (MarkKey("snoozed", "z"), "snoozed"),
            (MarkKey("ignored", "-"), "ignored"),
            (MarkKey("unheard", "?"), "not known what followed"),
        )
        legend = Legend()
        self._exercise_key = legend.add_exercise()
        self._prompt_keys = [legend.add(key, said) for key, said in marks]
        self._said_key = legend.add(MarkKey("said", "U"), "what you said: first letter")
        names = [STYLES[p].short for p in Posture]
        self.table = FactTable(
            "The day hour by hour; minutes of each posture, and the highest bent time in minutes",
            ("From", *names, "bent time", "reminders", "you said"),
            right=range(1, len(names) + 3),
        )
        self.hours = Unfolding("The same hour by hour, as a table", words("Minutes of each hour.", dim=True), self.table)
        super().__init__("The day, minute by minute", self.chart, self.change, self.read_out, legend, self.hours)

    def set_day(self, day: Day) -> None:
        """Show a day; hidden where nothing was recorded, shown or said."""
        self.setVisible(not (day.blank and not day.reports and not day.summary.prompts and not day.exercises))
        self._exercise_key.setVisible(bool(day.exercises))
        self.chart.set_day(day)
        set_or_hide(self.change, self.chart.change_words)
        self.read_out.setText(self.chart.selected or HINT)
        for key in self._prompt_keys:
            key.setVisible(bool(day.summary.prompts))
        self._said_key.setVisible(bool(day.reports))
        self.table.set_rows(
            [
                (since, *(str(minutes[p] or "") for p in Posture), bent, str(prompts or ""), said)
                for since, minutes, bent, prompts, said in rows.hours_of(day)
            ]
        )


class Postures(Section):
    """How long in each posture, and the facts beside it."""

    def __init__(self) -> None:
        """Make it empty."""
        self.table = FactTable("Time in each posture", ("Posture", "Time", "Share", ""), right=(1, 2))
        self.facts = words()
        super().__init__("Time in each posture", self.table, self.facts)

    def set_day(self, day: Day) -> None:
        """Show a day; hidden on a blank one."""
        self.setVisible(not day.blank)
        if not day.blank:
            self.table.set_rows([row[1:] for row in rows.class_rows(day)])
            self.facts.setText(f"{', '.join(rows.facts(day))}.")


class Reminders(Section):
    """The day's reminders, what followed, and those that were held back."""

    def __init__(self) -> None:
        """Make it empty."""
        self.none = words("No reminder was due.", dim=True)
        self.table = FactTable("Reminders", ("Time", "Reminder", "Then you"), wide=1)
        self.helped = words(dim=True)
        self.held_table = FactTable("Reminders that were held back", ("Since", "About", "Why"))
        self.held = Unfolding("", self.held_table)
        super().__init__("Reminders, and what followed", self.none, self.table, self.helped, self.held)

    def set_day(self, day: Day) -> None:
        """Show a day; hidden on a blank one without any."""
        prompts, held = rows.prompt_rows(day), labels.held_rows(day)
        self.setVisible(bool(prompts or held or not day.blank))
        self.none.setVisible(not prompts and not held)
        self.table.set_rows(prompts)
        self.table.setVisible(bool(prompts))
        set_or_hide(self.helped, "" if day.summary.helped is None else _sentence(helped_words(day.summary.helped)))
        self.held.set_title(f"{count_words(len(held), 'reminder')} held back, and why")
        self.held_table.set_rows(held)
        self.held.setVisible(bool(held))


class Exercises(Section):
    """The day's guided exercises, and how each went."""

    def __init__(self) -> None:
        """Make it empty."""
        self.table = FactTable(exercises.TITLE, ("Time", "Exercise", "How it went"), wide=2)
        super().__init__(exercises.TITLE, self.table)

    def set_day(self, day: Day) -> None:
        """Show a day; hidden where none was done."""
        self.setVisible(bool(day.exercises))
        self.table.set_rows(exercises.exercise_rows(day))


class Comparison(Section):
    """The day beside the days before it."""

    def __init__(self) -> None:
        """Make it empty."""
        self.table = FactTable("Compared with your other days", ("", "this day", "last 7", "last 28"), right=(1, 2, 3), wide=0)
        super().__init__("Compared with your other days", self.table, words(rows.COMPARED_NOTE, dim=True))

    def set_day(self, day: Day) -> None:
        """Show a day; hidden where there is nothing to compare with."""
        found = rows.compared(day)
        self.setVisible(bool(found))
        if found:
            self.table.set_rows(found[1:], found[0])


class Longest(Section):
    """The longest stretches in one posture."""

    def __init__(self) -> None:
        """Make it empty."""
        self.table = FactTable("Longest in one posture", [h.capitalize() for h in rows.LONGEST_HEADING])
        super().__init__("Longest in one posture", self.table, words(EPISODE_NOTE, dim=True))

    def set_day(self, day: Day) -> None:
        """Show a day; hidden where no stretch was long."""
        found = rows.longest_rows(day)
        self.setVisible(bool(found))
        self.table.set_rows(found)


class Together(Section):
    """What went together with what was reported, over twelve weeks."""

    def __init__(self) -> None:
        """Make it empty."""
        super().__init__("What went together, over twelve weeks")
        self._shown: tuple[Associations, ...] = ()
        self._parts: list[QWidget] = []

    def set_day(self, day: Day) -> None:
        """Show a day; hidden where nothing was reported in that time."""
        self.setVisible(bool(day.associations))
        if day.associations == self._shown:
            return
        self._shown = day.associations
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts = [part for found in day.associations for part in self._of(found)]
        for part in self._parts:
            self.body.addWidget(part)

    def _of(self, found: Associations) -> list[QWidget]:
        name = rows.TOGETHER_TITLES.get(found.kind, str(found.kind))
        first, *more = labels.together_words(found)
        out: list[QWidget] = [bold(name), words(first)]
        if found.before is not None and found.others is not None:
            heading_ = ("Medians per hour", f"before ({found.before.hours})", f"other hours ({found.others.hours})")
            table = FactTable(name, heading_, right=(1, 2), wide=0)
            table.set_rows(rows.hour_rows(found.before, found.others))
            out.append(table)
        return [*out, *(words(line, dim=True) for line in more)]


class Try(Section):
    """The one thing to try."""

    def __init__(self, title: str, how: Callable[[str], object]) -> None:
        """Make it empty. `how`: called with the id of the exercise when the person wants to see how it is done."""
        self._title = title
        self.what, self.why, self.passage, self.source = bold(""), words(), words(), words(dim=True)
        self.how = button("How to do it", lambda: how(self._prompt_id), main=True)
        self.how.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._prompt_id = ""
        super().__init__(title, self.what, self.why, self.passage, self.source, self.how)

    def set_suggestion(self, found: Suggestion | None) -> None:
        """Show a suggestion; without one it is hidden."""
        self.setVisible(found is not None)
        if found is not None:
            self._prompt_id = found.prompt_id
            self.what.setText(found.title)
            self.why.setText(found.why)
            set_or_hide(self.passage, found.passage_words)
            self.source.setText(f"This is {found.source}.")


class Measured(Section):
    """How it was measured, and how sure that is."""

    def __init__(self) -> None:
        """Make it empty."""
        self.coverage, self.notes, self.sessions = words(), words(), words()
        super().__init__(
            "How it was measured", self.coverage, self.notes, self.sessions, words(labels.UNCERTAIN, dim=True), words(DISCLAIMER, dim=True)
        )

    def set_day(self, day: Day) -> None:
        """Show a day."""
        self.coverage.setText("Nothing was recorded on this day." if day.blank else labels.coverage(day.totals))
        set_or_hide(self.notes, "" if day.blank else " ".join(day.summary.notes))
        sessions = rows.sessions_words(day)
        set_or_hide(self.sessions, f"Camera: {sessions}." if sessions else "")


def bold(text: str) -> QLabel:
    """Return a line in bold."""
    label = words(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def _stack(widget: QWidget, *parts: QWidget) -> None:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    for part in parts:
        column.addWidget(part)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
