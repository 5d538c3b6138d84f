"""What closing the window means: the monitor goes on, and the person knows it, and how to end it."""

from __future__ import annotations

from contextlib import suppress

from PySide6.QtWidgets import QMessageBox, QWidget

from posture.errors import PostureError
from posture.storage import Store
from posture.window.monitor_link import MonitorLink

SAID_KEY = "window_closing_said"
"""Under which the database keeps that the first close was explained."""
GOES_ON = "Watching goes on"
_WITH_TRAY = (
    "Closing this window doesn't stop it: your posture is still watched through the camera. To stop, choose Quit in the tray icon's menu."
)
_WITHOUT = "There is no tray icon here, so nothing will show that your posture is still watched through the camera."


def may_close(window: QWidget, link: MonitorLink) -> bool:
    """Return whether the window may close now, after saying once that watching goes on; without a tray icon it asks every time."""
    status = link.status
    if status is None:
        return True
    if not status.get("tray"):
        return _asked(window, link)
    with suppress(PostureError), Store.open() as store:
        if store.get_meta(SAID_KEY) is None:
            store.set_meta(SAID_KEY, "1")
            QMessageBox.information(window, GOES_ON, _WITH_TRAY)
    return True


def _asked(window: QWidget, link: MonitorLink) -> bool:
    box = QMessageBox(QMessageBox.Icon.Question, GOES_ON, f"{_WITHOUT} Keep watching?", parent=window)
    keep = box.addButton("Keep watching", QMessageBox.ButtonRole.AcceptRole)
    stop = box.addButton("Stop watching", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.exec()
    if box.clickedButton() is stop:
        link.stop_monitor(done=window.close, failed=link.unreachable.emit)
        return False  # it closes by itself once the monitor has stopped
    return box.clickedButton() is keep
