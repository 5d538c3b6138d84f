"""Brings an export back in, as ``posture data import`` does."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from posture.storage import Store, import_from
from posture.window.settings.jobs import JobBar, Progress
from posture.window.widgets import button, words


class ImportCard(QWidget):
    """A file or a folder, and what gives way."""

    def __init__(self, jobs: JobBar) -> None:
        """Make it."""
        super().__init__()
        self._jobs = jobs
        self.replace = QCheckBox("Replace what is here already")
        self.file, self.folder = button("Import a file…", self._choose_file), button("Import a folder…", self._choose_folder)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        about = (
            "An export from here or from another computer: all of it, or nothing if any of it can't be read. Where its times overlap with "
            "yours, or a calibration has the same name, yours stays unless you replace it."
        )
        column.addWidget(words(about, dim=True))
        column.addWidget(self.replace)
        row.addWidget(self.file)
        row.addWidget(self.folder)
        row.addStretch()
        column.addLayout(row)

    def _choose_file(self) -> None:
        self._import(QFileDialog.getOpenFileName(self, "Import", str(Path.home()), "JSON (*.json);;All files (*)")[0])

    def _choose_folder(self) -> None:
        self._import(QFileDialog.getExistingDirectory(self, "Import", str(Path.home())))

    def _import(self, chosen: str) -> None:
        if not chosen:
            return
        replace = self.replace.isChecked()

        def work(progress: Progress) -> list[str]:
            with Store.open() as store:
                return import_from(store, Path(chosen), replace=replace, progress=progress).words()

        def done(lines: list[str]) -> str:
            said = "; ".join(lines)
            return f"{said[0].upper()}{said[1:]}."

        self._jobs.run("Importing…", work, done, stoppable=True)
