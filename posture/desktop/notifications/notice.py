"""The texts of notifications, and the interface of notifiers.

A notice is short: why it comes, how the exercise begins, what it follows and when to stop. "Show me" has the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from posture.prompts import GENERAL_SAFETY, OUR_CAUTION, EntryKind, Prompt
from posture.types import Answer, EpisodeKind, PromptLevel, PromptReason, ShownPrompt

BUTTONS = {Answer.SHOW: "Show me", Answer.DONE: "Done", Answer.SNOOZE: "Snooze 10 min"}
"""What the buttons are called. Closing a notice is ``Answer.NOT_NOW`` and has no button."""
FIRST_STEPS = 2
"""So many steps fit; more are under "Show me"."""
CONFIRM = "Show me has the rest; please confirm there that you have read it."
NO_PROMPT = 0
"""The number of a notice that is no prompt and needs no answer."""
_AGAIN = "Press Done when you have done it. Closing this means: not now."
_READ = "When you have read it, say so: I have read it, in the menu of the icon in the tray, or in a terminal: posture log ack."
_WHILE = "a while"
_SOFT = {
    EpisodeKind.FLEXED: "You have been sitting bent forward for {time}.",
    EpisodeKind.ANTERIOR_TILT: "Your pelvis seems to have been tipped forward for {time}.",
    EpisodeKind.SITTING: "You have been sitting without a break for {time}.",
    EpisodeKind.STILLNESS: "You have not changed your position for {time}.",
}
_SHARE = "You have been leaning or slumping for about half of the last hour."
_FIRM = {
    EpisodeKind.FLEXED: "You are still bent forward: {time} by now.",
    EpisodeKind.ANTERIOR_TILT: "Your pelvis still seems to be tipped forward: {time} by now.",
    EpisodeKind.SITTING: "You are still sitting: {time} by now.",
    EpisodeKind.STILLNESS: "You have not changed your position: {time} by now.",
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
    cause: EpisodeKind | None = None
    """What it is about: a later notice of the same cause takes its place. ``None`` for the referral."""
    buttons: tuple[Answer, ...] = tuple(BUTTONS)
    quiet: bool = False
    """Asks for no attention, and stays until it is answered."""


class Notifier:
    """Puts notices in front of the person; this base shows nothing, for a day without prompts.

    No call waits for a screen or a service; all are thread-safe.
    """

    def show(self, notice: Notice) -> None:
        """Put a notice on the screen."""

    def show_message(self, title: str, body: str) -> None:
        """Put on the screen what is to be read and not answered; no-op in a terminal, where every message of a session is printed."""

    def clear(self, number: int) -> None:
        """Take a notice off the screen if it is still there, which is no answer; no-op in a terminal: output cannot be withdrawn."""

    def close(self) -> None:
        """Take off the screen what is still there, and release everything. Nothing is shown afterwards."""


class TerminalNotifier(Notifier):
    """Prints notices."""

    def __init__(self, say: Callable[[Notice], None]) -> None:
        """`say` prints one notice, and may be called from any thread."""
        self._say = say

    def show(self, notice: Notice) -> None:
        """Print the notice."""
        self._say(notice)


def notice_of(prompt: Prompt, shown: ShownPrompt, number: int, time_s: float | None = None) -> Notice:
    """Return the notice for a prompt that is shown.

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
    return Notice(number, prompt.title, "\n".join(filter(None, lines)), shown.step is PromptLevel.FIRM, shown.kind)


def asked_again(notice: Notice) -> Notice:
    """Return the prompt to show again after "Show me", which took it off the screen: quiet, and there until it is answered."""
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
    if shown.reason is PromptReason.SHARE:
        return _SHARE
    minutes = None if time_s is None else max(1, round(time_s / 60))
    time = _WHILE if minutes is None else f"about {minutes} minute{'s' if minutes > 1 else ''}"
    return (_FIRM if shown.step is PromptLevel.FIRM else _SOFT)[shown.kind].format(time=time)
