"""PNGs of the first steps: what a notification shows. Each carries the hash of the drawing that it is of."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from figures.svg import PANEL
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SIDE = 288
"""Pixels."""
COLOURS = 128
SOURCE = "svg-sha256"
"""Key of the text in the PNG that holds the hash."""
FIRST = "_1.svg"


def picture_names(drawings: Path) -> dict[str, Path]:
    """Return the drawing of each picture by the picture's file name: the first step of each entry."""
    return {f"{p.name.removesuffix(FIRST)}.png": p for p in sorted(drawings.glob("*" + FIRST))}


def digest(drawing: Path) -> str:
    """Return the SHA-256 of a drawing."""
    return hashlib.sha256(drawing.read_bytes()).hexdigest()


def stale(drawings: Path, pictures: Path) -> list[str]:
    """Return the names of pictures that are missing, left over, or of another drawing."""
    names = picture_names(drawings)
    there = {p.name for p in pictures.glob("*.png")}
    return sorted((there ^ names.keys()) | {n for n in there & names.keys() if _source(pictures / n) != digest(names[n])})


def _source(picture: Path) -> str | None:
    with Image.open(picture) as image:
        return image.info.get(SOURCE)


def render(drawings: Path, pictures: Path) -> None:
    """Write all pictures: one sheet drawn by Chromium, cut up.

    Raises:
        SystemExit: Chromium is not installed.
    """
    names = picture_names(drawings)
    with tempfile.TemporaryDirectory() as folder:
        sheet = _sheet(names.values(), Path(folder))
        for row, (name, drawing) in enumerate(names.items()):
            info = PngInfo()
            info.add_text(SOURCE, digest(drawing))
            image = sheet.crop((0, row * SIDE, SIDE, (row + 1) * SIDE)).quantize(COLOURS, dither=Image.Dither.NONE)
            image.save(pictures / name, optimize=True, pnginfo=info)


def _sheet(drawings: Iterable[Path], folder: Path) -> Image.Image:
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise SystemExit("Chromium draws the pictures; it is not installed")
    paths = list(drawings)
    rows = "".join(f'<div><img src="{p.as_uri()}"></div>' for p in paths)
    style = f"*{{margin:0}}div{{width:{SIDE}px;height:{SIDE}px;background:{PANEL};display:flex;align-items:center}}img{{width:{SIDE}px}}"
    page, shot = folder / "sheet.html", folder / "sheet.png"
    page.write_text(f"<!DOCTYPE html><style>{style}</style>{rows}", encoding="utf-8")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1"]
    size = f"--window-size={max(SIDE, 500)},{SIDE * len(paths)}"
    command = [browser, *options, f"--user-data-dir={folder / 'profile'}", size, f"--screenshot={shot}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with Image.open(shot) as image:
        return image.convert("RGB")
