"""A copy of the whole database, and back."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from posture.errors import StoreError
from posture.monitor import Instance
from posture.monitor.control import client
from posture.storage import Range, Store, backup, check, default_path, loss, loss_words, restore
from posture.window.page import WindowContext
from posture.window.settings.jobs import JobBar, Progress
from posture.window.widgets import button, words

_FILES = "Backups (*.db *.db.*);;All files (*)"


class BackupCard(QWidget):
    """Backs up and restores."""

    def __init__(self, context: WindowContext, jobs: JobBar) -> None:
        """Make it."""
        super().__init__()
        self._context, self._jobs = context, jobs
        self.back_up, self.restore = button("Back up now…", self._back_up), button("Restore a backup…", self._choose)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(words("A backup is one file with all your data, also while the monitor runs.", dim=True))
        row.addWidget(self.back_up)
        row.addWidget(self.restore)
        row.addStretch()
        column.addLayout(row)

    def _back_up(self) -> None:
        target = ask_where(self)
        if target is not None:
            self._jobs.run("Backing up…", lambda _progress: write(target), lambda size: f"Backup written: {target} ({size / 1e6:.1f} MB).")

    def _choose(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Restore a backup", str(default_path().parent), _FILES)
        if chosen:
            source = Path(chosen)
            self._jobs.run("Reading the backup…", lambda _progress: _compare(source), lambda said: self._ask(source, said))

    def _ask(self, source: Path, said: tuple[str, str]) -> str:
        mine, theirs = said
        box = QMessageBox(QMessageBox.Icon.Warning, "Restore a backup", "Replace your data with this backup?", parent=self)
        runs = "The monitor is stopped for it, and started again afterwards." if self._context.link.status is not None else ""
        box.setInformativeText(
            f"Your data now: {mine}\n\nThe backup: {theirs}\n\nWhat you have now is kept beside it, under another name. {runs}".rstrip()
        )
        go = box.addButton("Restore", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        if box.clickedButton() is go:
            self._restore(source)
            return "Restoring…"
        return ""

    def _restore(self, source: Path) -> None:
        options = self._context.link.options

        def work(_progress: Progress) -> tuple[Path | None, bool]:
            stopped = client.stop()
            try:
                with Instance.claim():
                    aside = restore(source, default_path())
                    with Store.open() as store:  # brings an older version up to date
                        store.check()
            finally:
                if stopped:
                    self._context.link.start_monitor(*options)
            return aside, stopped

        def done(found: tuple[Path | None, bool]) -> str:
            aside, stopped = found
            kept = f" Your previous data is kept as {aside}; erasing everything removes it." if aside is not None else ""
            return f"Restored: {source}.{kept}{' The monitor is starting again.' if stopped else ''}"

        self._jobs.run("Restoring…", work, done)


def ask_where(parent: QWidget) -> Path | None:
    """Ask for the file of a backup; ``None``: the person thought better of it."""
    name = f"posture-backup-{datetime.now():%Y-%m-%d}.db"
    chosen, _ = QFileDialog.getSaveFileName(parent, "Back up", str(Path.home() / name), _FILES)
    return Path(chosen) if chosen else None


def write(target: Path) -> int:
    """Write a backup and return its size in bytes; the dialog has asked whether a file may be replaced.

    Raises:
        PostureError: It cannot be written.
    """
    with Store.open_to_read() as store:
        return backup(store, target, force=True)


def _compare(source: Path) -> tuple[str, str]:
    """Return what the database holds, and what the backup does, in a sentence each.

    Raises:
        StoreError: It cannot be restored.
    """
    check(source)
    return _holds(default_path()), _holds(source)


def _holds(path: Path) -> str:
    if not path.exists():
        return "none."
    at = datetime.fromtimestamp(path.stat().st_mtime)
    written = f"last written {at.day} {at:%B %Y, %H:%M}"
    try:
        with Store.open_to_read(path) as store:
            found = loss_words(loss(store, Range(end_utc=time.time() + 1e9)))
    except StoreError:
        return f"{written}."  # of an older version, which is brought up to date once it is restored
    return f"{', '.join(found) or 'nothing yet'}; {written}."
