"""Files that are written when they are asked for: Parquet, OpenSim's, subtitles, the timeline as a drawing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from posture._support import make_folder, whole_file
from posture.engine import RecordingResult
from posture.prompts import Catalogue
from posture.reports.recording.formats.opensim import mot_lines, trc_lines
from posture.reports.recording.formats.parquet import episodes_parquet, pyarrow, readings_parquet
from posture.reports.recording.formats.subtitles import srt, vtt
from posture.reports.recording.timeline_svg import timeline_svg
from posture.types import Pose


class Format(StrEnum):
    """What more can be written."""

    PARQUET = "parquet"
    TRC = "trc"
    MOT = "mot"
    SRT = "srt"
    VTT = "vtt"
    SVG = "svg"


Poses = Mapping[float, Pose]
"""Landmarks by the time of their frame, seconds."""
Chunks = Callable[[RecordingResult, Catalogue, Poses], Iterator[bytes]]


def _lines(lines: Iterator[str]) -> Iterator[bytes]:
    return (f"{line}\n".encode("utf-8", "replace") for line in lines)


FILES: dict[Format, dict[str, Chunks]] = {
    Format.PARQUET: {
        "readings.parquet": lambda a, _c, _p: iter((readings_parquet(a),)),
        "episodes.parquet": lambda a, _c, _p: iter((episodes_parquet(a),)),
    },
    Format.TRC: {"landmarks.trc": lambda a, _c, p: _lines(trc_lines(a, p))},
    Format.MOT: {"angles.mot": lambda a, _c, _p: _lines(mot_lines(a))},
    Format.SRT: {"subtitles.srt": lambda a, c, _p: _lines(srt(a, c))},
    Format.VTT: {"subtitles.vtt": lambda a, c, _p: _lines(vtt(a, c))},
    Format.SVG: {"timeline.svg": lambda a, c, _p: iter((timeline_svg(a, c),))},
}
"""The files of each format, and what makes their content, piece by piece: ten hours of landmarks are 150 MB."""


def check(formats: Collection[Format]) -> None:
    """Make sure, before anything is measured, that what these formats need is there.

    Raises:
        PostureError: a library is missing.
    """
    if Format.PARQUET in formats:
        pyarrow()


def needs_poses(formats: Collection[Format]) -> bool:
    """Tell whether the landmarks of every frame have to be kept."""
    return Format.TRC in formats


def write_formats(formats: Collection[Format], analysis: RecordingResult, poses: Poses, out_dir: Path, catalogue: Catalogue) -> list[Path]:
    """Write the files of `formats` into `out_dir`. Each file appears whole or not at all; one of the same name is replaced.

    Raises:
        PostureError: the folder or a file cannot be written, or a library is missing.
    """
    make_folder(out_dir)
    written = []
    for wanted in Format:
        for name, chunks in FILES[wanted].items() if wanted in formats else ():
            with whole_file(out_dir / name) as part, part.open("wb") as file:
                for chunk in chunks(analysis, catalogue, poses):
                    file.write(chunk)
            written.append(out_dir / name)
    return written
