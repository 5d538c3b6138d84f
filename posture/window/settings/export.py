"""Takes data out, in the formats of ``posture data export``."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QVBoxLayout, QWidget

from posture.storage import ExportFormat, Range, Store, counted, export, export_activitywatch
from posture.window.settings.dates import DayRange
from posture.window.settings.jobs import JobBar, Progress
from posture.window.widgets import button, words

_FORMATS: tuple[tuple[str, ExportFormat | None, str], ...] = (
    ("Tables for a spreadsheet (CSV), in a new folder", ExportFormat.CSV, "posture-data"),
    ("One file for other programs (JSON)", ExportFormat.JSON, "posture-data.json"),
    ("Tables for analysis (Parquet), in a new folder", ExportFormat.PARQUET, "posture-data"),
    ("Buckets for ActivityWatch (JSON)", None, "posture-buckets.json"),
)
"""What is shown, the format (``None``: ActivityWatch's), and a name to begin with."""
_ALL, _SOME = "All days", "Some days"


class ExportCard(QWidget):
    """Format, days, and where to."""

    def __init__(self, jobs: JobBar) -> None:
        """Make it."""
        super().__init__()
        self._jobs = jobs
        self.form, self.which, self.days = QComboBox(), QComboBox(), DayRange()
        for box, name, entries in ((self.form, "Format", [one[0] for one in _FORMATS]), (self.which, "Days", [_ALL, _SOME])):
            box.setAccessibleName(name)
            box.addItems(entries)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(14)
        self.calibrations = QCheckBox("With calibrations")
        self.calibrations.setChecked(True)
        self.go = button("Export…", self._export)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        about = words("A description of every column comes with it. Only you can read the files.", dim=True)
        parts: tuple[QWidget, ...] = (about, self.form, self.which, self.days, self.calibrations)
        for part in parts:
            column.addWidget(part)
        column.addWidget(self.go, 0, Qt.AlignmentFlag.AlignLeft)
        self.which.currentTextChanged.connect(lambda text: self.days.setVisible(text == _SOME))
        self.form.currentIndexChanged.connect(lambda row: self.calibrations.setVisible(_FORMATS[row][1] is not None))
        self.days.hide()

    def _export(self) -> None:
        _, form, name = _FORMATS[self.form.currentIndex()]
        one_file = form in (None, ExportFormat.JSON)
        chosen, _ = QFileDialog.getSaveFileName(self, "Export", str(Path.home() / name), "JSON (*.json)" if one_file else "")
        if not chosen:
            return
        target = Path(chosen)
        if one_file and not target.suffix:
            target = target.with_suffix(".json")
        wanted = self.days.range if self.which.currentText() == _SOME else Range()
        calibrations = self.calibrations.isChecked()

        def work(progress: Progress) -> dict[str, int]:
            now = time.time()
            with Store.open_to_read() as store:
                if form is None:
                    return export_activitywatch(store, target, now, wanted=wanted, force=True, progress=progress)
                return export(
                    store, target, form, now, wanted=wanted, profiles=calibrations, force=one_file and target.exists(), progress=progress
                )

        def done(counts: dict[str, int]) -> str:
            if form is None:
                return f"Exported to {target}: {sum(counts.values())} events. In ActivityWatch: Raw Data, Import buckets."
            return f"Exported to {target}: {counted(counts) or 'nothing yet'}."

        self._jobs.run("Exporting…", work, done, stoppable=True)
