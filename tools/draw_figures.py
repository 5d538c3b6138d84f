"""Draws the exercises: writes every SVG of posture/data/drawings, always the same.

python tools/draw_figures.py            writes them
python tools/draw_figures.py --check    exits 1 if a file there is not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

from figures import kneeling_lying, seated, standing, turning
from figures.body import picture
from figures.scene import SCENES

FOLDER = Path(__file__).resolve().parent.parent / "posture" / "data" / "drawings"
ROOMS = (seated, standing, kneeling_lying, turning)
"""Importing them has filled the register."""


def main() -> int:
    """Writes or checks all drawings."""
    texts = {
        f"{name}.svg": picture(name, s.title, s.desc, [p for p in s.draw() if p], zoom=s.zoom, move=s.move, top=s.top)
        for name, s in SCENES.items()
    }
    there = {p.name: p.read_text(encoding="utf-8") for p in FOLDER.glob("*.svg")}
    if "--check" in sys.argv[1:]:
        wrong = sorted(name for name in texts.keys() | there.keys() if texts.get(name) != there.get(name))
        if wrong:
            print("not as drawn by this script: " + ", ".join(wrong))
        return 1 if wrong else 0
    for name in there.keys() - texts.keys():
        (FOLDER / name).unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
