"""The words and the menu of the tray, as data. Draws nothing, runs nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from posture.desktop.notifications.notice import buttons_of
from posture.engine import SessionStatus
from posture.prompts import Catalogue, EntryKind, Place, SilenceReason, silence_of
from posture.time_parsing import moment_words, span_words
from posture.types import MODE_WORDS, Answer, EpisodeKind, Mode, Posture, ReportKind

LONGEST = 127
"""Characters of a tooltip; Windows takes no more."""
_DOT = " · "
QUARTER_S, HOUR_S = 900.0, 3600.0


class TrayCommand(StrEnum):
    """The commands of the menu."""

    PAUSE_FOR = "pause_for"
    PAUSE_UNTIL_TOMORROW = "pause_until_tomorrow"
    PAUSE_UNTIL_RESUMED = "pause_until_resumed"
    RESUME = "resume"
    CALIBRATE = "calibrate"
    PREVIEW = "preview"
    OPEN = "open"
    TODAY = "today"
    REPORT = "report"
    EXERCISE = "exercise"
    ANSWER = "answer"
    AGAIN = "again"
    ACKNOWLEDGE = "acknowledge"
    SETTINGS = "settings"
    DOCTOR = "doctor"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class TrayAction:
    """A command with its parameters; a field that its ``command`` does not need is ``None``."""

    command: TrayCommand
    seconds: float | None = None
    """How long to pause."""
    report: ReportKind | None = None
    prompt_id: str | None = None
    """Which entry of the catalogue to show."""
    number: int | None = None
    """Which prompt is answered."""
    answer: Answer | None = None
    """With what."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu: with an action, with items of its own, or with neither (only to be read)."""

    label: str
    action: TrayAction | None = None
    items: tuple[Item, ...] = ()


LINE = Item("")
"""A line between groups."""
OPEN = TrayAction(TrayCommand.OPEN)
"""What a click on the icon itself does, where that is not the menu."""
SEEN = {
    Posture.NEUTRAL: "Sitting upright",
    Posture.FLEXED: "Leaning or slumped",
    Posture.ANTERIOR_TILT: "Pelvis tipped forward",
    Posture.AWAY: "Nobody in the picture",
}
CALIBRATE = "Calibrate"
AGAIN = "Calibrate again"
"""The label of that line while the calibration no longer fits."""
READ = "I have read it"
_LONGEST_TITLE, _LONGEST_ADVICE = 50, 100
_FEELINGS = {
    ReportKind.URGE: "Urge to crack",
    ReportKind.CRACKED: "Cracked it",
    ReportKind.STIFF: "Stiff",
    ReportKind.PAIN: "Pain",
    ReportKind.NUMB: "Numb",
    ReportKind.WEAK: "Weak",
    ReportKind.STRESS: "Tense from stress",
}


def status(state: SessionStatus) -> str:
    """Say in a few words what is seen, or that nothing is and why; while something is, also that the calibration misfits."""
    told = _seen(state)
    if not state.advice or state.posture is None:
        return told
    return f"{told}; {_cut(_clause(state.advice.partition(';')[0]), _LONGEST_ADVICE)}"


def _seen(state: SessionStatus) -> str:
    words = _clause(state.words)
    if state.mode is Mode.PAUSED:
        end = state.paused_until_utc
        until, why = ("", f": {words}" if words else "") if end is None else (f" until {moment_words(end, datetime.now())}", "")
        return f"Paused{until}, camera off{why}"
    if state.mode is not Mode.RUNNING:
        return MODE_WORDS[state.mode].capitalize()
    if state.posture is None:
        return f"Can't see you: {words}" if words else "Can't see you well enough to measure"
    silence = silence_of(state)
    if silence is None or not silence.hinders or silence.reason is SilenceReason.AWAY:
        return SEEN[state.posture]
    return f"{SEEN[state.posture]}; {_clause(silence.words)}"


def figures(state: SessionStatus) -> str:
    """Say the minutes sat and the bent time (the dose of flexed sitting) against its limit, as of the last reading."""
    flexed_s, sitting_s = (state.dose_s.get(kind, 0.0) for kind in (EpisodeKind.FLEXED, EpisodeKind.SITTING))
    return f"Sat {_minutes(sitting_s)} min, bent time {_progress(flexed_s, state.soft_s)}"


def status_line(state: SessionStatus) -> str:
    """Return status and figures in one line short enough for every system: the tooltip."""
    told, counts = status(state), figures(state)
    room = LONGEST - len(counts) - len(_DOT)
    return f"{_cut(told, room)}{_DOT}{counts}"


@dataclass(frozen=True, slots=True)
class Exercises:
    """The exercises of the menu, as (id, title)."""

    desk: tuple[tuple[str, str], ...] = ()
    guided: tuple[str, ...] = ()
    """Titles of those that the camera counts where they are shown."""
    referral: tuple[str, str] = ("referral", "Please see a professional")
    """Stands in the place of the exercises while a red flag is up."""

    @classmethod
    def of(cls, catalogue: Catalogue, guided: Collection[str] = ()) -> Exercises:
        """Select the catalogue's exercises for the desk; `guided`: ids of those that the camera counts where they are shown."""
        kinds = {EntryKind.EXERCISE, EntryKind.GET_UP, EntryKind.HABIT}
        desk = tuple((p.id, p.title) for p in catalogue.prompts if p.where is Place.DESK and p.kind in kinds)
        return cls(desk, tuple(catalogue.title_of(i) for i in guided), (catalogue.referral.id, catalogue.referral.title))


def menu(state: SessionStatus, exercises: Exercises) -> tuple[Item, ...]:
    """Return the whole menu; its first two lines are only to be read, and alone change from minute to minute."""
    return (
        Item(status(state)),
        Item(figures(state)),
        LINE,
        Item("Open", OPEN),
        *_waiting(state, exercises),
        LINE,
        _pause(state),
        LINE,
        Item("Today's summary", TrayAction(TrayCommand.TODAY)),
        _how_i_feel(),
        _exercises(state, exercises),
        _last(state),
        LINE,
        Item(AGAIN if state.advice else CALIBRATE, TrayAction(TrayCommand.CALIBRATE)),
        Item("Preview", TrayAction(TrayCommand.PREVIEW)),
        Item("Settings file", TrayAction(TrayCommand.SETTINGS)),
        Item("Doctor", TrayAction(TrayCommand.DOCTOR)),
        LINE,
        Item("Quit", TrayAction(TrayCommand.QUIT)),
    )


def needs_attention(state: SessionStatus) -> bool:
    """Whether something waits for the person: a reminder, the referral, a camera that is gone."""
    return state.flagged or state.prompt is not None or state.mode is Mode.CAMERA_LOST


def actions(items: tuple[Item, ...]) -> Iterator[TrayAction]:
    """Yield every action that the items and their items offer."""
    for item in items:
        if item.action is not None:
            yield item.action
        yield from actions(item.items)


def _waiting(state: SessionStatus, exercises: Exercises) -> tuple[Item, ...]:
    """Return what waits for an answer: the referral while a red flag is up, else the last prompt."""
    if state.flagged:
        return (LINE, _show(exercises.referral), Item(READ, TrayAction(TrayCommand.ACKNOWLEDGE)))
    if state.prompt is None:
        return ()
    number, title = state.prompt
    labels = {**buttons_of(state.snooze_s, guided=title in exercises.guided), Answer.NOT_NOW: "Not now"}
    offered = (Answer.SHOW, Answer.NOT_NOW) if title == exercises.referral[1] else tuple(labels)
    items = tuple(Item(labels[a], TrayAction(TrayCommand.ANSWER, number=number, answer=a)) for a in offered)
    return (LINE, Item(f"Last reminder: {_cut(title, _LONGEST_TITLE)}", items=items))


def _pause(state: SessionStatus) -> Item:
    if state.mode is Mode.PAUSED:
        return Item("Resume", TrayAction(TrayCommand.RESUME))
    return Item(
        "Pause",
        items=(
            Item("For 15 minutes", TrayAction(TrayCommand.PAUSE_FOR, seconds=QUARTER_S)),
            Item("For 1 hour", TrayAction(TrayCommand.PAUSE_FOR, seconds=HOUR_S)),
            Item("Until tomorrow", TrayAction(TrayCommand.PAUSE_UNTIL_TOMORROW)),
            Item("Until resumed", TrayAction(TrayCommand.PAUSE_UNTIL_RESUMED)),
        ),
    )


def _how_i_feel() -> Item:
    return Item("How I feel", items=tuple(Item(label, TrayAction(TrayCommand.REPORT, report=kind)) for kind, label in _FEELINGS.items()))


def _exercises(state: SessionStatus, exercises: Exercises) -> Item:
    if state.flagged:
        return Item("Exercises wait until you've read that")
    if not exercises.desk:
        return Item("No exercises in the catalogue")
    return Item("Exercises", items=tuple(_show(entry) for entry in exercises.desk))


def _last(state: SessionStatus) -> Item:
    if state.last is None:
        return Item("No reminder to show again")
    return Item(f"Show again: {_cut(state.last, _LONGEST_TITLE)}", TrayAction(TrayCommand.AGAIN))


def _show(entry: tuple[str, str]) -> Item:
    return Item(entry[1], TrayAction(TrayCommand.EXERCISE, prompt_id=entry[0]))


def _cut(text: str, most: int) -> str:
    """Cut to at most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _progress(done_s: float, limit_s: float) -> str:
    """Return how far it is to a limit: in whole minutes, unless the limit is none."""
    if limit_s >= 60.0 and limit_s % 60.0 == 0.0:
        return f"{_minutes(done_s)} of {_minutes(limit_s)} min"
    return f"{span_words(done_s)} of {span_words(limit_s)}"


def _minutes(seconds: float) -> int:
    return int(seconds // 60)


def _clause(words: str) -> str:
    """Turn a sentence into the end of another one."""
    words = words.strip().rstrip(".")
    second = words[1:2]
    return words if second.isupper() else words[:1].lower() + words[1:]
