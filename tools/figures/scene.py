"""The register of the drawings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from figures.svg import picture

Draw = Callable[[], list[str]]


@dataclass(frozen=True)
class View:
    """How a scene is fitted into its picture: see `figures.svg.picture`."""

    zoom: float
    left: float
    height: int = 220
    floor: float = 12.0


@dataclass(frozen=True)
class Scene:
    """One drawing: what a screen reader says, how it is drawn, how it is fitted into the picture."""

    title: str
    desc: str
    draw: Draw
    view: View

    def svg(self, name: str) -> str:
        """Return the SVG file under that name."""
        v = self.view
        return picture(name, self.title, self.desc, self.draw(), zoom=v.zoom, left=v.left, height=v.height, floor=v.floor)


SCENES: dict[str, Scene] = {}


def scene(name: str, title: str, desc: str, view: View) -> Callable[[Draw], Draw]:
    """Register a drawing under its file name."""

    def register(draw: Draw) -> Draw:
        SCENES[name] = Scene(title, desc, draw, view)
        return draw

    return register
