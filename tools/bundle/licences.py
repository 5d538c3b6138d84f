"""Collects the licence texts of every part of the bundle, from what its packages' own metadata says, and a notice that lists the parts.

A part whose text is not found ends the build: what is added later cannot be forgotten.
"""

from __future__ import annotations

import re
import shutil
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from av._core import library_meta

COMMON = Path("/usr/share/common-licenses")
"""Texts that every Debian has."""
_TEXT = re.compile(r"(^|[_.-])(licen[cs]e|copying|notice|authors|copyright)", re.IGNORECASE)
_STANDARD = {
    "LGPL-3": ("LGPL-3", "GPL-3"),
    "LGPLv3": ("LGPL-3", "GPL-3"),
    "Apache 2.0": ("Apache-2.0",),
    "Apache-2.0": ("Apache-2.0",),
}
"""By what a package calls its licence, the standard texts that it means, for packages that bring none; LGPL-3 adds to GPL-3."""


_HOME = re.compile("home|source|repository|code", re.IGNORECASE)
_NO_NAME = re.compile("===|^copyright|agreement", re.IGNORECASE)
"""In what some packages write where the name of their licence belongs."""
_NOTICE = """\
This program (posture-monitor) is under the MIT licence. What it brings along, and the licences of it, as its makers name them:

{parts}
Python: PSF-2.0 (Python.txt)

Of PyInstaller only its loader is in here, under the exception to its licence that allows that for programs under any licence.

The pose model (pose_landmarker_full.task, by Google, of MediaPipe) is under the Apache License, version 2.0 (Apache-2.0.txt). Where it
was assembled from a wheel of MediaPipe, metadata was added to one of its two networks.

Qt and Qt for Python (PySide6, shiboken6) are used under the GNU Lesser General Public License, version 3 (LGPL-3.txt, GPL-3.txt), as
libraries of their own in _internal/PySide6 and _internal/shiboken6: you may replace them by versions that you changed, and examine
the program as far as that needs. Their sources: https://code.qt.io

FFmpeg, inside PyAV, calls itself: {codecs}. It was built with
{built}
The codecs that it uses lie beside it in _internal/av.libs. Among them are x264 and x265, which are under the GNU General Public License,
version 2 or later (GPL-2.txt); so whoever passes the bundle on does it under the GNU General Public License, version 3 (GPL-3.txt),
with all sources: those of the packages above at the addresses above, https://ffmpeg.org, https://code.videolan.org/videolan/x264,
https://bitbucket.org/multicoreware/x265_git.

FFmpeg inside OpenCV is under the GNU Lesser General Public License, version 2.1 (LGPL-2.1.txt); what else OpenCV brings, and under which
licences, stands in opencv-python-headless/LICENSE-3RD-PARTY.txt.
"""


@dataclass(frozen=True)
class Part:
    """A package of which something is in the bundle."""

    name: str
    version: str
    licence: str
    home: str
    root: Path
    """What its files lie in."""
    files: tuple[Path, ...]


def collect(sources: Iterable[Path], out: Path) -> None:
    """Write the texts and ``NOTICE.txt`` into a folder.

    Args:
        sources: every file of which something is in the bundle.
        out: the folder; what is there is replaced.

    Raises:
        SystemExit: a part has no text.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    used = {source.resolve() for source in sources}
    parts = [part for part in map(_part, distributions()) if used.intersection(part.files) or part.name == "pyinstaller"]  # its loader
    parts.sort(key=lambda part: part.name.lower())
    without = [part.name for part in parts if not _texts(part, out)]
    python_text = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    if not python_text.is_file():  # Debian keeps it elsewhere
        python_text = Path("/usr/share/doc") / f"python{sysconfig.get_python_version()}" / "copyright"
    if python_text.is_file():
        shutil.copy(python_text, out / "Python.txt")
    else:
        without.append("Python")
    for name in ("GPL-3", "GPL-2", "LGPL-3", "LGPL-2.1", "Apache-2.0"):
        _common(name, out)
    if without:
        raise SystemExit(f"no licence text was found for {', '.join(without)}")
    (out / "NOTICE.txt").write_text(_notice(parts), encoding="utf-8")


def _part(found: Distribution) -> Part:
    about = found.metadata
    classified = ", ".join(line.rpartition(":: ")[2] for line in about.get_all("Classifier") or [] if line.startswith("License"))
    said = (about.get("License-Expression") or about.get("License") or "").partition("\n")[0]
    addresses = dict(line.split(", ", 1) for line in about.get_all("Project-URL") or [])
    home = about.get("Home-page") or next((url for label, url in addresses.items() if _HOME.search(label)), "")
    licence = classified if not said or _NO_NAME.search(said) else said
    root = Path(str(found.locate_file(""))).resolve()
    files = tuple((root / file).resolve() for file in found.files or ())
    return Part(about["Name"], found.version, licence, home, root, files)


def _texts(part: Part, out: Path) -> bool:
    """Copy the texts of a part; return whether there was one."""
    texts = [file for file in part.files if _TEXT.search(file.name) and file.suffix not in {".py", ".pyc"} and file.is_file()]
    folder = out / part.name
    for text in texts:
        inside = text.relative_to(part.root).parts
        folder.mkdir(exist_ok=True)
        shutil.copy(text, folder / "_".join(name for name in inside if name != "licenses" and not name.endswith(".dist-info")))
    if texts:
        return True
    standard = next((names for said, names in _STANDARD.items() if said in part.licence), ())
    return bool(standard) and all(_common(name, out) for name in standard)


def _common(name: str, out: Path) -> bool:
    if (COMMON / name).is_file():
        shutil.copy(COMMON / name, out / f"{name}.txt")
    return (out / f"{name}.txt").is_file()


def _notice(parts: list[Part]) -> str:
    """Return the list of parts, and what their licences ask to be said."""
    listed = [f"{part.name} {part.version}: {part.licence or 'see its text'}{f' ({part.home})' if part.home else ''}" for part in parts]
    codecs = sorted({f"{name} ({about['license']})" for name, about in library_meta.items()})
    built = sorted({about["configuration"] for about in library_meta.values()})
    return _NOTICE.format(parts="\n".join(listed), codecs=", ".join(codecs), built="\n".join(built))
