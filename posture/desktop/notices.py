"""What a prompt says in a notification, and what every notifier can do.

A notice is short: why it comes, how the exercise begins, what it follows and when to stop. "Show me" has the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from posture.model import Answer, Kind, ShownPrompt, Step
from posture.prompts import GENERAL_SAFETY, OUR_CAUTION, EntryKind, Prompt

if TYPE_CHECKING:
    from posture.monitor import Now

BUTTONS = {Answer.SHOW: "Show me", Answer.DONE: "Done", Answer.SNOOZE: "Snooze 10 min"}
"""What the buttons are called. Closing a notice is ``Answer.NOT_NOW`` and has no button."""
FIRST_STEPS = 2
"""So many steps fit; more are under "Show me"."""
CONFIRM = "Show me has the rest; please confirm there that you have read it."
NO_PROMPT = 0
"""The number of a notice that is no prompt: nobody waits for an answer to it."""
_AGAIN = "Press Done when you have done it. Closing this means: not now."
_READ = "When you have read it, say so: I have read it, in the menu of the icon in the tray, or in a terminal: posture log ack."
ADVICE = "Please calibrate again"
_IN_THE_TRAY = "Or choose Calibrate again in the menu of the icon in the tray."
_WHILE = "a while"
_SOFT = {
    Kind.FLEXED: "You have been sitting bent forward for {time}.",
    Kind.ANTERIOR_TILT: "Your pelvis seems to have been tipped forward for {time}.",
    Kind.SITTING: "You have been sitting without a break for {time}.",
}
_FIRM = {
    Kind.FLEXED: "You are still bent forward: {time} by now.",
    Kind.ANTERIOR_TILT: "Your pelvis still seems to be tipped forward: {time} by now.",
    Kind.SITTING: "You are still sitting: {time} by now.",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A prompt, ready to be put on the screen."""

    number: int
    """Of the prompt in the store; answers carry it back. ``NO_PROMPT`` for one that is to be read only."""
    title: str
    body: str
    """A few plain lines."""
    firm: bool = False
    """Stays until it is answered; a soft one goes by itself."""
    cause: Kind | None = None
    """What it is about: a later notice of the same cause takes its place. ``None`` for the referral."""
    buttons: tuple[Answer, ...] = tuple(BUTTONS)
    quiet: bool = False
    """Asks for no attention, and stays until it is answered."""


class Notifier(Protocol):
    """Puts notices in front of the person. No call waits for a screen or a service; all may be made from any thread."""

    @property
    def works(self) -> bool:
        """Whether notices reach the person this way, as far as is known."""

    @property
    def why_not(self) -> str | None:
        """Why they do not, in one plain line; ``None`` if they do."""

    def show(self, notice: Notice) -> None:
        """Put it on the screen."""

    def tell(self, title: str, body: str) -> None:
        """Put something on the screen that is to be read and not answered, where there is a screen; a terminal has it otherwise."""

    def clear(self, number: int) -> None:
        """Take it off the screen if it is still there; that is no answer."""

    def close(self) -> None:
        """Take off the screen what is still there, and let go of everything. Nothing is shown afterwards."""


class NoNotifier:
    """Shows nothing, for who wants the day but no prompts."""

    works = True
    why_not: str | None = None

    def show(self, notice: Notice) -> None:
        """Nothing."""

    def tell(self, title: str, body: str) -> None:
        """Nothing."""

    def clear(self, number: int) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class TerminalNotifier:
    """Prints notices; what is printed stays."""

    works = True
    why_not: str | None = None

    def __init__(self, say: Callable[[Notice], None]) -> None:
        """`say` prints one notice, and may be called from any thread."""
        self._say = say

    def show(self, notice: Notice) -> None:
        """Print it."""
        self._say(notice)

    def tell(self, title: str, body: str) -> None:
        """Nothing: whatever happens in a session is said in its terminal anyway."""

    def clear(self, number: int) -> None:
        """Nothing: paper is patient."""

    def close(self) -> None:
        """Nothing."""


class Adviser:
    """A face of a session that puts each advice on the screen once, for whoever has no terminal."""

    def __init__(self, notifier: Notifier) -> None:
        """`notifier` tells it."""
        self._notifier, self._told = notifier, ""

    def now(self, now: Now) -> None:
        """The state of the moment."""
        if now.advice and now.advice != self._told:
            self._notifier.tell(ADVICE, f"{now.advice}\n{_IN_THE_TRAY}")
        self._told = now.advice

    def say(self, words: str) -> None:
        """Nothing: what happens is not all worth an interruption."""


def notice_of(prompt: Prompt, shown: ShownPrompt, number: int, time_s: float | None = None) -> Notice:
    """The words of a prompt that is shown.

    Args:
        prompt: the entry of the catalogue.
        shown: what it answers and how insistent it is.
        number: of the prompt in the store.
        time_s: seconds of the dose, or of unbroken sitting, that called for it; ``None`` if not known.
    """
    if prompt.kind is EntryKind.REFERRAL:
        return Notice(number, prompt.title, _referral(prompt), True, None, (Answer.SHOW,))
    lines = [_reason(shown, time_s), *_first(prompt.steps), f"Why: {prompt.why} ({prompt.source})"]
    if prompt.stop_if:
        lines.append(f"Stop if: {prompt.stop_if} ({OUR_CAUTION})")
    return Notice(number, prompt.title, "\n".join(filter(None, lines)), shown.step is Step.FIRM, shown.kind)


def asked_again(notice: Notice) -> Notice:
    """The same prompt for whoever has just pressed "Show me", which took it off the screen: quiet, and there until it is answered."""
    return replace(notice, body=_AGAIN if Answer.DONE in notice.buttons else _READ, firm=False, quiet=True)


def _referral(prompt: Prompt) -> str:
    lines = [*prompt.steps[:FIRST_STEPS]]
    if prompt.emergency:
        lines.append(f"{prompt.emergency} ({GENERAL_SAFETY})")
    return "\n".join([*lines, f"Why: {prompt.why} ({prompt.source})", CONFIRM])


def _first(steps: tuple[str, ...]) -> list[str]:
    lines = [f"{n}. {step}" for n, step in enumerate(steps[:FIRST_STEPS], 1)]
    if len(steps) > FIRST_STEPS:
        lines[-1] = lines[-1].rstrip(".") + "\N{NO-BREAK SPACE}…"  # no break there: the dots would stand on a line of their own
    return lines


def _reason(shown: ShownPrompt, time_s: float | None) -> str:
    if shown.kind is None:
        return ""
    minutes = None if time_s is None else max(1, round(time_s / 60))
    time = _WHILE if minutes is None else f"about {minutes} minute{'s' if minutes > 1 else ''}"
    return (_FIRM if shown.step is Step.FIRM else _SOFT)[shown.kind].format(time=time)
