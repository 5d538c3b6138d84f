"""A preview: what a camera sees and what can be measured from where it stands. Nothing is kept."""

from __future__ import annotations

from posture._support import SharedPicture
from posture.window import names
from posture.window.feed import CommandFeed
from posture.window.live_panel import LivePanel, bullets
from posture.window.page import Page, WindowContext
from posture.window.widgets import button, card, heading, words

_VIEWS = {"front": "Seen from the front", "side": "Seen from the side", "oblique": "Seen at an angle"}


class PreviewPage(Page):
    """Runs ``posture preview`` while the page is shown."""

    def __init__(self, context: WindowContext) -> None:
        """Make the page; nothing runs yet."""
        super().__init__(context)
        self.view = CameraView(context)
        self.column.addWidget(heading("Preview"))
        self.column.addWidget(self.view)
        self.column.addWidget(button("Close the preview", lambda: context.open_page(names.NOW)))
        self.column.addStretch()

    def entered(self) -> None:
        """Open the camera."""
        self.view.begin(*self.words)

    def left(self) -> None:
        """Release the camera."""
        self.view.end()


class CameraView(LivePanel):
    """The live picture of a camera, and what can be measured from where it stands."""

    def __init__(self, context: WindowContext) -> None:
        """Make it; no camera is open yet."""
        super().__init__()
        self._context = context
        self.feed = CommandFeed(self)
        self.feed.arrived.connect(self._show)
        self.feed.ended.connect(self._ended)
        self.posture, self.angles, self.where, self.better = heading("", 2), words(), words(), words()
        self.against = words(dim=True)
        self.beside.addWidget(card(self.posture, self.angles, self.against))
        self.where_card = card(heading("From where it stands", 2), self.where, self.better)
        self.beside.addWidget(self.where_card)
        self.beside.addStretch()
        self.where_card.setVisible(False)

    def begin(self, *options: str) -> None:
        """Open a camera; `options`: of ``posture preview``."""
        file = () if self._context.config is None else ("--config", str(self._context.config))
        self.picture.show_notice("Opening the camera.")
        try:
            self.feed.start("preview", *file, *options)
        except OSError as error:
            self.picture.show_notice(str(error))

    def end(self) -> None:
        """Release it."""
        self.feed.stop()

    def _show(self, picture: SharedPicture) -> None:
        self.show_picture(picture)
        said = picture.words
        angles = [str(a["words"]) for a in said.get("angles", ())]
        self.posture.setText(_seen(said.get("view"), bool(said.get("trunk"))))
        self.angles.setText("\n".join(line[:1].upper() + line[1:] for line in angles))
        self.against.setText(str(said.get("against", "")))
        place = [str(line) for line in said.get("place", ())]
        self.where_card.setVisible(bool(place))
        if place:
            self.where.setText(f"{place[0]}\n{bullets(place[1:])}")
            better = [str(line) for line in said.get("better", ())]
            self.better.setText(f"Better:\n{bullets(better)}" if better else "")
            self.better.setVisible(bool(better))

    def _ended(self, code: int, line: str) -> None:
        self.picture.show_notice(line or ("The preview has ended." if code == 0 else f"The preview ended with {code}."))


def _seen(view: str | None, person: bool) -> str:
    if not person:
        return "Looking for you"
    return {"front": "Seen from the front", "side": "Seen from the side", "oblique": "Seen at an angle"}.get(
        str(view), "You are in the picture"
    )
