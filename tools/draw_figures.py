"""Draws the exercises: writes every SVG of posture/data/drawings, always the same, and the pictures of their first steps for notifications.

python tools/draw_figures.py              writes the drawings
python tools/draw_figures.py --pictures   writes the drawings and, with Chromium, the PNGs of posture/data/pictures
python tools/draw_figures.py --check      exits 1 if a drawing there is not what would be written, or a picture is of another drawing
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from figures import lying, seated, shifting, standing, turning
from figures.pictures import picture_names, render, stale
from figures.scene import SCENES

DATA = Path(__file__).resolve().parent.parent / "posture" / "data"
DRAWINGS, PICTURES = DATA / "drawings", DATA / "pictures"
ROOMS = (seated, standing, lying, turning, shifting)
"""Importing them has filled the register."""


PATH, NUMBER = re.compile(r' d="([^"]*)"'), re.compile(r"-?\d+")


def alike(one: str, other: str) -> bool:
    """Tell whether two drawings are the same but for tenths of a unit in a path, which another processor may round otherwise."""
    if PATH.sub("", one) != PATH.sub("", other):
        return False
    a, b = " ".join(PATH.findall(one)), " ".join(PATH.findall(other))
    if NUMBER.sub("", a).replace(" ", "") != NUMBER.sub("", b).replace(" ", ""):
        return False
    return all(abs(int(x) - int(y)) <= 2 for x, y in zip(NUMBER.findall(a), NUMBER.findall(b), strict=True))


def main() -> int:
    """Write or check all drawings."""
    texts = {f"{name}.svg": s.svg(name) for name, s in SCENES.items()}
    there = {p.name: p.read_text(encoding="utf-8") for p in DRAWINGS.glob("*.svg")}
    if "--check" in sys.argv[1:]:
        wrong = sorted(name for name in texts.keys() | there.keys() if not alike(texts.get(name, ""), there.get(name, "")))
        if wrong:
            print("not as drawn by this script: " + ", ".join(wrong))
        old = stale(DRAWINGS, PICTURES)
        if old:
            print("not of today's drawing (python tools/draw_figures.py --pictures): " + ", ".join(old))
        return 1 if wrong or old else 0
    for name in there.keys() - texts.keys():
        (DRAWINGS / name).unlink()
    for name, text in texts.items():
        (DRAWINGS / name).write_text(text, encoding="utf-8", newline="\n")
    if "--pictures" in sys.argv[1:]:
        PICTURES.mkdir(exist_ok=True)
        for path in PICTURES.glob("*.png"):
            if path.name not in picture_names(DRAWINGS):
                path.unlink()
        render(DRAWINGS, PICTURES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
