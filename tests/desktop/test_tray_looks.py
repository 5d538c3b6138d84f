"""The tray's icons, words and menu, as data: no display is needed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray
from PIL import Image

from posture._support import catalogue
from posture.desktop.tray.hosts import no_display, no_host
from posture.desktop.tray.images import Glyph, draw, glyph_of
from posture.desktop.tray.menu import (
    LINE,
    LONGEST,
    SEEN,
    Exercises,
    Item,
    TrayAction,
    TrayCommand,
    actions,
    figures,
    menu,
    needs_attention,
    status,
    status_line,
)
from posture.engine.session import Mode
from posture.engine.session_status import SessionStatus
from posture.types import Answer, Posture, ReportKind
from tests.desktop.trayhost import STATES, tray_status

Picture = NDArray[np.uint8]
BARS = {"light": (242, 242, 242), "dark": (30, 30, 34)}
SIZES = (16, 22, 24, 32, 48, 64)
SEEN_GLYPHS = {Glyph(posture.value) for posture in SEEN}
_states = st.builds(
    tray_status,
    mode=st.sampled_from(Mode).map(str),
    posture=st.none() | st.sampled_from(Posture).map(str),
    flexed_s=st.floats(0, 1e5),
    soft_s=st.floats(1, 86400),
    sitting_s=st.floats(0, 1e6),
    words=st.text(max_size=300),
    paused_until=st.none() | st.just("14:30"),
    prompts_held=st.booleans(),
    last=st.none() | st.just("Cat-Cow"),
    flagged=st.booleans(),
    prompt=st.none() | st.tuples(st.integers(1), st.sampled_from(("Cat-Cow", "Please see a professional"))),
    advice=st.sampled_from(
        ("", "You're turned about 40° from where you calibrated: your calibration no longer fits; recalibrate? (posture calibrate)")
    ),
)
_EXERCISES = Exercises((("cat", "Cat-Cow"), ("get_up", "Stand up")))


def _on(bar: tuple[int, int, int], glyph: Glyph, size: int, held: bool = False) -> Picture:
    ground = Image.new("RGBA", (size, size), (*bar, 255))
    ground.alpha_composite(draw(glyph, size, held=held))
    return np.asarray(ground.convert("L"))


@pytest.mark.parametrize("bar", BARS)
@pytest.mark.parametrize("size", SIZES)
def test_every_icon_stands_out_and_differs_without_colour(bar: str, size: int) -> None:
    """In grey alone, on a light and on a dark bar, each icon is seen and no two are alike, with the badge or without."""
    drawn = {(glyph, held): _on(BARS[bar], glyph, size, held) for glyph in Glyph for held in {False, glyph in SEEN_GLYPHS}}
    ground = np.asarray(Image.new("RGB", (1, 1), BARS[bar]).convert("L"))[0, 0]
    for name, picture in drawn.items():
        assert (np.abs(picture.astype(int) - int(ground)) > 100).mean() > 0.04, name
    for one, other in itertools.combinations(drawn, 2):
        assert (np.abs(drawn[one].astype(int) - drawn[other].astype(int)) > 90).mean() > 0.04, (one, other)


def test_an_icon_for_trays_without_transparency_is_opaque() -> None:
    """On the tile every pixel is opaque, and the figure still stands out."""
    picture = np.asarray(draw(Glyph.FLEXED, 24, opaque=True))
    assert (picture[..., 3] == 255).all()
    assert np.ptp(picture[..., 0]) > 150


@given(_states)
def test_what_is_not_seen_is_never_said_to_be_fine(state: SessionStatus) -> None:
    """Without a measured posture neither icon nor words are those of a posture."""
    sees = state.mode == Mode.RUNNING and state.posture not in (None, Posture.UNKNOWN)
    assert (glyph_of(state) in SEEN_GLYPHS) == sees
    assert status(state).startswith(tuple(SEEN.values())) == sees


@given(_states)
def test_the_tooltip_fits_every_system_and_keeps_its_figures(state: SessionStatus) -> None:
    """However long the words are, the line is short enough and ends with minutes sat and dose."""
    assert len(status_line(state)) <= LONGEST or len(figures(state)) > LONGEST - 10
    assert status_line(state).endswith(figures(state))


@given(_states)
def test_the_menu_offers_everything_at_all_times(state: SessionStatus) -> None:
    """Pause or resume, never both; every feeling; no exercise while a red flag is up; an answer while a prompt waits for one."""
    offered = list(actions(menu(state, _EXERCISES)))
    pauses = {TrayCommand.PAUSE_FOR, TrayCommand.PAUSE_UNTIL_TOMORROW, TrayCommand.PAUSE_UNTIL_RESUMED}
    does = {action.command for action in offered}
    expected = {TrayCommand.RESUME} if state.mode == Mode.PAUSED else pauses
    expected |= ({TrayCommand.ANSWER} if state.prompt and not state.flagged else set()) | (
        {TrayCommand.ACKNOWLEDGE} if state.flagged else set()
    )
    expected |= {TrayCommand.AGAIN} if state.last else set()
    assert does == {*TrayCommand} - {TrayCommand.RESUME, TrayCommand.ANSWER, TrayCommand.AGAIN, TrayCommand.ACKNOWLEDGE} - pauses | expected
    assert [a.report for a in offered if a.command is TrayCommand.REPORT] == list(ReportKind)
    shown = [a.prompt_id for a in offered if a.command is TrayCommand.EXERCISE]
    assert shown == (["referral"] if state.flagged else ["cat", "get_up"])


def test_words_of_states() -> None:
    """State, minutes sat and dose, in plain words."""
    said = {name: status_line(tray_status(**state)) for name, state in STATES.items()}
    assert said["flexed"] == "Leaning or slumped · Sat 25 min, bent time 4 of 10 min"
    assert said["dark"].startswith("Can't see you: the picture is too dark to measure · ")
    assert said["held"].startswith("Sitting upright; no reminders: a call is on · ")
    assert said["paused"].startswith("Paused until 14:30, camera off")
    assert status(tray_status("paused", words="On battery.")) == "Paused, camera off: on battery"
    assert len(set(said.values())) == len(said)


def test_a_prompt_that_waits_is_answered_from_the_menu() -> None:
    """All four answers, with its number; the referral is neither done nor snoozed; a red flag takes the place of any prompt."""

    def answers(state: SessionStatus) -> list[tuple[str, object]]:
        groups = [i for i in menu(state, _EXERCISES) if i.label.startswith("Last reminder: ")]
        return [
            (item.label, item.action and (item.action.command, item.action.number, item.action.answer)) for g in groups for item in g.items
        ]

    assert answers(tray_status("running", "flexed")) == []
    assert answers(tray_status("running", "away", prompt=(7, "Cat-Cow"))) == [
        ("Show me", (TrayCommand.ANSWER, 7, Answer.SHOW)),
        ("Done", (TrayCommand.ANSWER, 7, Answer.DONE)),
        ("Snooze 10 min", (TrayCommand.ANSWER, 7, Answer.SNOOZE)),
        ("Not now", (TrayCommand.ANSWER, 7, Answer.NOT_NOW)),
    ]
    assert [label for label, _ in answers(tray_status("running", prompt=(8, _EXERCISES.referral[1])))] == ["Show me", "Not now"]
    flagged = menu(tray_status("running", "flexed", prompt=(7, "Cat-Cow"), flagged=True), _EXERCISES)
    labels = [item.label for item in flagged]
    assert labels[5:7] == [_EXERCISES.referral[1], "I have read it"] and not any("Last reminder" in label for label in labels)
    assert flagged[6].action == TrayAction(TrayCommand.ACKNOWLEDGE)


def test_what_waits_for_the_person_needs_attention() -> None:
    """A reminder, the referral, a camera that is gone; nothing else."""
    assert [name for name, state in STATES.items() if needs_attention(tray_status(**state))] == ["camera lost"]
    assert needs_attention(tray_status("running", "flexed", prompt=(7, "Cat-Cow")))
    assert needs_attention(tray_status("running", "flexed", flagged=True))


def test_advice_stands_in_the_words_and_at_calibrate() -> None:
    """While somebody is seen the tooltip says what is wrong, and the line that mends it is named after it."""
    words = "You're turned about 40° from where you calibrated: your calibration no longer fits; recalibrate? (posture calibrate)"
    state = tray_status("running", "flexed", advice=words)
    assert status(state) == "Leaning or slumped; you're turned about 40° from where you calibrated: your calibration no longer fits"
    assert status_line(state).startswith("Leaning or slumped; you're turned") and len(status_line(state)) <= LONGEST
    assert Item("Calibrate again", TrayAction(TrayCommand.CALIBRATE)) in menu(state, _EXERCISES)
    assert Item("Calibrate", TrayAction(TrayCommand.CALIBRATE)) in menu(tray_status("running", "flexed"), _EXERCISES)
    assert status(tray_status("locked", advice=words)) == "Screen locked, camera off"


def test_labels_are_in_sentence_case() -> None:
    """Every line begins with a capital and goes on without; none ends in a full stop."""

    def labels(items: tuple[Item, ...]) -> Iterator[str]:
        for item in items:
            if item is not LINE:
                yield item.label
            yield from labels(item.items)

    for label in labels(menu(tray_status("running", "flexed", prompt=(1, "Cat-Cow"), advice="You sit turned"), _EXERCISES)[2:]):
        assert label[0].isupper() or label[0].isdigit()
        assert not label.endswith(".")
        assert all(word[0].islower() or word[0].isdigit() or word in {"I", "Cat-Cow"} for word in label.split()[1:]), label


def test_exercises_are_those_for_the_desk() -> None:
    """The shipped catalogue gives its desk entries, and the referral apart from them."""
    exercises = Exercises.of(catalogue.load())
    known = catalogue.load()
    assert len(exercises.desk) >= 5
    assert exercises.referral[0] == "referral"
    for prompt_id, title in exercises.desk:
        entry = known.get(prompt_id)
        assert entry is not None
        assert (entry.title, entry.where) == (title, "desk")


def test_what_the_camera_counts_is_offered_as_done_together() -> None:
    """A reminder that the window can count says so in the menu too; any other one offers to show how."""
    known = catalogue.load()
    exercises = Exercises.of(known, ["cat_cow_seated"])
    for prompt_id, label in (("cat_cow_seated", "Do it with me"), ("sit_tall", "Show me")):
        items = menu(tray_status("running", prompt=(7, known.title_of(prompt_id))), exercises)
        asked = {action.answer: item.label for one in items for item in one.items if (action := item.action)}
        assert asked[Answer.SHOW] == label


def test_why_there_is_no_tray_is_said_plainly() -> None:
    """Over ssh, without a display, on GNOME and elsewhere: each has its words."""
    assert no_display({"SSH_CONNECTION": "a b"}) == "No tray icon over ssh."
    assert no_display({}) == "No tray icon without a display."
    assert no_display({"DISPLAY": ":4711"}) == "No tray icon: the display :4711 can't be opened."
    assert no_display({"WAYLAND_DISPLAY": "wayland-0"}) is None
    assert "AppIndicator extension" in no_host({"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"})
    assert no_host({}) == "No tray icon: no panel on this desktop shows them."
