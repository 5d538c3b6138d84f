"""What a prompt is: the entries of the catalogue, and how the program speaks of them.

``posture/_support/catalogue.py`` reads them from a file, ``posture/prompts/selection.py`` picks among them,
``posture/prompts/scheduler.py`` says when one is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from posture.types import EpisodeKind, ReportKind

RED_FLAGS = frozenset({ReportKind.PAIN, ReportKind.NUMB, ReportKind.WEAK})
"""Reports that only a professional should answer (passages A-refer, B-care)."""
OUR_CAUTION = "our own caution"
"""Stands beside every ``stop_if`` and ``not_for``."""
GENERAL_SAFETY = "general safety advice"
"""Stands beside the emergency line of the referral."""
_HEAT_PASSAGE = "A-heat"


class EntryKind(StrEnum):
    """What an entry of the catalogue is."""

    EXERCISE = "exercise"
    HEAT = "heat"
    GET_UP = "get_up"
    HABIT = "habit"
    EXPLANATION = "explanation"
    REFERRAL = "referral"


class Position(StrEnum):
    """How an exercise is done."""

    SEATED = "seated"
    STANDING = "standing"
    LYING = "lying"
    HANDS_AND_KNEES = "hands_and_knees"


class Place(StrEnum):
    """``desk``: shown while at work; ``home``: given as advice in the summary or as the answer to a self-report."""

    DESK = "desk"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One entry of the catalogue."""

    id: str
    title: str
    kind: EntryKind
    where: Place
    steps: tuple[str, ...]
    """At most four plain lines."""
    why: str
    """One line."""
    passages: tuple[str, ...]
    """Ids of the passages that it follows, the leading one first."""
    causes: tuple[EpisodeKind, ...] = ()
    """What it answers while a posture is watched, the one it is best for first."""
    for_share: bool = False
    """Whether it answers being flexed for much of the last hour."""
    reports: tuple[ReportKind, ...] = ()
    """Which self-reports it answers."""
    position: Position | None = None
    duration: str | None = None
    repetitions: str | None = None
    more: str | None = None
    """One more line of background, for example about the facet joints."""
    stop_if: str | None = None
    """When to stop; marked `OUR_CAUTION` wherever it is shown. ``not_for`` likewise."""
    not_for: str | None = None
    emergency: str | None = None
    """Of the referral only; marked `GENERAL_SAFETY` wherever it is shown."""
    ours: bool = False
    """Whether the articles do not name this very exercise."""
    drawings: tuple[str, ...] = ()
    """File names of its key positions, in order."""

    @property
    def warms(self) -> bool:
        """Whether it advises heat in any way."""
        return self.kind is EntryKind.HEAT or _HEAT_PASSAGE in self.passages

    @property
    def waits_for_referral(self) -> bool:
        """Whether it is held back while a red flag is up: all but the referral and the plain get-up prompt are."""
        return self.kind not in {EntryKind.REFERRAL, EntryKind.GET_UP}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All prompts, in the order of the file, and what the passages they cite say."""

    prompts: tuple[Prompt, ...]
    passages: Mapping[str, str]
    """Passage id to a one-line paraphrase."""
    articles: Mapping[str, str] = field(default_factory=dict)
    """What each article is called in a sentence, by the letter with which the ids of its passages begin."""

    def get(self, prompt_id: str) -> Prompt | None:
        """Return the entry of that id, or ``None``."""
        return next((p for p in self.prompts if p.id == prompt_id), None)

    def title_of(self, prompt_id: str) -> str:
        """Return the title of the entry of that id; the id itself where the catalogue has none."""
        entry = self.get(prompt_id)
        return entry.title if entry else prompt_id

    def source_of(self, prompt: Prompt) -> str:
        """Return where an entry is from, in words: ``from the article on ...``, ``our own suggestion, based on the article on ...``."""
        named = " and ".join(self.cited(prompt.passages))
        if not named:
            return "our own suggestion"
        return f"our own suggestion, based on {named}" if prompt.ours else f"from {named}"

    def cited(self, passages: Iterable[str]) -> dict[str, list[str]]:
        """Return what those passages say, by the article they are from; a passage that is not known is left out."""
        out: dict[str, list[str]] = {}
        for passage in passages:
            article = self.articles.get(passage.partition("-")[0])
            if article is not None and passage in self.passages:
                out.setdefault(article, []).append(self.passages[passage])
        return out

    @property
    def referral(self) -> Prompt:
        """The entry that sends the person to a professional; every catalogue has exactly one."""
        return next(p for p in self.prompts if p.kind is EntryKind.REFERRAL)

    @property
    def get_ups(self) -> list[Prompt]:
        """The plain get-up prompts: all that is left beside the referral while a red flag is up."""
        return [p for p in self.prompts if p.kind is EntryKind.GET_UP]
