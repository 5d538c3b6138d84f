"""Prompts on their way to the person and back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from posture._support import catalogue
from posture.desktop.notifications.notice import Notice
from posture.engine.engine import EngineOutput
from posture.errors import ControlError
from posture.monitor.notifier import PromptNotifier
from posture.prompts.scheduler import PromptScheduler
from posture.storage.records import Origin
from posture.storage.schema import MEMORY
from posture.storage.session_writer import SessionWriter
from posture.storage.store import Store
from posture.types import Answer, ClassifiedReading, Detection, Episode, EpisodeKind, Posture, PromptLevel, Reading, ReportKind, ShownPrompt

CATALOGUE = catalogue.load()


@dataclass
class Wall:
    """A notifier that remembers what hangs on it."""

    up: dict[int, Notice] = field(default_factory=dict)

    def show(self, notice: Notice) -> None:
        self.up[notice.number] = notice

    def clear(self, number: int) -> None:
        self.up.pop(number, None)

    def close(self) -> None:
        self.up.clear()


def prompt(time_s: float, kind: EpisodeKind | None = EpisodeKind.FLEXED, prompt_id: str = "cat_cow_seated") -> EngineOutput:
    """A prompt falls due; its episode began at second 0."""
    return EngineOutput(shown=[ShownPrompt(time_s, prompt_id, kind, PromptLevel.SOFT, 0.0)], dose_s={EpisodeKind.FLEXED: 600.0})


def delivery() -> tuple[PromptNotifier, Wall, PromptScheduler, list[str]]:
    """One that writes nothing."""
    wall, desk, pages = Wall(), PromptScheduler(CATALOGUE), list[str]()
    return PromptNotifier(CATALOGUE, desk, wall, None, pages.append), wall, desk, pages


def test_a_red_flag_takes_exercises_off_the_screen() -> None:
    """Pain is said while Cat-Cow is shown: it goes, and is not to be answered any more; getting up would stay."""
    way, wall, desk, _ = delivery()
    way.process(prompt(600.0), 600.0)
    way.process(prompt(601.0, EpisodeKind.SITTING, "get_up"), 601.0)
    desk.report(ReportKind.PAIN, 610.0)
    way.process(EngineOutput(), 611.0)
    assert [n.body.splitlines()[0] for n in wall.up.values()] == ["Stand up and walk a little"]
    assert way.waiting == (2, "Stand up and walk a little")


def test_an_answer_goes_to_the_last_prompt_that_waits() -> None:
    """Done twice: the second finds nothing; a prompt whose cause is over can still be answered, but hangs no more."""
    way, wall, _, pages = delivery()
    assert way.answered(None, Answer.DONE, 1.0) == "there is no reminder to answer"
    way.process(prompt(600.0), 600.0)
    assert way.waiting == (1, "Cat-Cow on your chair")
    way.process(EngineOutput(episodes=[Episode(EpisodeKind.FLEXED, 0.0, 700.0, 650.0)]), 700.0)
    assert wall.up == {}
    assert way.answered(None, Answer.SHOW, 702.0) is None
    assert pages == ["cat_cow_seated"]
    assert way.answered(None, Answer.DONE, 705.0) is None
    assert way.answered(None, Answer.DONE, 706.0) == "there is no reminder to answer"
    assert way.answered(7, Answer.DONE, 706.0) == "there has been no such reminder since the monitor started"


def test_the_last_reminder_is_shown_again() -> None:
    """The same number and exercise, quietly, and to be answered anew; no limit, quiet time or follow-up hears of it."""
    way, wall, desk, _ = delivery()
    assert (way.again(), way.last) == (None, None)
    out = prompt(600.0)
    for shown in out.shown:
        desk._note(shown, 600.0)
    way.process(out, 600.0)
    first, quiet = wall.up[1], desk.silence(700.0)
    assert quiet is not None and quiet.until_s == 600.0 + 1200.0
    assert way.answered(None, Answer.DONE, 650.0) is None and wall.up == {}
    assert way.again() == (1, "Cat-Cow on your chair") and way.last == "Cat-Cow on your chair"
    assert wall.up[1] == replace(first, quiet=True) and desk.silence(700.0) == quiet
    assert way.waiting == (1, "Cat-Cow on your chair") and way.answered(None, Answer.NOT_NOW, 720.0) is None
    desk.report(ReportKind.PAIN, 730.0)
    assert way.last is None
    with pytest.raises(ControlError, match="what you have logged"):
        way.again()


def test_a_withheld_prompt_is_not_brought_back() -> None:
    """It was not shown: the one before it comes."""
    way, wall, _, _ = delivery()
    way.process(EngineOutput(withheld=[replace(prompt(500.0).shown[0], withheld=True)]), 500.0)
    assert way.again() is None and wall.up == {}


def test_nothing_hangs_on_a_locked_screen() -> None:
    """What was shown is taken off when prompts are held, and can be answered all the same."""
    way, wall, _, _ = delivery()
    way.process(prompt(600.0), 600.0)
    way.withdraw()
    assert wall.up == {}
    assert way.waiting is not None


def test_a_snooze_of_before_comes_back_only_to_what_it_was_about() -> None:
    """The desk hears of each posture that is seen."""
    way, _, desk, _ = delivery()
    heard: list[EpisodeKind] = []
    desk.seen = heard.append  # type: ignore[method-assign]
    for posture, seated in ((Posture.NEUTRAL, True), (Posture.FLEXED, None), (Posture.UNKNOWN, None)):
        way.process(EngineOutput(judged=[ClassifiedReading(Reading(1.0, Detection.PERSON, seated=seated), posture)]), 1.0)
    assert heard == [EpisodeKind.SITTING, EpisodeKind.FLEXED]


@pytest.mark.parametrize(("ends_s", "ended"), [(900.0, True), (None, None)])
def test_the_end_of_a_session_ends_no_cause(ends_s: float | None, ended: bool | None) -> None:
    """The engine closes what goes on with the session: of that it is not known whether it would have ended in the half hour."""
    with Store.open(MEMORY) as store:
        session = store.start_session(origin=Origin.LIVE, started_utc=1e9, source="camera 0")
        with SessionWriter(store, session) as log:
            way = PromptNotifier(CATALOGUE, PromptScheduler(CATALOGUE), Wall(), log, lambda _id: None)
            way.process(prompt(600.0), 600.0)
            episode = Episode(EpisodeKind.FLEXED, 0.0, ends_s or 1200.0, 700.0)
            if ends_s is not None:
                way.process(EngineOutput(episodes=[episode]), ends_s)
            way.finish(EngineOutput(episodes=[] if ends_s else [episode]), 1200.0)
        (stored,) = store.recent_prompts(1)
    assert stored.after is not None and stored.after.ended is ended
