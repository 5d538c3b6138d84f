"""Reports of an analysed recording: every writer, on full, empty, tiny, long and hostile recordings."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, strategies as st
from rich.console import Console

from posture._support.files import make_folder, whole_file, write_whole
from posture.engine.recording import RecordingResult, VideoSummary
from posture.engine.summary import Finding, summarise
from posture.errors import PostureError
from posture.prompts.entries import Catalogue, EntryKind, Place, Position, Prompt
from posture.prompts.findings import held_line
from posture.reports import RENDERERS, labels as words, write_all
from posture.reports.recording import series
from posture.reports.recording.annotate import AnnotatedWriter, draw
from posture.reports.recording.page import page_html
from posture.reports.recording.summary_json import SCHEMA, plain
from posture.reports.recording.terminal import print_analysis
from posture.reports.recording.timeline_png import timeline_png
from posture.types import (
    ClassifiedReading,
    Detection,
    Episode,
    EpisodeKind,
    Estimate,
    Frame,
    HeldPrompt,
    HoldBack,
    HoldReason,
    Pose,
    Posture,
    PostureChange,
    PostureChangeKind,
    PromptLevel,
    Reading,
    ShownPrompt,
    Span,
    View,
)

COLUMNS = (
    "time_s,present,view,trunk_flexion_deg,trunk_flexion_sd_deg,pelvic_tilt_deg,pelvic_tilt_sd_deg,spinal_flexion_deg,"
    "spinal_flexion_sd_deg,neck_flexion_deg,lateral_lean_deg,axial_rotation_deg,posture"
)
EPISODES = "kind,start_s,end_s,peak_deg,mean_deg,dose_s,prompted_at_s,prompt_id"
HOSTILE = '<script>alert(1)</script> & "a\'b" $x_1$ {{ 7*7 }} \x1b[31m 坐.mp4'

CATALOGUE = Catalogue(
    (
        Prompt("referral", "See a professional", EntryKind.REFERRAL, Place.DESK, ("Make an appointment.",), "It should be examined.",
               ("A-refer",), emergency="Sudden leg weakness is an emergency."),
        Prompt("cat_cow", "Cat-Cow on your chair", EntryKind.EXERCISE, Place.DESK, ("Breathe in, arch.", "Breathe out, round."),
               "It moves each segment.", ("A-mobility",), (EpisodeKind.FLEXED,), position=Position.SEATED, repetitions="6 breaths",
               stop_if="It hurts.", not_for="Recent surgery.", ours=True, drawings=("one.svg", "missing.svg")),
        Prompt("core", "Strengthen your trunk", EntryKind.EXERCISE, Place.HOME, ("Hold.",), "Strength helps.", ("A-posture",)),
    ),
    {"A-refer": "Who should look at it.", "A-mobility": "Gentle movement works.", "A-posture": "In the long run."},
    {"A": "the article on gentle movement"},
)  # fmt: skip


def judged_at(time_s: float, posture: Posture, deg: float = 0.0, reason: str | None = None) -> ClassifiedReading:
    """One measured frame of a posture."""
    if posture is Posture.AWAY:
        return ClassifiedReading(Reading(time_s, Detection.NOBODY), posture)
    if posture is Posture.UNKNOWN:
        return ClassifiedReading(Reading(time_s, Detection.UNCLEAR), posture, reason)
    tilt = Estimate(12.0, 4.0, "side") if posture is Posture.ANTERIOR_TILT else None
    trunk, spine = Estimate(deg, 2.5, "side"), Estimate(deg / 2, 6.0, "side")
    return ClassifiedReading(Reading(time_s, Detection.PERSON, View.SIDE, 80.0, trunk, 3.0, tilt, spine, seated=True), posture)


def analysis_of(
    judged: Sequence[ClassifiedReading],
    spans: Sequence[Span],
    episodes: Sequence[Episode] = (),
    shown: Sequence[ShownPrompt] = (),
    held: Sequence[HeldPrompt] = (),
    moves: Sequence[PostureChange] = (),
    finding: Finding | None = None,
    name: str = "desk.mp4",
) -> RecordingResult:
    """An analysis whose summary follows from its parts."""
    summary = summarise(spans, moves, episodes, held=[held_line(h) for h in held], finding=finding, notes=("The neutral was automatic.",))
    return RecordingResult(
        VideoSummary(name, spans[-1].end_s if spans else None, 1280, 720, 29.97, "h264"),
        tuple(judged), tuple(spans), tuple(episodes), tuple(moves), tuple(shown), tuple(held), summary,
        {"source": "automatic", "span": (0.0, 3.0), "sd_deg": math.nan}, {"name": "full", "sha256": "ab" * 32},
        {"posture-monitor": "0.1.0"}, {"measure.rate_hz": 1.0},
    )  # fmt: skip


def everything(name: str = "desk.mp4") -> RecordingResult:
    """Half an hour with every posture, a prompt of both steps, a held one and an episode that nobody answered."""
    plan = [
        (Posture.NEUTRAL, 120.0, 4.0), (Posture.FLEXED, 1320.0, 27.0), (Posture.AWAY, 120.0, 0.0),
        (Posture.ANTERIOR_TILT, 150.0, 5.0), (Posture.UNKNOWN, 90.0, 0.0),
    ]  # fmt: skip
    spans: list[Span] = []
    judged: list[ClassifiedReading] = []
    for posture, seconds, deg in plan:
        start = spans[-1].end_s if spans else 0.0
        reason = "unclear" if posture is Posture.UNKNOWN else None
        spans.append(Span(start, start + seconds, posture, True, reason))
        judged += [judged_at(start + i, posture, deg + math.sin(i / 9), reason) for i in range(int(seconds))]
    flexed = Episode(EpisodeKind.FLEXED, 120.0, 1440.0, 1320.0, "trunk_flexion", 28.0, 27.0, 1320.0)
    tilt = Episode(EpisodeKind.ANTERIOR_TILT, 1560.0, 1710.0, 150.0, "pelvic_tilt", 12.0, 12.0, 150.0)
    shown = [
        ShownPrompt(720.0, "cat_cow", EpisodeKind.FLEXED, PromptLevel.SOFT, 120.0),
        ShownPrompt(1320.0, "cat_cow", EpisodeKind.FLEXED, PromptLevel.FIRM, 120.0),
        ShownPrompt(1400.0, "referral", None, PromptLevel.SOFT),
        ShownPrompt(1420.0, "gone_from_catalogue", EpisodeKind.FLEXED, PromptLevel.SOFT, 1.0),
    ]
    held = [HeldPrompt(1430.0, EpisodeKind.SITTING, HoldBack(HoldReason.QUIET, 1920.0))]
    finding = Finding(EpisodeKind.FLEXED, "Flexed sitting stood out: 22 minutes in one go.", ("core", "gone_too"), ("A-mobility",))
    moves = [PostureChange(PostureChangeKind.BREAK, 1440.0), PostureChange(PostureChangeKind.SHIFT, 120.0)]
    return analysis_of(judged, spans, [flexed, tilt], shown, held, moves, finding, name)


def nothing() -> RecordingResult:
    """A video without a single frame that could be measured."""
    return analysis_of([], [])


def single() -> RecordingResult:
    """A recording of one frame."""
    return analysis_of([judged_at(0.0, Posture.NEUTRAL, 3.0)], [Span(0.0, 0.2, Posture.NEUTRAL, True)])


def rows_of(content: bytes) -> list[dict[str, str]]:
    """A CSV read back."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


def render(name: str, analysis: RecordingResult) -> bytes:
    """One report's content."""
    return RENDERERS[name](analysis, CATALOGUE)


class Page(HTMLParser):
    """Reads a page: its text, its tags, every address in it, and whether the tags close in order."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "hr"})

    def __init__(self, text: str) -> None:
        """Read the whole text."""
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and its addresses."""
        self.tags.add(tag)
        self.addresses += [v or "" for k, v in attrs if k in {"src", "href", "action", "data", "xlink:href"}]
        self.ids += [v or "" for k, v in attrs if k == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element of SVG without content."""
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Must close what was opened last."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Collect what is read."""
        self.text += data


# --- tables


def test_readings_have_the_columns_in_order() -> None:
    """The named columns come first and in order; later ones stand behind."""
    header = render("readings.csv", everything()).decode().splitlines()[0]
    later = "seated,yaw_deg,yaw_sd_deg,reason,held,trunk_change_deg,trunk_absolute_sd_deg,neck_flexion_sd_deg,trunk_change_sd_deg"
    assert header == f"{COLUMNS},{later},lateral_lean_sd_deg,axial_rotation_sd_deg"


def test_episodes_have_the_columns_in_order() -> None:
    """The named columns come first and in order; later ones stand behind."""
    header = render("episodes.csv", everything()).decode().splitlines()[0]
    assert header == EPISODES + ",angle,in_state_s"


def test_what_was_not_seen_is_empty() -> None:
    """None is an empty cell, never 0 and never a word."""
    away = ClassifiedReading(Reading(1.5, Detection.NOBODY), Posture.AWAY)
    row = rows_of(render("readings.csv", analysis_of([away], [Span(0.0, 2.0, Posture.AWAY)])))[0]
    assert (row["time_s"], row["present"], row["posture"]) == ("1.500", "0", "away")
    assert all(v == "" for k, v in row.items() if k not in {"time_s", "present", "posture", "held"})


def test_a_number_that_is_none_in_arithmetic_is_empty_too() -> None:
    """NaN does not reach a table, and minus zero is written as zero."""
    reading = Reading(0.0, Detection.PERSON, trunk_flexion=Estimate(math.nan, 1.0, "x"), neck_flexion=Estimate(-0.001, 1.0, "x"))
    row = rows_of(render("readings.csv", analysis_of([ClassifiedReading(reading, Posture.UNKNOWN, "unmeasured")], [])))[0]
    assert (row["trunk_flexion_deg"], row["neck_flexion_deg"], row["reason"]) == ("", "0.00", "unmeasured")


@given(deg=st.floats(-90, 90), sd=st.floats(0, 40), time_s=st.floats(0, 1e5), posture=st.sampled_from([Posture.NEUTRAL, Posture.FLEXED]))
def test_readings_round_trip(deg: float, sd: float, time_s: float, posture: Posture) -> None:
    """What is read back is what was measured, to the decimals that are written."""
    estimate = Estimate(deg, sd, "side")
    reading = Reading(time_s, Detection.PERSON, View.FRONT, None, estimate, None, estimate, estimate, estimate, estimate, estimate, False)
    row = rows_of(render("readings.csv", analysis_of([ClassifiedReading(reading, posture)], [])))[0]
    for name in ("trunk_flexion", "pelvic_tilt", "spinal_flexion", "neck_flexion", "lateral_lean", "axial_rotation"):
        assert float(row[f"{name}_deg"]) == pytest.approx(deg, abs=0.0051)
    assert float(row["trunk_flexion_sd_deg"]) == pytest.approx(sd, abs=0.0051)
    assert float(row["time_s"]) == pytest.approx(time_s, abs=0.00051)
    assert (row["view"], row["posture"], row["seated"]) == ("front", posture.value, "0")


def test_episodes_name_their_first_prompt() -> None:
    """An episode carries time and id of the first prompt that answered it; one without a prompt has neither."""
    flexed, tilt = rows_of(render("episodes.csv", everything()))
    assert (flexed["kind"], flexed["prompted_at_s"], flexed["prompt_id"]) == ("flexed", "720.000", "cat_cow")
    assert (tilt["kind"], tilt["prompted_at_s"], tilt["prompt_id"]) == ("anterior_tilt", "", "")


# --- summary.json


def no_constants(name: str) -> float:
    """Refuses what JSON does not know."""
    raise AssertionError(f"{name} is not JSON")


def test_summary_is_strict_json_and_adds_up() -> None:
    """No NaN; the five classes are all there and add up to the total."""
    data = json.loads(render("summary.json", everything()), parse_constant=no_constants)
    assert data["schema"] == SCHEMA
    assert list(data["seconds"]) == [p.value for p in Posture]
    assert sum(data["seconds"].values()) == pytest.approx(data["total_s"], abs=0.001)
    assert data["total_s"] == 1800.0
    assert data["unknown_by_reason_s"] == {"unclear": 90.0}
    assert data["neutral"]["sd_deg"] is None


def test_summary_tells_prompts_with_passages_and_held_ones_with_reasons() -> None:
    """Every shown prompt has its passages, every held one its reason, the finding its advice."""
    data = json.loads(render("summary.json", everything()))
    assert [p["passages"] for p in data["prompts"][:2]] == [["A-mobility"], ["A-mobility"]]
    assert [p["step"] for p in data["prompts"][:2]] == ["soft", "firm"]
    held = {"time_s": 1430.0, "kind": "sitting", "step": "soft", "reason": "quiet", "until_s": 1920.0, "why": "quiet time until 32:00"}
    assert data["held"] == [held]
    assert data["finding"]["advice_ids"] == ["core", "gone_too"]
    assert (data["complete"], data["changed_settings"], data["video"]["codec"]) == (True, {"measure.rate_hz": 1.0}, "h264")


def test_plain_takes_what_python_has() -> None:
    """Enums, paths, arrays and tuples all become JSON."""
    value = {EpisodeKind.FLEXED: Path("a"), "n": np.float32(1.5), "v": np.array([1.0, np.inf]), "s": (1, None, True)}
    assert plain(value) == {"flexed": "a", "n": 1.5, "v": [1.0, None], "s": [1, None, True]}


# --- timeline


def long_recording() -> RecordingResult:
    """Two hours at 5 Hz, in which something changes at almost every frame."""
    postures = (Posture.NEUTRAL, Posture.FLEXED)
    judged = [judged_at(i / 5, postures[i % 2], 10.0 + (i * 7919 % 400) / 10) for i in range(36_000)]
    spans = [Span(i / 5, (i + 1) / 5, postures[i % 2], True) for i in range(36_000)]
    return analysis_of(judged, spans)


@pytest.mark.parametrize("make", [nothing, single, everything, long_recording])
def test_the_picture_is_drawn(make: Callable[[], RecordingResult]) -> None:
    """Empty, one frame, ordinary and 36,000 frames: a PNG of the stated width with something on it."""
    import cv2  # noqa: PLC0415

    image = cv2.imdecode(np.frombuffer(timeline_png(make(), CATALOGUE), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    assert image.shape[1] == 1650
    assert 500 < image.shape[0] < 3000
    assert (image < 120).mean() > 0.002


def test_drawing_leaves_matplotlib_alone() -> None:
    """The figure is not registered with pyplot, so nothing of the process changes."""
    import sys  # noqa: PLC0415

    timeline_png(single(), CATALOGUE)
    assert "matplotlib.pyplot" not in sys.modules


def test_a_long_recording_becomes_few_points_and_keeps_its_peaks() -> None:
    """At most two points a column, and highest and lowest angle are still there."""
    judged = [judged_at(i / 5, Posture.NEUTRAL, 40.0 if i == 71_234 else -20.0 if i == 9 else i % 3) for i in range(100_000)]
    track = series.tracks(analysis_of(judged, [Span(0.0, 20_000.0, Posture.NEUTRAL)]), 700)[0]
    assert sum(len(p.time_s) for p in track.pieces) <= 1400
    assert max(p.deg.max() for p in track.pieces) == 40.0
    assert min(p.deg.min() for p in track.pieces) == -20.0


def test_a_gap_stays_a_gap() -> None:
    """Lines are not drawn across time in which the angle was not seen, sparse or dense."""
    for step in (1.0, 0.05):
        times = [t * step for t in range(int(600 / step))]
        judged = [judged_at(t, Posture.AWAY if 200 <= t < 300 else Posture.NEUTRAL, 5.0) for t in times]
        pieces = series.tracks(analysis_of(judged, [Span(0.0, 600.0, Posture.NEUTRAL)]), 300)[0].pieces
        assert len(pieces) == 2
        assert pieces[0].time_s[-1] < 200
        assert pieces[1].time_s[0] >= 300 - 1e-9


@given(st.lists(st.tuples(st.floats(0.01, 50), st.sampled_from(list(Posture))), min_size=1, max_size=80), st.integers(5, 400))
@example([(0.35, Posture.NEUTRAL), (0.35, Posture.FLEXED)], 5)
def test_the_strip_covers_the_recording(parts: list[tuple[float, Posture]], columns: int) -> None:
    """The blocks follow one another without gap or overlap, from first to last second, and neighbours differ."""
    spans: list[Span] = []
    for seconds, posture in parts:
        start = spans[-1].end_s if spans else 0.0
        spans.append(Span(start, start + seconds, posture))
    analysis = analysis_of([], spans)
    blocks = series.strip(analysis, columns)
    assert blocks[0].start_s == 0.0
    assert blocks[-1].end_s == pytest.approx(spans[-1].end_s)
    for a, b in pairwise(blocks):
        assert a.end_s == pytest.approx(b.start_s)
        assert a.posture is not b.posture


@given(st.lists(st.tuples(st.floats(0, 900), st.floats(1, 300)), max_size=30))
def test_labels_of_a_lane_never_meet(bars: list[tuple[float, float]]) -> None:
    """Two labels of one lane do not overlap, and none leaves the chart."""
    placed = series.lane_labels([(at, length, "flexed sitting, 11 min", "11 min") for at, length in bars], 6.0, 1000.0)
    edges = sorted((at, at + 6.0 * len(said)) for at, said in placed)
    assert all(end <= 1000.0 + 1e-6 for _, end in edges)
    assert all(a[1] <= b[0] for a, b in pairwise(edges))
    assert bool(bars) == bool(placed)


@given(st.floats(0, 1e5), st.floats(1, 1e5), st.integers(2, 14))
def test_ticks_are_few_and_inside(start: float, length: float, most: int) -> None:
    """Ticks lie inside the chart and are not more than there is room for."""
    found = series.ticks(start, start + length, most)
    assert len(found) <= most + 1
    assert all(start - 1e-3 <= t <= start + length + 1e-3 for t, _ in found)


def test_the_threshold_drawn_is_the_one_that_counted() -> None:
    """A changed setting moves the line, and a neutral that leans less than 5 degrees lowers it."""
    plain_one = everything()
    changed = replace(plain_one, changed_settings={"bands.flexed_trunk_deg": 12.0})
    assert series.tracks(plain_one, 100)[0].threshold_deg == 18.0
    assert series.tracks(changed, 100)[0].threshold_deg == 12.0


# --- page


def test_the_page_is_whole_and_self_contained() -> None:
    """Tags close in order, ids are unique, nothing is loaded from anywhere, no script."""
    text = page_html(everything(), CATALOGUE, lambda name: {"one.svg": "<svg/>"}[name] if name == "one.svg" else _no_drawing(name)).decode()
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert not re.search(r"https?:|@import|//[a-z]", text)
    assert page.addresses == ["data:image/svg+xml;base64,PHN2Zy8+"]
    assert "script" not in page.tags
    assert set(re.findall(r"url\(#([\w-]+)\)", text)) <= set(page.ids)


def _no_drawing(name: str) -> str:
    raise PostureError(f"no {name}")


def test_the_page_says_all_there_is_to_say() -> None:
    """Every posture is worded; prompts have steps, cautions and passages; held ones a reason; the disclaimer stands there once."""
    text = Page(page_html(everything(), CATALOGUE).decode()).text
    for look in words.STYLES.values():
        assert look.word in text
    for said in (
        "Flexed sitting stood out", "Cat-Cow on your chair", "Breathe in, arch.",
        "our own suggestion, based on the article on gentle movement",
        "It hurts.",
        "Recent surgery.", "our own caution", "general safety advice", "quiet time until 32:00",
        "Strengthen your trunk", "gone_from_catalogue", "Gentle movement works.", "95 % of the time",
        "frames a second", "The neutral was automatic.",
        "measure.rate_hz = 1", "not clear who was seen", "19 times in 20",
    ):  # fmt: skip
        assert said in text, said
    assert text.count(words.DISCLAIMERS.other) == 1


@pytest.mark.parametrize("make", [nothing, single])
def test_the_page_of_almost_nothing(make: Callable[[], RecordingResult]) -> None:
    """An empty recording is said to be empty, and is never good posture."""
    page = Page(page_html(make(), CATALOGUE).decode())
    assert page.open == []
    assert "No reminder was due" in page.text
    assert ("Nothing could be measured" in page.text) == (make is nothing)


def test_an_interrupted_or_damaged_recording_is_said_to_be_one() -> None:
    """Page, picture's caption and terminal tell that something is missing."""
    whole = everything()
    broken = replace(whole, complete=False, video=replace(whole.video, problem="ends in the middle of a frame"))
    text = Page(page_html(broken, CATALOGUE).decode()).text
    assert "interrupted" in text
    assert "ends in the middle of a frame" in text
    assert "Interrupted" in printed(broken)
    assert "ends in the middle of a frame" in printed(broken)
    assert json.loads(render("summary.json", broken))["complete"] is False


def test_a_hostile_file_name_is_only_shown() -> None:
    """Markup, template code, mathematics, control codes and other scripts in a name do nothing anywhere."""
    hostile = everything(HOSTILE)
    text = render("report.html", hostile).decode()
    assert "<script" not in text
    assert "{{ 7*7 }}" in Page(text).text
    assert "\x1b" not in text
    assert json.loads(render("summary.json", hostile))["video"]["name"] == HOSTILE
    assert timeline_png(hostile, CATALOGUE).startswith(b"\x89PNG")


def test_looks_are_told_apart_without_colour() -> None:
    """Word, hatch and letter differ for all five; what is not known is hatched and grey, never a good posture's colour."""
    looks = list(words.STYLES.values())
    assert set(words.STYLES) == set(Posture)
    for part in ("word", "hatch", "glyph", "ascii", "colour"):
        assert len({getattr(x, part) for x in looks}) == len(looks)
    red, green, blue = bytes.fromhex(words.STYLES[Posture.UNKNOWN].colour[1:])
    assert max(red, green, blue) - min(red, green, blue) < 16
    assert words.STYLES[Posture.UNKNOWN].hatch


# --- terminal


def printed(analysis: RecordingResult, encoding: str = "utf-8", width: int = 80) -> str:
    """What a pipe of that encoding gets."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, newline="\n") as file:
        print_analysis(Console(file=file, width=width), analysis, CATALOGUE)
        file.flush()
        return raw.getvalue().decode(encoding)


def test_the_terminal_shows_the_whole_summary_at_80_columns() -> None:
    """Five classes, coverage, sit, breaks, shifts, episodes, the prompt with passage and steps, the finding; no line is longer."""
    text = printed(everything())
    assert all(len(line.rstrip()) <= 80 for line in text.splitlines())
    for said in (
        *(look.word for look in words.STYLES.values()), "95 % of the time", "Longest sit without a break", "1 break", "1 shift of posture",
        f"2:00 {words.DASH} 24:00", "peak 28°", "reminder 1", "Cat-Cow on your chair", "1. Breathe in, arch.",
        "second, firmer",        "held back", "Flexed sitting stood out", "Strengthen your trunk", "Sudden leg weakness",
    ):  # fmt: skip
        assert said in text, said


def busy() -> RecordingResult:
    """A day with long words everywhere: hours, negative angles, a reason."""
    whole = everything()
    long = [Episode(EpisodeKind.SITTING, 36000.0, 46000.0, 10000.0, in_state_s=5460.0)]
    long += [Episode(EpisodeKind.ANTERIOR_TILT, 36000.0, 41000.0, 3000.0, "pelvic_tilt", -12.0, -10.0, 4000.0)]
    return replace(whole, episodes=(*whole.episodes, *long), summary=replace(whole.summary, reasons={"nobody_brief": 30.0, "unclear": 1.0}))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", [24, 40, 60, 72, 80, 120])
@pytest.mark.parametrize("make", [everything, busy])
def test_nothing_in_the_tables_is_cut(make: Callable[[], RecordingResult], width: int, encoding: str) -> None:
    """Every class with its time, share and reason, and every episode with its times, angles and prompt, however narrow it is."""
    analysis = make()
    text = printed(analysis, encoding, width)
    said = " ".join(text.split())
    assert "…" not in text
    for posture, look in words.STYLES.items():
        seconds = analysis.summary.seconds.get(posture, 0.0)
        shown = f"{look.word} {words.span_words(seconds)} {words.share_words(seconds, analysis.summary.total_s)}"
        assert shown.replace(words.DASH, "-") in said.replace(words.DASH, "-")
    if analysis.summary.reasons:
        assert words.reason_words(max(analysis.summary.reasons, key=lambda r: analysis.summary.reasons[r])) in said
    for e in analysis.sustained():
        assert words.episode_words(e) in said
        assert words.clock(e.end_s) in said and words.span_words(e.in_state_s) in said
        if e.peak_deg is not None and e.mean_deg is not None and encoding == "utf-8":
            assert f"peak {words.degrees(e.peak_deg)}, mean {words.degrees(e.mean_deg)}" in said
        if analysis.prompt_of(e) is not None:
            assert f"reminder {analysis.shown.index(analysis.prompt_of(e)) + 1}" in said  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_from_80_columns_on_every_episode_is_one_line(encoding: str) -> None:
    """Kind, times and prompt of an episode stand on the same line."""
    analysis = everything()
    lines = printed(analysis, encoding, 80).splitlines()
    for e in analysis.sustained():
        (line,) = [x for x in lines if words.episode_words(e) in x and words.clock(e.end_s) in x]
        assert words.span_words(e.in_state_s) in line


def test_with_a_red_flag_prompts_are_listed_by_time_and_title() -> None:
    """No step of any exercise is printed; without the flag they are."""
    analysis = everything()
    file = io.StringIO()
    print_analysis(Console(file=file, width=80), analysis, CATALOGUE, flagged=True)
    entry = next(p for s in analysis.shown if (p := CATALOGUE.get(s.prompt_id)) and p.kind is not EntryKind.REFERRAL)
    assert entry.title in file.getvalue()
    assert entry.steps[0] not in file.getvalue()
    assert entry.steps[0] in printed(analysis)


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("make", [nothing, single, everything])
def test_plain_text_when_piped(make: Callable[[], RecordingResult], width: int) -> None:
    """Without a terminal there are no control codes, and ASCII is enough."""
    text = printed(make(), "ascii", width)
    assert "\x1b" not in text
    assert words.DISCLAIMER.split(".", maxsplit=1)[0] in " ".join(text.split())


# --- words


@pytest.mark.parametrize(
    ("seconds", "clock", "span"),
    [
        (0, "0:00", "0 s"), (59.4, "0:59", "59 s"), (59.6, "1:00", "1 min"), (125, "2:05", "2 min 5 s"), (779, "12:59", "13 min"),
        (3599.7, "1:00:00", "1 h"), (4030, "1:07:10", "1 h 7 min"), (28_800, "8:00:00", "8 h"),
    ],
)  # fmt: skip
def test_times_in_words(seconds: float, clock: str, span: str) -> None:
    """Clock times and lengths read as people write them."""
    assert (words.clock(seconds), words.span_words(seconds)) == (clock, span)


def test_shares_do_not_round_a_little_to_nothing() -> None:
    """Less than one per cent is not 0 %, and almost all is not all."""
    assert [words.share_words(p, 1000) for p in (0, 4, 500, 996, 1000)] == ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]
    assert words.share_words(1, 0) == words.DASH


# --- every writer


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("make", [nothing, single, everything])
def test_every_report_is_the_same_twice(name: str, make: Callable[[], RecordingResult]) -> None:
    """The same analysis gives the same bytes, and never none."""
    first = render(name, make())
    assert first
    assert first == render(name, make())


def test_write_all_writes_every_report_and_replaces_older_ones(tmp_path: Path) -> None:
    """All files are there, whole, in a folder that did not exist; nothing temporary stays; older ones are replaced."""
    out = tmp_path / "new" / "folder"
    paths = write_all(everything(), out, CATALOGUE)
    assert [p.name for p in paths] == list(RENDERERS)
    assert sorted(out.iterdir()) == sorted(paths)
    (out / "report.html").write_text("old")
    (out / "mine.txt").write_text("kept")
    write_all(everything(), out, CATALOGUE)
    assert (out / "report.html").read_bytes() == render("report.html", everything())
    assert (out / "mine.txt").read_text() == "kept"


@pytest.mark.parametrize("name", RENDERERS)
def test_what_cannot_be_written_is_one_plain_line(name: str, tmp_path: Path) -> None:
    """A folder in the place of a file is a PostureError that names it; nothing temporary stays."""
    (tmp_path / name / "x").mkdir(parents=True)
    with pytest.raises(PostureError, match=re.escape(name)) as caught:
        write_all(single(), tmp_path, CATALOGUE)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.glob(".*"))


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    """An output folder that cannot be made is a PostureError that names it."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(PostureError, match="taken"):
        make_folder(tmp_path / "taken" / "out")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_write_leaves_the_old_file(error: type[BaseException], tmp_path: Path) -> None:
    """Whatever stops a write, the old file stays as it was and nothing temporary remains."""
    path = tmp_path / "a.csv"
    write_whole(path, b"old")
    with pytest.raises(error), whole_file(path) as part:
        part.write_bytes(b"half")
        raise error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


# --- annotated video


def pose_at(time_s: float, width: int, height: int) -> Pose:
    """A body in the middle, its hips outside of the picture."""
    at = np.full((33, 3), 40.0, np.float32)
    at[[23, 24], 1] = height + 50
    return Pose(time_s, at, at.copy(), np.ones(33, np.float32), np.ones(33, np.float32), width, height)


def write_frames(writer: AnnotatedWriter, times: Sequence[float], size: tuple[int, int] = (160, 120)) -> None:
    """Append a grey frame at each time."""
    for t in times:
        frame = Frame(t, np.full((size[1], size[0], 3), 128, np.uint8))
        writer.write(frame, pose_at(t, *size), judged_at(t, Posture.FLEXED, 25.0), {EpisodeKind.FLEXED: 10 * t}, 600.0)


def times_of(path: Path) -> list[float]:
    """Presentation times of a video, and that it can be decoded to its end."""
    import av  # noqa: PLC0415

    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0) if frame.time is not None]


def test_the_annotated_video_keeps_the_times(tmp_path: Path) -> None:
    """Irregular frames come back at their own times, to the millisecond, also when they begin late; odd sizes are taken."""
    times = [5.0, 5.2, 5.233, 7.0, 7.001, 60.0]
    path = tmp_path / "annotated.mp4"
    with AnnotatedWriter(path, 161, 121) as writer:
        write_frames(writer, times, (161, 121))
    assert times_of(path) == pytest.approx(times, abs=0.0011)
    assert list(tmp_path.iterdir()) == [path]


def test_two_frames_of_the_same_millisecond(tmp_path: Path) -> None:
    """Times that round to the same millisecond still rise."""
    path = tmp_path / "annotated.mp4"
    with AnnotatedWriter(path, 160, 120) as writer:
        write_frames(writer, [1.0, 1.0001, 1.0002])
    assert times_of(path) == pytest.approx([1.0, 1.001, 1.002], abs=1e-6)


def test_an_interrupted_annotated_video_is_whole(tmp_path: Path) -> None:
    """After Ctrl-C the file has its name and every frame that was written; an older one is replaced."""
    path = tmp_path / "annotated.mp4"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), AnnotatedWriter(path, 160, 120) as writer:
        write_frames(writer, [0.0, 0.2, 0.4])
        raise KeyboardInterrupt
    assert times_of(path) == pytest.approx([0.0, 0.2, 0.4], abs=1e-6)
    assert list(tmp_path.iterdir()) == [path]


def test_no_frame_no_video(tmp_path: Path) -> None:
    """Without a frame there is no file, and an older one stays."""
    path = tmp_path / "annotated.mp4"
    path.write_bytes(b"old")
    with AnnotatedWriter(path, 160, 120):
        pass
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_annotated_video_that_cannot_be_written(tmp_path: Path) -> None:
    """A missing folder is one plain line."""
    with pytest.raises(PostureError, match=r"annotated\.mp4") as caught, AnnotatedWriter(tmp_path / "no" / "annotated.mp4", 160, 120):
        pass
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("posture", Posture)
@pytest.mark.parametrize("size", [(16, 16), (160, 120), (1920, 1080)])
def test_drawing_on_any_size(posture: Posture, size: tuple[int, int]) -> None:
    """Any size and posture can be drawn on; the frame itself is not changed."""
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    drawn = draw(image, pose_at(0.0, *size), judged_at(0.0, posture, 5.0, "unclear"), {}, 0.0)
    assert drawn.shape == image.shape
    assert (image == 128).all()
    assert (drawn != 128).any()
