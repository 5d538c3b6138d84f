"""Draws the marks of the window's fields (tick, arrows) into posture/data/marks, for light and dark ground, once and at twice the size."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPen, QPolygonF

SIZE = 12
MARKS = {
    "tick": ((2.0, 6.3), (4.9, 9.2), (10.0, 3.0)),
    "up": ((2.5, 8.0), (6.0, 4.5), (9.5, 8.0)),
    "down": ((2.5, 4.5), (6.0, 8.0), (9.5, 4.5)),
}
"""Points of a line, in a square of 12."""
INKS = {"dark": "#10161b", "light": "#ffffff"}


def main() -> None:
    """Draw them all."""
    folder = Path(__file__).parents[1] / "posture" / "data" / "marks"
    folder.mkdir(exist_ok=True)
    app = QGuiApplication([])
    for name, points in MARKS.items():
        for ink, colour in INKS.items():
            for times, end in ((1, ""), (2, "@2x")):
                image = QImage(SIZE * times, SIZE * times, QImage.Format.Format_ARGB32)
                image.fill(Qt.GlobalColor.transparent)
                painter = QPainter(image)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.scale(times, times)
                painter.setPen(QPen(QColor(colour), 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
                painter.drawPolyline(QPolygonF([QPointF(*point) for point in points]))
                painter.end()
                image.save(str(folder / f"{name}_{ink}{end}.png"))
    del app


if __name__ == "__main__":
    main()
