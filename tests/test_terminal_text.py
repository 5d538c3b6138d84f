"""Names, notes, reasons and addresses of others steer no terminal, and stand in no page or subtitle as control characters."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import SAMPLES

from posture._support import printable, printable_json
from posture.cli.app import run

SIDE = SAMPLES / "side_mixed_male1.mp4"
EVIL = "\x1b]0;owned\x07\x1b]52;c;ZWNobw==\x07\x1b[31m\x9b2J\u202egpj\x7f"
"""Sets the window's title and the clipboard, colours, clears by one C1 character, turns the direction of what follows."""
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def clip(home: Path, kept_landmarks: Path, one_process: None) -> Path:
    """A recording with such a name, in a folder with such a name."""
    folder = home / f"in{EVIL}"
    folder.mkdir()
    return Path(shutil.copy(SIDE, folder / f"a{EVIL}.mp4"))


def clean(capfd: pytest.CaptureFixture[str]) -> str:
    """What was printed, which holds no control character."""
    said = "".join(capfd.readouterr())
    assert not CONTROL.search(said), said
    return said


def test_analyze_and_report(clip: Path, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """On the terminal, as JSON, in what is written, and in a report over a folder."""
    formats = ["--format", "srt,vtt,svg"]
    assert run(["analyze", str(clip), "--cache", "--neutral", "0-0.7", "--out", str(home / "out"), *formats]) == 0
    assert "a\N{REPLACEMENT CHARACTER}]0;owned" in clean(capfd)
    written = [p for p in (home / "out").rglob("*") if p.suffix in {".html", ".srt", ".vtt", ".svg", ".json", ".csv"}]
    assert len(written) >= 7
    for path in written:
        assert not CONTROL.search(path.read_text(encoding="utf-8")), path
    assert run(["analyze", str(clip), "--cache", "--overwrite", "--out", str(home / "out"), "--json"]) == 0
    (found,) = json.loads(clean(capfd))
    assert found["video"]["name"] == clip.name
    assert run(["analyze", str(clip.parent), "--cache", "--out", str(home / f"all{EVIL}")]) == 0
    assert run(["report", str(home / f"all{EVIL}")]) == 0
    clean(capfd)
    pages = list((home / f"all{EVIL}").glob("*.html"))
    assert len(pages) == 1
    assert not CONTROL.search(pages[0].read_text(encoding="utf-8"))


def test_errors(clip: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A name that is not there, that is no video, that is two lines; a file of settings; options."""
    bad = clip.parent / f"b\nposture: all is well{EVIL}.mp4"
    bad.write_text("no video", encoding="utf-8")
    assert run(["analyze", str(bad), "--out", str(home / "out")]) == 1
    assert len(clean(capfd).strip().splitlines()) == 1
    assert run(["analyze", str(clip.parent), "--cache", "--out", str(home / "out")]) == 1
    assert run(["analyze", str(home / f"gone{EVIL}")]) == 1
    assert run(["analyze", f"--{EVIL}"]) == 2
    assert run(["data", "import", str(clip)]) == 1
    settings = home / f"c{EVIL}.toml"
    settings.write_text(f"nothing = '{printable(EVIL)}'", encoding="utf-8")
    monkeypatch.setenv("POSTURE_CONFIG", str(settings))
    assert run(["today"]) == 2
    clean(capfd)


def test_a_day_of_imported_words(clip: Path, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A source, a reason, a place and a note that came with an export."""
    day = "2026-03-02 09:00"
    assert run(["analyze", str(clip), "--cache", "--neutral", "0-0.7", "--out", str(home / "out"), "--as-day", day]) == 0
    assert run(["log", "urge", "--note", f"n{EVIL}", "--where", "low", "--at", f"{day}:05"]) == 0
    assert run(["data", "export", str(home / "e.json")]) == 0
    exported = json.loads((home / "e.json").read_text(encoding="utf-8"))
    for span in exported["tables"]["spans"]:
        span |= {"posture": "unknown", "reason": f"r{EVIL}"}
    for report in exported["tables"]["self_reports"]:
        report["place"] = f"w{EVIL}"
    (home / "e.json").write_text(json.dumps(exported), encoding="utf-8")
    assert run(["data", "erase", "--all", "--yes"]) == 0
    capfd.readouterr()
    assert run(["data", "import", str(home / "e.json")]) == 0
    for form in ([], ["--json"], ["--md"], ["--html", str(home / "day.html")]):
        assert run(["today", "--date", "2026-03-02", *form]) == 0
    for listing in (["log", "list"], ["log", "list", "--json"], ["data", "export", str(home / f"again{EVIL}")]):
        assert run(listing) == 0
    clean(capfd)
    assert not CONTROL.search((home / "day.html").read_text(encoding="utf-8"))


def test_json_says_all_by_its_own_escapes() -> None:
    """What was put in comes out."""
    value = {"name": EVIL + "\udce9 é\n\N{SPORTS MEDAL}"}
    assert json.loads(printable_json(value)) == value
    assert "é" in printable_json(value)
