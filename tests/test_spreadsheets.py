"""No text of an export is a formula to a spreadsheet, numbers stay numbers, and every text comes back."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pandas as pd
import pytest
from conftest import SAMPLES
from hypothesis import given, strategies as st

from posture._support import defused, restored
from posture.cli.app import run
from posture.errors import InputError
from posture.reports.recording.tables import as_csv
from posture.storage.exchange import csv_files
from posture.storage.exchange.tables import REPORTS

BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}")
FORMULA = '=HYPERLINK("http://example.org";"x")'


@given(st.text(alphabet=st.sampled_from([*BEGINS, "'", "a", "1", " "])))
def test_every_text_comes_back_and_none_is_a_formula(text: str) -> None:
    """One apostrophe more, only where it must be."""
    written = defused(text)
    assert restored(written) == text
    assert not written.startswith(BEGINS)
    assert written in (text, f"'{text}")


def test_words_are_defused_and_numbers_are_not() -> None:
    """A file name that is a formula; an angle below zero."""
    (name, angle) = next(csv.reader(io.StringIO(as_csv(("name", "trunk_deg"), [(FORMULA, -3.5)]).decode().split("\n", 1)[1])))
    assert (name, angle) == (f"'{FORMULA}", "-3.50")


def test_a_note_goes_through_an_export_and_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the file it is no formula; in the database it is what was said."""
    assert run(["log", "urge", "--note", FORMULA]) == 0
    assert run(["data", "export", str(home / "out")]) == 0
    notes = [row["note"] for row in csv.DictReader((home / "out" / "self_reports.csv").read_text(encoding="utf-8").splitlines())]
    assert notes == [f"'{FORMULA}"]
    assert run(["data", "erase", "--all", "--yes"]) == 0
    assert run(["data", "import", str(home / "out")]) == 0
    capsys.readouterr()
    assert run(["log", "list", "--json"]) == 0
    assert FORMULA.replace('"', '\\"') in capsys.readouterr().out


def test_readings_are_numbers_to_pandas(home: Path, kept_landmarks: Path) -> None:
    """Angles, negative ones among them, are floats."""
    clip = SAMPLES / "side_mixed_male1.mp4"
    assert run(["analyze", str(clip), "--cache", "--neutral", "0-0.7", "--out", str(home / "out")]) == 0
    table = pd.read_csv(home / "out" / "readings.csv")
    angles = [name for name in table.columns if name.endswith("_deg")]
    assert len(angles) >= 8
    assert all(table[name].dtype == "float64" for name in angles)
    assert (table["trunk_flexion_deg"] < 0).any()


@pytest.mark.parametrize("line", ["a" * 40 + "\r\n", 'a""b' * 10 + "\r\n"])
def test_a_quote_that_stays_open_is_said_at_once(line: str, tmp_path: Path) -> None:
    """A megabyte and more of lines behind it are read once, not again for each of them."""
    path, table = tmp_path / "self_reports.csv", REPORTS
    path.write_text(",".join(c.name for c in table.columns) + '\r\n"open\r\n' + line * 60_001, encoding="utf-8", newline="")
    began_s = time.process_time()
    with pytest.raises(InputError, match=r"self_reports\.csv, line 2"):
        list(csv_files.read(path, table))
    assert time.process_time() - began_s < 5.0
