"""Prompts on a real screen: what is shown, what is answered, and a service that is missing, dies or never answers."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from desktop.screen import PATIENCE_S, Desktop, until
from posture._support import catalogue, data_file
from posture.desktop.notifications.desktop import Choice, DesktopNotifier, choose
from posture.desktop.notifications.notice import BUTTONS, Notice, Notifier, TerminalNotifier, buttons_of, notice_of
from posture.desktop.notifications.service import SOFT_S
from posture.prompts.entries import EntryKind, Place, Prompt
from posture.prompts.seen import seen_words
from posture.reports.exercise.timer import takes_words
from posture.types import Answer, EpisodeKind, PromptLevel, ShownPrompt

PROMPTS = catalogue.load()
SOFT = Notice(1, "You've been slumping for about 10 minutes", "Cat-Cow on your chair\nTakes about a minute.", cause=EpisodeKind.FLEXED)
FIRM = replace(SOFT, number=2, title="You're still slumping: about 20 minutes now", firm=True)
SITTING = Notice(3, "You've been sitting for about 30 minutes", "Stand up\nTakes a minute.", cause=EpisodeKind.SITTING)
QUICK_S = 3.0
"""After this a service is taken for dead here."""


@dataclass
class Ears:
    """All that a notifier says."""

    answers: queue.SimpleQueue[tuple[int, Answer]] = field(default_factory=queue.SimpleQueue)
    failures: list[str] = field(default_factory=list)
    instead: list[int] = field(default_factory=list)

    def answer(self) -> tuple[int, Answer]:
        return self.answers.get(timeout=PATIENCE_S)

    def silent(self, for_s: float = 0.3) -> bool:
        time.sleep(for_s)
        return self.answers.empty()


@contextmanager
def notifying(ears: Ears, soft_s: int = SOFT_S) -> Iterator[DesktopNotifier]:
    """A notifier of the desktop that is heard by `ears`, and closed."""
    terminal = TerminalNotifier(lambda notice: ears.instead.append(notice.number))
    notifier = DesktopNotifier(
        lambda number, answer: ears.answers.put((number, answer)),
        failed=ears.failures.append,
        instead=terminal,
        call_s=QUICK_S,
        soft_s=soft_s,
    )
    try:
        yield notifier
    finally:
        notifier.close()


@pytest.fixture
def ears() -> Ears:
    """Nothing heard yet."""
    return Ears()


def shown(prompt: Prompt, kind: EpisodeKind | None, step: PromptLevel = PromptLevel.SOFT) -> ShownPrompt:
    """That prompt, shown for that cause."""
    return ShownPrompt(0.0, prompt.id, kind, step)


# --- the words


@pytest.mark.parametrize("prompt", [p for p in PROMPTS.prompts if p.where is Place.DESK and p.causes], ids=lambda p: p.id)
def test_a_notice_is_three_lines(prompt: Prompt) -> None:
    """What was seen, one thing to do, how long it takes; no id of a passage, no reason, no caution: "Show me" has those."""
    notice = notice_of(prompt, shown(prompt, prompt.causes[0]), 7, time_s=600.0, takes=takes_words(prompt))
    assert notice.number == 7 and notice.cause is prompt.causes[0] and not notice.firm and notice.buttons == BUTTONS
    assert "about 10 minutes" in notice.title
    action, takes = notice.body.splitlines()
    assert action == prompt.title and takes.startswith("Takes ")
    assert not any(passage in f"{notice.title} {notice.body}" for passage in PROMPTS.passages)


@pytest.mark.parametrize(
    ("angle", "said", "not_said"),
    [("trunk_flexion", "leaning forward", "slump"), ("spinal_flexion", "slumping", "lean"), (None, "leaning or slumping", "bent")],
)
def test_a_lean_is_no_slump(angle: str | None, said: str, not_said: str) -> None:
    """The angle that made it flexed says which it was, the first time and the second."""
    prompt = PROMPTS.get_ups[0]
    for level in PromptLevel:
        title = notice_of(prompt, shown(prompt, EpisodeKind.FLEXED, level), 1, time_s=700.0, angle=angle).title
        assert said in title and not_said not in title and "12 minutes" in title


def test_causes_have_their_words() -> None:
    """A still spell and a share of the hour are said as what they are, and one that has no words yet is no failure."""
    assert seen_words("stillness", time_s=1200.0) == "You've been sitting still for about 20 minutes"
    share = seen_words(EpisodeKind.FLEXED, angle="spinal_flexion", time_s=100.0, share=True)
    assert share == "You've been slumping for about half of the last hour"
    for firm in (False, True):
        assert "posture" in seen_words("a cause of next year", firm=firm)


def test_a_firm_notice_says_that_it_goes_on() -> None:
    """The firm step asks for the same, says that it goes on, and stays."""
    prompt = PROMPTS.get("cat_cow_seated")
    assert prompt is not None
    soft = notice_of(prompt, shown(prompt, EpisodeKind.FLEXED), 1, time_s=600.0)
    firm = notice_of(prompt, shown(prompt, EpisodeKind.FLEXED, PromptLevel.FIRM), 2, time_s=1200.0)
    assert firm.firm and firm.body == soft.body and "still" in firm.title and "20 minutes" in firm.title


def test_a_time_that_is_not_known_is_not_made_up() -> None:
    """Without a time the reason names none."""
    prompt = PROMPTS.get_ups[0]
    assert "for a while" in notice_of(prompt, shown(prompt, EpisodeKind.SITTING), 1).title


@pytest.mark.parametrize(("snooze_s", "label"), [(600.0, "Snooze 10 min"), (45.0, "Snooze 45 s"), (5400.0, "Snooze 1 h 30 min")])
def test_the_button_says_how_long_a_snooze_lasts(snooze_s: float, label: str) -> None:
    """By the setting."""
    assert buttons_of(snooze_s)[Answer.SNOOZE] == label


def test_the_referral_has_its_own_form() -> None:
    """It stays, names the emergency as general safety, and is neither done nor snoozed."""
    notice = notice_of(PROMPTS.referral, shown(PROMPTS.referral, None), 1)
    assert PROMPTS.referral.kind is EntryKind.REFERRAL
    assert notice.firm and notice.cause is None and list(notice.buttons) == [Answer.SHOW]
    assert PROMPTS.referral.emergency is not None and PROMPTS.referral.emergency in notice.body
    assert "A-refer" not in notice.body and "confirm" in notice.body


# --- on the screen


def test_a_soft_notice_is_on_the_screen(desktop: Desktop, ears: Ears, tmp_path: Path) -> None:
    """Name, icon, title and text reach the screen, at normal urgency and for a while only."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        note = desktop.wait_noted(1)
        assert (note["app_name"], note["summary"], note["body"]) == ("Posture monitor", SOFT.title, SOFT.body)
        assert note["urgency"] == "NORMAL" and int(note["timeout"]) > 0 and Path(note["icon_path"]).is_file()
        assert desktop.picture(tmp_path / "soft.png").stat().st_size > 0
        assert notifier._why_not is None and not ears.failures and not ears.instead


@pytest.mark.parametrize("answer", [a for a in BUTTONS if a is not Answer.SHOW])
def test_each_button_is_its_answer(desktop: Desktop, ears: Ears, answer: Answer) -> None:
    """A press is answered once, with the number of the notice, which then leaves the screen, a firm one too."""
    with notifying(ears) as notifier:
        notifier.show(FIRM)
        desktop.wait_displayed(1)
        desktop.press(BUTTONS[answer])
        assert ears.answer() == (FIRM.number, answer)
        desktop.wait_displayed(0)
        assert ears.silent()


def test_a_click_on_the_text_asks_to_be_shown(desktop: Desktop, ears: Ears) -> None:
    """Clicking the body is Show me."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        desktop.click()
        assert ears.answer() == (SOFT.number, Answer.SHOW)
        desktop.wait_noted(2)
        desktop.wait_displayed(1)


@pytest.mark.parametrize("answer", [Answer.DONE, Answer.SNOOZE])
@pytest.mark.parametrize("notice", [SOFT, FIRM], ids=["soft", "firm"])
def test_after_show_me_it_can_still_be_answered(desktop: Desktop, ears: Ears, notice: Notice, answer: Answer) -> None:
    """It comes back quietly and, without a timeout, stays; each of the other answers is then given on it."""
    with notifying(ears) as notifier:
        notifier.show(notice)
        desktop.wait_displayed(1)
        for times in (1, 2):  # who looks twice is asked again twice
            desktop.press("Show me")
            assert ears.answer() == (notice.number, Answer.SHOW)
            note = desktop.wait_noted(times + 1)
            assert (note["urgency"], note["timeout"], note["summary"]) == ("LOW", "0", notice.title)
            assert note["body"].splitlines() == [SOFT.body.splitlines()[0], "Press Done when you've done it."]
        desktop.wait_displayed(1)
        desktop.press(BUTTONS[answer])
        assert ears.answer() == (notice.number, answer)
        desktop.wait_displayed(0)
        assert ears.silent() and len(desktop.noted()) == 3


def test_what_came_back_is_cleared_and_replaced_like_any(desktop: Desktop, ears: Ears) -> None:
    """Its cause is over, or the firm one comes: it leaves in silence."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        desktop.press("Show me")
        desktop.wait_noted(2)
        notifier.show(FIRM)
        assert desktop.wait_noted(3)["summary"] == FIRM.title
        desktop.wait_displayed(1)
        desktop.press("Show me")
        desktop.wait_noted(4)
        notifier.clear(FIRM.number)
        desktop.wait_displayed(0)
        assert [ears.answer(), ears.answer()] == [(SOFT.number, Answer.SHOW), (FIRM.number, Answer.SHOW)]
        assert ears.silent()


def test_what_is_told_is_read_and_not_answered(desktop: Desktop, ears: Ears) -> None:
    """A notice without buttons, at normal urgency and for a while; a later one takes its place; closing it says nothing."""
    with notifying(ears) as notifier:
        notifier.show_message("Please calibrate again", "You sit elsewhere.")
        notifier.show_message("Please calibrate again", "You sit turned.")
        note = desktop.wait_noted(2)
        assert (note["summary"], note["body"], note["urgency"]) == ("Please calibrate again", "You sit turned.", "NORMAL")
        desktop.wait_displayed(1)
        desktop.press("Done")
        assert ears.silent() and desktop.displayed() == 1
        until((desktop.folder / "menu").exists, "what could be pressed is known")
        assert not [line for line in desktop.menu() if any(label in line for label in BUTTONS.values())]
        desktop.dismiss()
        desktop.wait_displayed(0)
        assert ears.silent() and not ears.failures


def test_what_cannot_be_told_on_the_screen_is_no_prompt_in_the_terminal(bare_desktop: Desktop, ears: Ears) -> None:
    """The session's terminal has said it already."""
    with notifying(ears) as notifier:
        notifier.show_message("Please calibrate again", "You sit turned.")
        notifier.show(SOFT)
        until(lambda: ears.instead == [SOFT.number], "the prompt, and only that, is in the terminal")
    for other in (Notifier(), TerminalNotifier(lambda notice: ears.instead.append(notice.number))):
        other.show_message("a", "b")
    assert ears.instead == [SOFT.number] and bare_desktop.service is None


def test_closing_is_no_answer_where_it_may_be_a_click(desktop: Desktop, ears: Ears) -> None:
    """Dunst, as shipped, closes at a click on the text: the answer may still come, and the next one is answered as ever."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        desktop.dismiss()
        desktop.wait_displayed(0)
        assert ears.silent()
        notifier.clear(SOFT.number)
        notifier.show(SITTING)
        desktop.wait_displayed(1)
        desktop.press("Done")
        assert ears.answer() == (SITTING.number, Answer.DONE)


@pytest.mark.parametrize("name", ["gnome-shell", "Plasma"])
def test_closing_is_not_now_where_the_service_tells_it_from_a_click(bare_desktop: Desktop, ears: Ears, name: str) -> None:
    """Who closes a notice there says not now."""
    with standing_in(name, ["body", "actions"]) as service, notifying(ears) as notifier:
        notifier.show(SOFT)
        until(lambda: len(service.taken) == 1, "it is on the screen")
        service.close(1)
        assert ears.answer() == (SOFT.number, Answer.NOT_NOW)
    assert bare_desktop.service is None


@pytest.mark.parametrize("pictures", [True, False])
@pytest.mark.usefixtures("bare_desktop")
def test_a_picture_and_a_sound_where_they_are_wanted(ears: Ears, tmp_path: Path, pictures: bool) -> None:
    """A service that shows pictures gets the drawing, and picture-only leaves the exercise's name beside it; any other has three lines."""
    picture = tmp_path / "step.png"
    picture.write_bytes(data_file("icons/posture.png").read_bytes())
    drawn = replace(SITTING, picture=picture, sound=True)
    alone = replace(SOFT, number=5, picture=picture, picture_only=True)
    with standing_in("a service", ["body", "actions", *(["body-images"] if pictures else [])]) as service, notifying(ears) as notifier:
        for n, notice in enumerate((SOFT, drawn, alone), 1):
            notifier.show(notice)
            until(lambda n=n: len(service.taken) == n, "it is on the screen")  # type: ignore[misc]
    first, second, third = service.taken
    assert "image-path" not in first.hints and "sound-name" not in first.hints and "sound-name" in second.hints
    assert [note.hints.get("image-path") for note in (second, third)] == [picture.as_uri() if pictures else None] * 2
    assert (second.title, second.body) == (SITTING.title, SITTING.body)
    assert (third.title, third.body) == (("Cat-Cow on your chair", "") if pictures else (SOFT.title, SOFT.body))


def test_a_picture_on_a_real_screen(desktop: Desktop, ears: Ears) -> None:
    """Dunst takes a picture beside the words."""
    with notifying(ears) as notifier:
        notifier.show(replace(SOFT, picture=data_file("icons/posture.png")))
        assert desktop.wait_noted(1)["summary"] == SOFT.title
        desktop.wait_displayed(1)
        assert not ears.failures and not ears.instead


def test_one_that_leaves_by_itself_is_not_answered(desktop: Desktop, ears: Ears) -> None:
    """The service's own time-out says nothing of the person; clearing it afterwards is no failure."""
    with notifying(ears, soft_s=1) as notifier:
        notifier.show(SOFT)
        desktop.wait_noted(1)
        desktop.wait_displayed(0)
        notifier.clear(SOFT.number)
        assert ears.silent() and not ears.failures


def test_the_firm_one_takes_the_place_of_the_soft_one(desktop: Desktop, ears: Ears) -> None:
    """One notice is left, urgent and without a time-out; the soft one was not answered, another cause is left alone."""
    with notifying(ears) as notifier:
        for notice in (SITTING, SOFT, FIRM):
            notifier.show(notice)
        note = desktop.wait_noted(3)
        desktop.wait_displayed(2)
        assert note["urgency"] == "CRITICAL" and note["timeout"] == "0" and note["summary"] == FIRM.title
        assert ears.silent()
        desktop.press("Done", FIRM.title)
        assert ears.answer() == (FIRM.number, Answer.DONE)
        desktop.wait_displayed(1)


def test_the_referral_offers_to_be_shown_only(desktop: Desktop, ears: Ears) -> None:
    """There is neither Done nor Snooze on it, and it stays."""
    with notifying(ears) as notifier:
        notifier.show(notice_of(PROMPTS.referral, shown(PROMPTS.referral, None), 9))
        assert desktop.wait_noted(1)["timeout"] == "0"
        desktop.press("Show me")
        assert ears.answer() == (9, Answer.SHOW)
        assert not [line for line in desktop.menu() if "Done" in line or "Snooze" in line]
        assert "I have read it" in desktop.wait_noted(2)["body"]
        desktop.wait_displayed(1)


def test_two_notices_are_answered_each_for_itself(desktop: Desktop, ears: Ears) -> None:
    """Two causes stand side by side."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        notifier.show(SITTING)
        desktop.wait_displayed(2)
        desktop.press("Snooze", SITTING.title)
        assert ears.answer() == (SITTING.number, Answer.SNOOZE)
        desktop.press("Done", SOFT.title)
        assert ears.answer() == (SOFT.number, Answer.DONE)


def test_our_own_clearing_is_no_answer(desktop: Desktop, ears: Ears) -> None:
    """What is cleared leaves the screen in silence; what was never shown can be cleared."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        notifier.clear(SOFT.number)
        notifier.clear(99)
        desktop.wait_displayed(0)
        assert ears.silent() and not ears.failures


def test_closing_the_notifier_leaves_nothing_behind(desktop: Desktop, ears: Ears) -> None:
    """All notices are withdrawn, nothing is shown afterwards, and it can be closed again."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        notifier.show(SITTING)
        desktop.wait_displayed(2)
        notifier.close()
        desktop.wait_displayed(0)
        notifier.show(FIRM)
        notifier.clear(1)
        notifier.close()
        assert ears.silent() and desktop.displayed() == 0 and len(desktop.noted()) == 2 and not ears.instead


@pytest.mark.parametrize("markup", [True, False])
def test_words_are_never_markup(bare_desktop: Desktop, ears: Ears, markup: bool) -> None:
    """Signs of markup, and letters of any script, are shown as they are, whether the service reads markup or not."""
    words = "<b>5 < 6</b> & „Rücken“ 腰 &amp; \N{FLEXED BICEPS}"
    bare_desktop.start_service(markup=markup)
    with notifying(ears) as notifier:
        notifier.show(replace(SOFT, title="Wärme & <Ruhe>", body=words))
        note = bare_desktop.wait_noted(1)
        assert note["summary"] == "Wärme & <Ruhe>"
        expected = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if markup else words
        assert note["body"] == expected  # dunst hands the text on as it came; it draws what it unescapes


# --- a service that fails


def test_without_a_service_the_terminal_has_it(bare_desktop: Desktop, ears: Ears, capfd: pytest.CaptureFixture[str]) -> None:
    """Showing returns at once, the failure is said once and plainly, and the notices go another way; one that comes is used."""
    with notifying(ears) as notifier:
        assert takes(lambda: notifier.show(SOFT)) < QUICK_S
        notifier.show(SITTING)
        until(lambda: ears.instead == [1, 3], "both are in the terminal")
        assert ears.failures == ["Desktop notifications don't work: no notification service is running."]
        assert notifier._why_not == ears.failures[0]
        bare_desktop.start_service()
        notifier.show(FIRM)
        bare_desktop.wait_displayed(1)
        until(lambda: notifier._why_not is None, "it works again")
        assert ears.instead == [1, 3]
        bare_desktop.kill_service()
        notifier.show(SITTING)
        until(lambda: len(ears.failures) == 2, "the next failure is said, too")
    assert capfd.readouterr() == ("", "")


def test_a_service_that_dies_takes_its_notices_along(desktop: Desktop, ears: Ears) -> None:
    """Nothing is answered by a death, nor by what happens to somebody else's notification that has the number of ours later on."""
    with notifying(ears) as notifier:
        notifier.show(FIRM)
        desktop.wait_displayed(1)
        number = int(desktop.wait_noted(1)["id"])
        desktop.kill_service()
        asyncio.run(another_service(number))
        notifier.clear(FIRM.number)
        assert ears.silent() and not ears.failures
        desktop.start_service()
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        desktop.press("Done")
        assert ears.answer() == (SOFT.number, Answer.DONE)


async def another_service(number: int) -> None:
    """Takes the place of the service for a moment, and tells all the world that the person closed that notification."""
    bus = await MessageBus().connect()
    await bus.request_name("org.freedesktop.Notifications")
    place = ("/org/freedesktop/Notifications", "org.freedesktop.Notifications")
    await bus.send(Message.new_signal(*place, "NotificationClosed", "uu", [number, 2]))
    bus.disconnect()
    await bus.wait_for_disconnect()


def test_a_service_that_never_answers_is_given_up(desktop: Desktop, ears: Ears) -> None:
    """The notice goes to the terminal; should it come on the screen after all, it is taken off and was not answered."""
    with notifying(ears) as notifier:
        assert notifier.looked(PATIENCE_S)
        desktop.freeze_service()
        assert takes(lambda: notifier.show(FIRM)) < QUICK_S
        until(lambda: ears.instead == [FIRM.number], "it is in the terminal")
        assert ears.failures == ["Desktop notifications don't work: the notification service isn't answering."]
        desktop.thaw_service()
        desktop.wait_noted(1)
        desktop.wait_displayed(0)
        notifier.show(SITTING)
        desktop.wait_displayed(1)
        assert notifier._why_not is None and ears.silent()


def test_a_service_that_never_answered_at_all(desktop: Desktop, ears: Ears) -> None:
    """Frozen before it is looked for, it is given up like one that freezes later."""
    desktop.freeze_service()
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        until(lambda: ears.instead == [SOFT.number], "it is in the terminal")
        assert len(ears.failures) == 1
        desktop.thaw_service()
        notifier.show(SITTING)
        desktop.wait_displayed(1)


def test_what_a_lost_connection_leaves_is_taken_off(desktop: Desktop, ears: Ears) -> None:
    """A notice that was on the screen when its service was given up would have dead buttons: it goes as soon as it can."""
    with notifying(ears) as notifier:
        notifier.show(FIRM)
        desktop.wait_displayed(1)
        desktop.freeze_service()
        notifier.show(SITTING)
        until(lambda: ears.instead == [SITTING.number], "it is in the terminal")
        desktop.thaw_service()
        desktop.wait_noted(2)
        desktop.wait_displayed(0)
        assert ears.silent()


def test_a_service_that_takes_nothing_is_told_of_once(bare_desktop: Desktop, ears: Ears) -> None:
    """It can be reached, but answers every notice with an error: each goes to the terminal, and the failure is said once."""
    with standing_in("refuser", ["body", "actions"], refuses=True), notifying(ears) as notifier:
        notifier.show(SOFT)
        notifier.show(SITTING)
        until(lambda: ears.instead == [1, 3], "both are in the terminal")
        assert ears.failures == ["Desktop notifications don't work: the notification service refused one."]


@dataclass
class Taken:
    """A notification as a service got it."""

    title: str
    body: str
    hints: dict[str, object]


@dataclass
class StandIn:
    """A notification service of the test's own."""

    name: str
    capabilities: list[str]
    refuses: bool = False
    taken: list[Taken] = field(default_factory=list)
    loop: asyncio.AbstractEventLoop | None = None
    bus: MessageBus | None = None

    def reply(self, message: Message) -> Message | None:
        """What it says to a call."""
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        replies = {
            "Introspect": ("s", [_INTERFACE]),
            "GetServerInformation": ("ssss", [self.name, "nobody", "1", "1.2"]),
            "GetCapabilities": ("as", [self.capabilities]),
        }
        if message.member == "Notify" and not self.refuses:
            _, _, _, title, body, _, hints, _ = message.body
            self.taken.append(Taken(title, body, {name: hint.value for name, hint in hints.items()}))
            return Message.new_method_return(message, "u", [len(self.taken)])
        if message.member in replies:
            return Message.new_method_return(message, *replies[message.member])
        return Message.new_error(message, "org.freedesktop.Notifications.Error", "no")

    def close(self, number: int) -> None:
        """Say that the person closed that one."""
        assert self.loop is not None and self.bus is not None
        place = ("/org/freedesktop/Notifications", "org.freedesktop.Notifications")
        signal = Message.new_signal(*place, "NotificationClosed", "uu", [number, 2])
        self.loop.call_soon_threadsafe(self.bus.send, signal)


_INTERFACE = """<node><interface name="org.freedesktop.Notifications">
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
    <arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""


@contextmanager
def standing_in(name: str, capabilities: list[str], *, refuses: bool = False) -> Iterator[StandIn]:
    """A notification service of that name that can do these things, or that says so and then does nothing of it."""
    service = StandIn(name, capabilities, refuses)

    async def serve() -> None:
        service.bus = bus = await MessageBus().connect()
        bus.add_message_handler(service.reply)
        await bus.request_name("org.freedesktop.Notifications")
        service.loop = asyncio.get_running_loop()
        ready.set()
        await over.wait()
        bus.disconnect()
        await bus.wait_for_disconnect()

    ready, over = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        yield service
    finally:
        assert service.loop is not None
        service.loop.call_soon_threadsafe(over.set)
        thread.join(5)


@pytest.mark.parametrize("busy", [False, True])
def test_closing_does_not_wait_for_a_dead_service(desktop: Desktop, ears: Ears, busy: bool) -> None:
    """Within two seconds all is over, with a notice on the frozen screen and perhaps another on its way."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        desktop.freeze_service()
        if busy:
            notifier.show(SITTING)
            time.sleep(0.2)
        assert takes(notifier.close) < 2.0


def test_a_bus_that_ends_is_a_failure_like_another(desktop: Desktop, ears: Ears) -> None:
    """With the bus itself gone the terminal is used."""
    with notifying(ears) as notifier:
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        desktop.bus.kill()
        desktop.bus.wait()
        notifier.show(SITTING)
        until(lambda: ears.instead == [SITTING.number], "it is in the terminal")
        (failure,) = ears.failures  # whichever the library meets first
        assert failure.endswith(("there is no session bus.", "the notification service refused one.")) and ears.silent()


# --- which notifier


@pytest.mark.parametrize("choice", ["none", "terminal", "auto"])
def test_without_a_desktop_nothing_is_started(choice: Choice, ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    """No bus: auto is the terminal, and no failure is said of what nobody asked for."""
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    said: list[int] = []
    notifier = choose(choice, lambda notice: said.append(notice.number), lambda *_: None, ears.failures.append)
    assert type(notifier) is (Notifier if choice == "none" else TerminalNotifier)
    notifier.show(SOFT)
    notifier.clear(1)
    notifier.close()
    assert said == ([] if choice == "none" else [1]) and not ears.failures


@pytest.mark.parametrize(("address", "why"), [("", "no session bus"), ("tcp:host=127.0.0.1,port=1", "over a network")])
def test_a_desktop_that_cannot_be_says_why(address: str, why: str, ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for the desktop and has none is told in one line, and has the prompts in the terminal; no network is used."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.delenv("DISPLAY", raising=False)
    notifier = choose("desktop", lambda notice: ears.instead.append(notice.number), lambda *_: None, ears.failures.append)
    try:
        notifier.show(SOFT)
        notifier.show(SITTING)
        until(lambda: ears.instead == [1, 3], "both are in the terminal")
        assert len(ears.failures) == 1 and why in ears.failures[0] and ears.failures[0].endswith("Reminders will appear in the terminal.")
        assert notifier._why_not is not None
    finally:
        notifier.close()


def test_auto_is_the_desktop_where_there_is_one(desktop: Desktop, ears: Ears) -> None:
    """With a bus, auto shows on the screen."""
    notifier = choose("auto", lambda notice: ears.instead.append(notice.number), lambda *_: None, ears.failures.append)
    try:
        notifier.show(SOFT)
        desktop.wait_displayed(1)
        assert isinstance(notifier, DesktopNotifier) and not ears.instead and not ears.failures
    finally:
        notifier.close()


def takes(call: Callable[[], None]) -> float:
    """Seconds that a call takes."""
    start = time.monotonic()
    call()
    return time.monotonic() - start
