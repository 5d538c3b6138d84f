"""What the tray says and offers, as data: the state it shows, its words, and its menu. Draws nothing, runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from posture.desktop.notices import BUTTONS
from posture.model import Answer, Posture, ReportKind
from posture.prompts import Catalogue, EntryKind, Where
from posture.session import Mode

LONGEST = 127
"""Characters of a tooltip; Windows takes no more."""
_DOT = " · "
QUARTER_S, HOUR_S = 900.0, 3600.0


@dataclass(frozen=True, slots=True)
class TrayState:
    """All that the tray shows of a session at one moment."""

    mode: str
    """A value of ``session.Mode``."""
    posture: str | None = None
    """A value of ``model.Posture`` while it is measured; ``None`` when it is not."""
    flexed_s: float = 0.0
    """Dose of flexed sitting, seconds."""
    soft_s: float = 600.0
    """The dose that calls for a prompt, seconds."""
    sitting_s: float = 0.0
    """Unbroken sitting, seconds."""
    words: str = ""
    """What hinders measuring, or why prompts are held; empty if nothing does."""
    paused_until: str | None = None
    """The time of the clock at which a pause ends, in words; ``None``: when it is resumed."""
    prompts_held: bool = False
    flagged: bool = False
    """A red flag is up: no exercise is offered before it is acknowledged."""
    prompt: tuple[int, str] | None = None
    """Number and title of the prompt that waits for an answer."""
    advice: str = ""
    """What the person had better do about their calibration; empty if nothing."""


class Do(StrEnum):
    """What the person can ask for."""

    PAUSE_FOR = "pause_for"
    PAUSE_UNTIL_TOMORROW = "pause_until_tomorrow"
    PAUSE_UNTIL_RESUMED = "pause_until_resumed"
    RESUME = "resume"
    CALIBRATE = "calibrate"
    PREVIEW = "preview"
    TODAY = "today"
    REPORT = "report"
    EXERCISE = "exercise"
    ANSWER = "answer"
    ACKNOWLEDGE = "acknowledge"
    SETTINGS = "settings"
    DOCTOR = "doctor"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing asked for; a field that its ``do`` does not need is ``None``."""

    do: Do
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
    action: Action | None = None
    items: tuple[Item, ...] = ()


TO_READ = 2
LINE = Item("")
"""A line between groups."""
TODAY = Action(Do.TODAY)
"""What a click on the icon itself does, where that is not the menu."""
SEEN = {
    Posture.NEUTRAL: "Near your neutral",
    Posture.FLEXED: "Flexed",
    Posture.ANTERIOR_TILT: "Pelvis tipped forward",
    Posture.AWAY: "Nobody in the picture",
}
MODES = {
    Mode.READY: "Starting",
    Mode.OPENING: "Opening the camera",
    Mode.CAMERA_LOST: "Camera lost, looking for it",
    Mode.LENT: "Camera lent out, not measured",
    Mode.LOCKED: "Screen locked, camera off",
    Mode.PAUSED: "Paused, camera off",
    Mode.SUSPENDED: "Computer asleep",
    Mode.STOPPING: "Stopping",
    Mode.STOPPED: "Stopped",
}
CALIBRATE = "Calibrate"
AGAIN = "Calibrate again"
"""What that line is called while the calibration is said to fit no longer."""
READ = "I have read it"
_ANSWERS = {**BUTTONS, Answer.NOT_NOW: "Not now"}
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


def sees(state: TrayState) -> bool:
    """Whether a posture, or that nobody is there, is measured at this moment."""
    return state.mode == Mode.RUNNING and state.posture is not None and state.posture != Posture.UNKNOWN


def status(state: TrayState) -> str:
    """The state in a few words: what is seen, or that nothing is and why; while something is, also that the calibration misfits."""
    told = _seen(state)
    if not state.advice or not sees(state):
        return told
    return f"{told}; {_cut(_clause(state.advice.partition(';')[0]), _LONGEST_ADVICE)}"


def _seen(state: TrayState) -> str:
    if state.mode != Mode.RUNNING:
        if state.mode == Mode.PAUSED and state.paused_until:
            return f"Paused until {state.paused_until}, camera off"
        if state.mode == Mode.PAUSED and state.words:
            return f"Paused, camera off: {_clause(state.words)}"
        return MODES[Mode(state.mode)]
    if not sees(state):
        return f"Cannot see you: {_clause(state.words)}" if state.words else "Cannot see you well enough to measure"
    seen = SEEN[Posture(str(state.posture))]
    if not state.prompts_held:
        return seen
    return f"{seen}; prompts held: {_clause(state.words)}" if state.words else f"{seen}; prompts held"


def figures(state: TrayState) -> str:
    """Minutes sat and the dose of flexed sitting, both in whole minutes that are over; as of when it was last seen."""
    return f"Sat {_minutes(state.sitting_s)} min, flexed dose {_minutes(state.flexed_s)} of {_minutes(state.soft_s)} min"


def status_line(state: TrayState) -> str:
    """Status and figures on one line that no system finds too long: the tooltip."""
    told, counts = status(state), figures(state)
    room = LONGEST - len(counts) - len(_DOT)
    return f"{_cut(told, room)}{_DOT}{counts}"


@dataclass(frozen=True, slots=True)
class Exercises:
    """What the menu offers to show, as (id, title)."""

    desk: tuple[tuple[str, str], ...] = ()
    referral: tuple[str, str] = ("referral", "Please let a professional look at it")
    """Stands in the place of the exercises while a red flag is up."""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Exercises:
        """What the catalogue has for the desk."""
        kinds = {EntryKind.EXERCISE, EntryKind.GET_UP, EntryKind.HABIT}
        desk = tuple((p.id, p.title) for p in catalogue.prompts if p.where is Where.DESK and p.kind in kinds)
        return cls(desk, (catalogue.referral.id, catalogue.referral.title))


def menu(state: TrayState, exercises: Exercises) -> tuple[Item, ...]:
    """The whole menu; its first lines, as many as ``TO_READ``, are only to be read, and alone change from minute to minute."""
    return (
        Item(status(state)),
        Item(figures(state)),
        *_waiting(state, exercises),
        LINE,
        _pause(state),
        LINE,
        Item("Today's summary", TODAY),
        _how_i_feel(),
        _exercises(state, exercises),
        LINE,
        Item(AGAIN if state.advice else CALIBRATE, Action(Do.CALIBRATE)),
        Item("Preview", Action(Do.PREVIEW)),
        Item("Settings file", Action(Do.SETTINGS)),
        Item("Doctor", Action(Do.DOCTOR)),
        LINE,
        Item("Quit", Action(Do.QUIT)),
    )


def actions(items: tuple[Item, ...]) -> Iterator[Action]:
    """Every action that the items and their items offer."""
    for item in items:
        if item.action is not None:
            yield item.action
        yield from actions(item.items)


def _waiting(state: TrayState, exercises: Exercises) -> tuple[Item, ...]:
    """What waits for a word of the person: the referral while a red flag is up, else the last prompt."""
    if state.flagged:
        return (LINE, _show(exercises.referral), Item(READ, Action(Do.ACKNOWLEDGE)))
    if state.prompt is None:
        return ()
    number, title = state.prompt
    offered = (Answer.SHOW, Answer.NOT_NOW) if title == exercises.referral[1] else tuple(_ANSWERS)
    items = tuple(Item(_ANSWERS[a], Action(Do.ANSWER, number=number, answer=a)) for a in offered)
    return (LINE, Item(f"Last prompt: {_cut(title, _LONGEST_TITLE)}", items=items))


def _pause(state: TrayState) -> Item:
    if state.mode == Mode.PAUSED:
        return Item("Resume", Action(Do.RESUME))
    return Item(
        "Pause",
        items=(
            Item("For 15 minutes", Action(Do.PAUSE_FOR, seconds=QUARTER_S)),
            Item("For 1 hour", Action(Do.PAUSE_FOR, seconds=HOUR_S)),
            Item("Until tomorrow", Action(Do.PAUSE_UNTIL_TOMORROW)),
            Item("Until resumed", Action(Do.PAUSE_UNTIL_RESUMED)),
        ),
    )


def _how_i_feel() -> Item:
    return Item("How I feel", items=tuple(Item(label, Action(Do.REPORT, report=kind)) for kind, label in _FEELINGS.items()))


def _exercises(state: TrayState, exercises: Exercises) -> Item:
    if state.flagged:
        return Item("Exercises wait until you have read that")
    if not exercises.desk:
        return Item("Exercises: none in the catalogue")
    return Item("Exercises", items=tuple(_show(entry) for entry in exercises.desk))


def _show(entry: tuple[str, str]) -> Item:
    return Item(entry[1], Action(Do.EXERCISE, prompt_id=entry[0]))


def _cut(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _minutes(seconds: float) -> int:
    return int(seconds // 60)


def _clause(words: str) -> str:
    """A sentence as the end of another one."""
    words = words.strip().rstrip(".")
    second = words[1:2]
    return words if second.isupper() else words[:1].lower() + words[1:]
