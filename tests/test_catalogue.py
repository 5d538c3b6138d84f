"""The prompt catalogue: what is shipped, what a user's file may do, and the drawings."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from posture._support.catalogue import drawing, load
from posture.errors import CatalogueError
from posture.prompts.entries import Catalogue, EntryKind, Place, Position
from posture.types import EpisodeKind, ReportKind

ROOT = Path(__file__).resolve().parent.parent
DRAWINGS = ROOT / "posture" / "data" / "drawings"
PICTURES = ROOT / "posture" / "data" / "pictures"
PASSAGES = [f"A-{name}" for name in ("facet", "sitting", "tilt", "core", "guard", "mobility", "heat", "rotation", "posture", "refer")]
PASSAGES += [f"B-{name}" for name in ("daily", "urge", "ergonomics", "refractory", "benefit", "care")]
OWN = """[prompts.neck]
trigger = ["sitting"]
kind = "exercise"
where = "desk"
title = "Nod"
steps = ["Nod slowly."]
position = "seated"
repetitions = "5 times"
why = "It moves."
passages = ["A-mobility"]
"""


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The catalogue without a user's file."""
    return load()


def user_file(folder: Path, text: str) -> Path:
    """A user's catalogue with that text."""
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_that_the_articles_advise_is_there(shipped: Catalogue) -> None:
    """Every exercise, habit and answer that the articles give has its entry, with the passage it follows."""
    expected = {
        "cat_cow_seated": "A-mobility",
        "cat_cow_floor": "A-mobility",
        "pelvic_tilts_seated": "A-mobility",
        "pelvic_tilts_lying": "A-mobility",
        "rotation_seated": "A-rotation",
        "rotation_supine": "A-rotation",
        "heat": "A-heat",
        "hip_flexor_stretch": "A-tilt",
        "core_brace_seated": "A-core",
        "dead_bug": "A-core",
        "sit_tall": "A-posture",
        "weekly_strength": "A-posture",
        "get_up": "B-care",
        "set_up_desk": "B-ergonomics",
        "referral": "A-refer",
        "urge_answer": "A-guard",
        "cracked_answer": "B-benefit",
        "stiff_answer": "A-sitting",
    }
    leading = {p.id: p.passages[0] for p in shipped.prompts}
    assert expected.items() <= leading.items()


def test_the_sixteen_passages_are_known_and_each_is_used(shipped: Catalogue) -> None:
    """No passage is missing, none is invented, and only what no prompt needs stays unused."""
    assert list(shipped.passages) == PASSAGES
    assert set(PASSAGES) == {passage for p in shipped.prompts for passage in p.passages}


def test_what_the_articles_do_not_name_is_marked_as_ours(shipped: Catalogue) -> None:
    """Seated Cat-Cow, seated rotation and the hip-flexor stretch say that they are our suggestion; named ones do not."""
    for name in ("cat_cow_seated", "rotation_seated", "hip_flexor_stretch", "dead_bug", "core_brace_seated"):
        prompt = shipped.get(name)
        assert prompt is not None and shipped.source_of(prompt).startswith("our own suggestion, based on the article")
    for name in ("cat_cow_floor", "rotation_supine", "pelvic_tilts_lying", "heat", "get_up"):
        prompt = shipped.get(name)
        assert prompt is not None and shipped.source_of(prompt).startswith("from the article")


def test_every_exercise_is_complete(shipped: Catalogue) -> None:
    """Position, how long or how often, when to stop, who should ask first, and at least one drawing (two for a movement)."""
    for p in shipped.prompts:
        if p.kind in {EntryKind.EXERCISE, EntryKind.HEAT}:
            assert p.position is not None and (p.duration is None) != (p.repetitions is None), p.id
            assert p.stop_if and "hurts" in p.stop_if and "tingles" in p.stop_if, p.id
            assert p.not_for and all(word in p.not_for for word in ("surgery", "fracture", "osteoporosis", "pregnancy", "ask")), p.id
            assert len(p.drawings) >= (1 if p.kind is EntryKind.HEAT else 2), p.id


def test_desk_entries_can_be_done_at_a_desk(shipped: Catalogue) -> None:
    """Nobody is asked to lie down at work, and every watched cause has at least three prompts for the desk."""
    desk = [p for p in shipped.prompts if p.where is Place.DESK]
    assert not [p.id for p in desk if p.position in {Position.LYING, Position.HANDS_AND_KNEES}]
    for kind in EpisodeKind:
        assert len([p for p in desk if kind in p.causes]) >= 3


def test_no_prompt_suggests_forcing_a_crack(shipped: Catalogue) -> None:
    """Wherever cracking or force is spoken of outside the explanations, it is to say no."""
    for p in shipped.prompts:
        for text in (*p.steps, p.title):
            if p.kind is not EntryKind.EXPLANATION and re.search(r"\b(crack|force|push through|jerk|bounce|pull hard)\b", text, re.I):
                assert re.search(r"\b(not|no|never)\b|n't\b", text, re.I), text


def test_the_referral_says_whom_when_and_the_emergency(shipped: Catalogue) -> None:
    """Therapist or doctor, promptly for weakness or numbness, and the three signs of an emergency."""
    referral = shipped.referral
    text = " ".join(referral.steps)
    assert "physical therapist or a doctor" in text and "chiropractor" in text and "promptly" in text
    assert set(referral.reports) == {ReportKind.PAIN, ReportKind.NUMB, ReportKind.WEAK}
    assert referral.emergency is not None
    assert all(word in referral.emergency for word in ("bladder", "bowel", "saddle", "sudden leg weakness", "emergency"))
    assert {"A-refer", "B-care"} <= set(referral.passages)


def test_user_file_adds_overrides_and_disables(tmp_path: Path) -> None:
    """A new id is added behind, a known one changes only the keys it names, enabled = false takes one out."""
    mine = user_file(tmp_path, OWN + '[prompts.get_up]\ntitle = "Off you go"\n[prompts.sit_tall]\nenabled = false\n')
    catalogue, before = load(mine), load()
    assert catalogue.prompts[-1].id == "neck"
    assert catalogue.prompts[-1].stop_if == "It hurts or tingles."
    changed, original = catalogue.get("get_up"), before.get("get_up")
    assert changed is not None and original is not None
    assert changed.title == "Off you go" and changed.steps == original.steps
    assert catalogue.get("sit_tall") is None
    assert len(catalogue.prompts) == len(before.prompts)


def test_user_file_may_give_the_referral_another_title(tmp_path: Path) -> None:
    """The words around it may change; its steps, passages and emergency line stay the shipped ones."""
    referral, shipped = load(user_file(tmp_path, '[prompts.referral]\ntitle = "Bitte zum Arzt"\n')).referral, load().referral
    assert referral.title == "Bitte zum Arzt"
    assert (referral.steps, referral.passages, referral.emergency) == (shipped.steps, shipped.passages, shipped.emergency)


def test_user_drawing_lies_beside_the_file(tmp_path: Path) -> None:
    """A user's entry may bring its own drawing; a shipped one is found from any folder."""
    (tmp_path / "nod.svg").write_text("<svg/>", encoding="utf-8")
    mine = user_file(tmp_path, OWN + 'drawings = ["nod.svg", "get_up_1.svg"]\n')
    assert load(mine).prompts[-1].drawings == ("nod.svg", "get_up_1.svg")
    assert drawing("nod.svg", mine) == "<svg/>"
    assert drawing("get_up_1.svg", mine).startswith("<svg ")
    with pytest.raises(CatalogueError, match=r"nod\.svg"):
        drawing("nod.svg")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompts = 3", "prompts: expected [prompts.<id>] tables"),
        ("[prompts\n", "not valid TOML"),
        ('[passages]\nA-x = "y"', "passages: expected only [prompts.<id>] tables"),
        ("[prompts]\nneck = 1", "prompts.neck = 1: expected a table"),
        (OWN + 'id = "nape"', "prompts.neck: id = 'nape': expected 'neck'"),
        (OWN.replace("[prompts.neck]", '[prompts."Neck!"]'), "id = 'Neck!': expected lower-case letters"),
        (OWN.replace('title = "Nod"\n', ""), "prompts.neck: title is missing: expected one line of at most 45 characters"),
        (OWN.replace('"Nod"', f'"{"x" * 46}"'), "prompts.neck: title = 'xxx"),
        (OWN.replace('"Nod"', "7"), "prompts.neck: title = 7: expected one line"),
        (
            OWN.replace('["Nod slowly."]', '["1", "2", "3", "4", "5"]'),
            "prompts.neck: steps = ['1', '2', '3', '4', '5']: expected a list of 1 to 4",
        ),
        (OWN.replace('["Nod slowly."]', '"Nod slowly."'), "prompts.neck: steps = 'Nod slowly.': expected a list"),
        (
            OWN.replace('["sitting"]', '["lounging"]'),
            "trigger = ['lounging']: expected a list of flexed, anterior_tilt, sitting, stillness, flexed_share, self_report",
        ),
        (OWN.replace('["sitting"]', '["self_report"]'), "prompts.neck: reports: expected with trigger 'self_report'"),
        (OWN + 'reports = ["urge"]', "prompts.neck: reports: expected with trigger 'self_report' and only then"),
        (OWN.replace('"exercise"', '"dance"'), "kind = 'dance': expected one of exercise, heat"),
        (OWN.replace('"exercise"', '"referral"'), "expected another kind; there is one referral"),
        (OWN.replace("A-mobility", "C-magic"), "passages = 'C-magic': expected some of A-facet, A-sitting"),
        (OWN.replace('repetitions = "5 times"\n', ""), "duration, repetitions: expected exactly one"),
        (OWN + 'duration = "1 minute"', "duration, repetitions: expected exactly one"),
        (OWN.replace('position = "seated"\n', ""), "position is missing: expected one of seated, standing"),
        (OWN + 'drawings = ["../x.svg"]', "drawings = ['../x.svg']: expected a list of file names"),
        (OWN + 'drawings = ["x.svg"]', "drawings = 'x.svg': expected a shipped drawing or a file beside"),
        (OWN + 'emergency = "run"', "emergency: expected in the referral and only there"),
        (OWN + 'ours = "yes"', "ours = 'yes': expected true or false"),
        (OWN + "colour = 1", "colour: unknown key; expected id, trigger"),
        ("[prompts.referral]\nenabled = false", "the referral cannot be taken out"),
        ('[prompts.referral]\nkind = "habit"', "the referral cannot be taken out"),
        ('[prompts.referral]\nreports = ["urge"]', "the referral cannot be taken out"),
        ('[prompts.referral]\nemergency = "none"', "the referral cannot be taken out"),
        ('[prompts.get_up]\nkind = "referral"', "there is one referral"),
        ('[prompts.referral]\nsteps = ["Wait."]', "steps: the referral cannot be taken out; expected only more, title, why"),
        ('[prompts.referral]\npassages = ["A-heat"]', "passages: the referral cannot be taken out"),
        ('[prompts.cat_cow_seated]\nkind = "get_up"', "kind = 'get_up': expected 'exercise', as shipped"),
        ('[prompts.heat]\nkind = "habit"', "kind = 'habit': expected 'heat', as shipped"),
    ],
)
def test_a_mistake_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    """The message names the file, the entry, the key and what was expected."""
    mine = user_file(tmp_path, text)
    with pytest.raises(CatalogueError) as caught:
        load(mine)
    message = str(caught.value)
    assert said in message and str(mine) in message and len(message.splitlines()) == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file, a folder and a file that is not text give one line with the path."""
    binary = tmp_path / "b.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.toml", tmp_path, binary):
        with pytest.raises(CatalogueError, match="prompt catalogue cannot be read") as caught:
            load(path)
        assert str(path) in str(caught.value)


def test_passages_page_says_what_the_catalogue_says(shipped: Catalogue) -> None:
    """docs/passages.md lists every passage with the very paraphrase that the program shows."""
    page = (ROOT / "docs" / "passages.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\S+-\S+) \| (.*) \|$", page, re.M))
    assert rows == dict(shipped.passages)


def test_drawings_and_pictures_are_what_the_generator_draws() -> None:
    """The committed SVGs are the output of tools/draw_figures.py; each PNG names the hash of the SVG that it shows."""
    done = subprocess.run([sys.executable, ROOT / "tools" / "draw_figures.py", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(DRAWINGS.glob("*.svg")), ids=lambda p: p.stem)
def test_drawing_is_safe_and_speaks(path: Path) -> None:
    """It parses, has title and description for screen readers, needs no style sheet, and holds no script and no reference outside."""
    text = path.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "path", "circle", "rect"}
    names = {name.rpartition("}")[2] for element in root.iter() for name in element.attrib}
    assert not [n for n in names if n.startswith("on") or n in {"href", "src", "style"}]
    assert "url(" not in text and "var(" not in text and text.count("http") == 1  # the SVG namespace
    labels = (root.get("aria-labelledby") or "").split()
    spoken = {element.get("id"): element.text for element in root.iter() if element.tag.endswith(("title", "desc"))}
    assert len(labels) == 2 and all(spoken[label] for label in labels)
    assert len(text) <= 8500


@pytest.mark.parametrize("path", sorted(DRAWINGS.glob("*.svg")), ids=lambda p: p.stem)
def test_what_a_drawing_shows_can_be_told_from_its_ground(path: Path) -> None:
    """Outlines, arrows and spine against the ground or their own white rim: 3 : 1 at least (WCAG 2 AA for pictures)."""
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    ground, figure = root[2].get("fill", ""), root[3]
    lines = {e.get("stroke", "") for e in figure.iter()}
    assert _contrast(figure.get("stroke", ""), ground) >= 7
    assert "#c94f16" in lines and _contrast("#c94f16", ground) >= 3 and _contrast("#c94f16", "#ffffff") >= 4


def test_steps_of_an_entry_differ_by_the_posture(shipped: Catalogue) -> None:
    """No two drawings of an entry are alike once their arrows are taken away."""

    def without_arrows(name: str) -> str:
        kept = [line for line in drawing(name).splitlines() if 'stroke="#c94f16" stroke-width="26"' not in line]
        return "\n".join(kept[3:])

    for prompt in shipped.prompts:
        names = set(prompt.drawings)
        assert len({without_arrows(name) for name in names}) == len(names), prompt.id


def test_no_drawing_is_left_over(shipped: Catalogue) -> None:
    """Each entry uses every SVG that bears its name."""
    used = {name for p in shipped.prompts for name in p.drawings}
    ids = {p.id for p in shipped.prompts}
    spare = {p.name for p in DRAWINGS.glob("*.svg")} - used
    assert not [name for name in spare if name.rpartition("_")[0] in ids]


def test_first_step_has_a_picture_for_notifications(shipped: Catalogue) -> None:
    """A small PNG by the name of the entry; all of them together are at most 1 MB."""
    for prompt in shipped.prompts:
        if prompt.drawings:
            assert prompt.drawings[0] == f"{prompt.id}_1.svg"
            with Image.open(PICTURES / f"{prompt.id}.png") as image:
                assert image.format == "PNG" and image.size == (288, 288)
    assert sum(p.stat().st_size for p in PICTURES.iterdir()) <= 1_000_000


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as ``#rrggbb``, by WCAG 2."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dim, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dim + 0.05)
