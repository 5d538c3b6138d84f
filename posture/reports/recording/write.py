"""Writes the reports of an analysed recording into a folder: tables, a summary for programs, a picture, a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from posture._support.files import make_folder, write_whole
from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports.html_templates import Drawing
from posture.reports.recording.page import page_html
from posture.reports.recording.pictures import Pictures
from posture.reports.recording.summary_json import summary_json
from posture.reports.recording.tables import episodes_csv, readings_csv
from posture.reports.recording.timeline_png import timeline_png

Render = Callable[[RecordingResult, Catalogue], bytes]
"""The whole content of one report."""

PAGE = "report.html"
RENDERERS: dict[str, Render] = {
    "readings.csv": lambda analysis, _catalogue: readings_csv(analysis),
    "episodes.csv": lambda analysis, _catalogue: episodes_csv(analysis),
    "summary.json": summary_json,
    "timeline.png": timeline_png,
    PAGE: page_html,
}
"""File name and what writes it; cheapest first, so that an interruption leaves the numbers."""


def write_all(analysis: RecordingResult, out_dir: Path, catalogue: Catalogue, drawing: Drawing | None = None) -> list[Path]:
    """Write every report into `out_dir`, which is made if it is missing. Each file appears whole or not at all.

    Args:
        analysis: what to report.
        out_dir: files of the same names in it are replaced.
        catalogue: where the titles and steps of the prompts come from.
        drawing: gives the SVG text of a prompt's drawing by its file name; without it the page has no drawings.

    Returns:
        The files, in the order of writing.

    Raises:
        PostureError: the folder or a file cannot be written.
    """
    make_folder(out_dir)
    paths = []
    for name, render in RENDERERS.items():
        paths.append(out_dir / name)
        write_whole(paths[-1], page_html(analysis, catalogue, drawing) if render is page_html else render(analysis, catalogue))
    return paths


def write_page(
    analysis: RecordingResult, out_dir: Path, catalogue: Catalogue, drawing: Drawing | None = None, pictures: Pictures | None = None
) -> Path:
    """Write ``report.html`` anew, with `pictures`; the rest as `write_all`.

    Raises:
        PostureError: it cannot be written.
    """
    path = out_dir / PAGE
    write_whole(path, page_html(analysis, catalogue, drawing, pictures=pictures))
    return path
