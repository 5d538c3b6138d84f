"""Which formats ``--format`` asks for."""

from __future__ import annotations

import sys

import pytest
import typer

from posture.cli.analyze_options import formats_of
from posture.reports import Format


def test_all_formats_are_those_whose_library_is_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What lacks one is left out with a line, unless it is named as well: then it is refused later, as when it stands alone."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert Format.PARQUET not in formats_of(["all"]) and Format.SVG in formats_of(["all"])
    said = " ".join(capsys.readouterr().err.split())
    assert "--format all: parquet is left out" in said and "pyarrow" in said
    assert Format.PARQUET in formats_of(["srt,all", "parquet"])
    with pytest.raises(typer.BadParameter, match="'docx'"):
        formats_of(["all,docx"])
