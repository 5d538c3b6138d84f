"""The texts of notifications, and the interface of notifiers.

A notice is three lines: what was seen, one thing to do, how long it takes. "Show me" has the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from posture.prompts import EntryKind, Prompt, seen_words
from posture.settings import PromptSettings
from posture.time_parsing import span_words
from posture.types import Answer, EpisodeKind, PromptLevel, PromptReason, ShownPrompt

CONFIRM = "Press Show me for the rest, and confirm there that you've read it."
NO_PROMPT = 0
"""The number of a notice that is no prompt and needs no answer."""
_AGAIN = "Press Done when you've done it."
_READ = "When you've read it, choose I have read it in the tray menu, or type posture log ack in a terminal."


def buttons_of(snooze_s: float, *, guided: bool = False) -> dict[Answer, str]:
    """Return what the buttons are called. ``Answer.NOT_NOW`` has no button: it is closing.

    Args:
        snooze_s: how long a snooze lasts, seconds.
        guided: whether the camera counts the exercise where it is shown.
    """
    show = "Do it with me" if guided else "Show me"
    return {Answer.SHOW: show, Answer.DONE: "Done", Answer.SNOOZE: f"Snooze {span_words(snooze_s)}"}


BUTTONS: Mapping[Answer, str] = buttons_of(PromptSettings().snooze_s)
"""What they are called at the default settings."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A prompt, ready to be put on the screen."""

    number: int
    """Of the prompt in the store; answers carry it back. ``NO_PROMPT`` for one that is to be read only."""
    title: str
    """What was seen."""
    body: str
    """A few plain lines, the first of which is what to do."""
    firm: bool = False
    """Stays until it is answered; a soft one goes by itself."""
    cause: EpisodeKind | None = None
    """What it is about: a later notice of the same cause takes its place. ``None`` for the referral."""
    buttons: Mapping[Answer, str] = field(default_factory=lambda: BUTTONS)
    quiet: bool = False
    """Asks for no attention, and stays until it is answered."""
    picture: Path | None = None
    """A PNG of its first step, for services that show pictures."""
    picture_only: bool = False
    """Where the picture is shown, only what to do stands beside it."""
    sound: bool = False
    """Whether it is heard, where the service can."""


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


def notice_of(
    prompt: Prompt,
    shown: ShownPrompt,
    number: int,
    *,
    time_s: float | None = None,
    angle: str | None = None,
    takes: str = "",
    buttons: Mapping[Answer, str] = BUTTONS,
) -> Notice:
    """Return the notice for a prompt that is shown.

    Args:
        prompt: the entry of the catalogue.
        shown: what it answers and how insistent it is.
        number: of the prompt in the store.
        time_s: seconds of the dose, or of unbroken sitting, that called for it; ``None`` if not known.
        angle: name of the angle that made the posture; ``None`` if not known.
        takes: how long the exercise takes, one line; empty if not known.
        buttons: what they are called, by `buttons_of`.
    """
    if prompt.kind is EntryKind.REFERRAL or shown.kind is None:
        return Notice(number, prompt.title, _referral(prompt), True, None, {Answer.SHOW: buttons[Answer.SHOW]})
    firm = shown.step is PromptLevel.FIRM
    seen = seen_words(shown.kind, angle=angle, time_s=time_s, firm=firm, share=shown.reason is PromptReason.SHARE)
    return Notice(number, seen, "\n".join(filter(None, (prompt.title, takes))), firm, shown.kind, buttons)


def asked_again(notice: Notice) -> Notice:
    """Return the prompt to show again after "Show me", which took it off the screen: quiet, and there until it is answered."""
    body = f"{action_of(notice)}\n{_AGAIN}" if Answer.DONE in notice.buttons else _READ
    return replace(notice, body=body, firm=False, quiet=True, sound=False)


def action_of(notice: Notice) -> str:
    """Return the line of a notice that says what to do."""
    return notice.body.partition("\n")[0]


def _referral(prompt: Prompt) -> str:
    return "\n".join(filter(None, (*prompt.steps[:2], prompt.emergency, CONFIRM)))
