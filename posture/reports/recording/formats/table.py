"""Files that are written when they are asked for: of each format its files, what makes them, and the library that it needs."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from posture._support import how_to_add, make_folder, whole_file
from posture.engine import RecordingResult
from posture.errors import PostureError
from posture.prompts import Catalogue
from posture.reports.recording.formats.boris import boris_project
from posture.reports.recording.formats.c3d import write_c3d
from posture.reports.recording.formats.elan import eaf
from posture.reports.recording.formats.netcdf import write_netcdf
from posture.reports.recording.formats.opensim import mot_lines, trc_lines
from posture.reports.recording.formats.parquet import episodes_parquet, readings_parquet
from posture.reports.recording.formats.subtitles import srt, vtt
from posture.reports.recording.timeline_svg import timeline_svg
from posture.types import Pose


class Format(StrEnum):
    """What more can be written."""

    PARQUET = "parquet"
    TRC = "trc"
    MOT = "mot"
    C3D = "c3d"
    NETCDF = "netcdf"
    EAF = "eaf"
    BORIS = "boris"
    SRT = "srt"
    VTT = "vtt"
    SVG = "svg"


Poses = Mapping[float, Pose]
"""Landmarks by the time of their frame, seconds."""
Write = Callable[[RecordingResult, Catalogue, Poses, BinaryIO], None]
"""Writes one file, piece by piece: ten hours of landmarks are 150 MB."""


def _lines(lines: Iterable[str], file: BinaryIO) -> None:
    file.writelines(f"{line}\n".encode("utf-8", "replace") for line in lines)


def _bytes(content: bytes, file: BinaryIO) -> None:
    file.write(content)


FILES: dict[Format, dict[str, Write]] = {
    Format.PARQUET: {
        "readings.parquet": lambda a, _c, _p, file: _bytes(readings_parquet(a), file),
        "episodes.parquet": lambda a, _c, _p, file: _bytes(episodes_parquet(a), file),
    },
    Format.TRC: {"landmarks.trc": lambda a, _c, p, file: _lines(trc_lines(a, p), file)},
    Format.MOT: {"angles.mot": lambda a, _c, _p, file: _lines(mot_lines(a), file)},
    Format.C3D: {"motion.c3d": lambda a, _c, p, file: write_c3d(a, p, file)},
    Format.NETCDF: {"landmarks.nc": lambda a, _c, p, file: write_netcdf(a, p, file)},
    Format.EAF: {"annotations.eaf": lambda a, c, _p, file: _bytes(eaf(a, c), file)},
    Format.BORIS: {"annotations.boris": lambda a, c, _p, file: _bytes(boris_project(a, c), file)},
    Format.SRT: {"subtitles.srt": lambda a, c, _p, file: _lines(srt(a, c), file)},
    Format.VTT: {"subtitles.vtt": lambda a, c, _p, file: _lines(vtt(a, c), file)},
    Format.SVG: {"timeline.svg": lambda a, c, _p, file: _bytes(timeline_svg(a, c), file)},
}
"""The files of each format, and what writes them."""
LIBRARIES: dict[Format, tuple[str, ...]] = {Format.PARQUET: ("pyarrow.parquet",), Format.NETCDF: ("h5netcdf", "h5py")}
"""The modules that a format needs beside what is installed with this program; the others need none."""
_OF_POSES = frozenset({Format.TRC, Format.C3D, Format.NETCDF})


def missing(wanted: Format, load: Callable[[str], ModuleType] = importlib.import_module) -> str | None:
    """Say in one line which library a format lacks, and how it is added; ``None`` if it lacks none."""
    modules = LIBRARIES.get(wanted, ())
    packages = [m.partition(".")[0] for m in modules]
    try:
        for module in modules:
            load(module)
    except ImportError:
        return f"the format {wanted} needs {' and '.join(packages)}, not installed: {how_to_add(' '.join(packages))}"
    return None


def check(formats: Collection[Format]) -> None:
    """Make sure, before anything is measured, that what these formats need is there.

    Raises:
        PostureError: a library is missing.
    """
    for line in filter(None, map(missing, sorted(formats))):
        raise PostureError(line)


def needs_poses(formats: Collection[Format]) -> bool:
    """Tell whether the landmarks of every frame have to be kept."""
    return not _OF_POSES.isdisjoint(formats)


def write_formats(formats: Collection[Format], analysis: RecordingResult, poses: Poses, out_dir: Path, catalogue: Catalogue) -> list[Path]:
    """Write the files of `formats` into `out_dir`. Each file appears whole or not at all; one of the same name is replaced.

    Raises:
        PostureError: the folder or a file cannot be written, or a library is missing.
    """
    make_folder(out_dir)
    written = []
    for wanted in Format:
        for name, write in FILES[wanted].items() if wanted in formats else ():
            with whole_file(out_dir / name) as part, part.open("w+b") as file:
                write(analysis, catalogue, poses, file)
            written.append(out_dir / name)
    return written
