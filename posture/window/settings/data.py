"""The person's data: where it is, how long it is kept, and taking it out, back and away."""

from __future__ import annotations

from datetime import datetime
from time import time

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from posture.storage import LEAST_DAYS, MOST_DAYS, Store, default_path, oldest_kept_utc, retention_days, set_retention
from posture.window.page import WindowContext
from posture.window.settings.backups import BackupCard
from posture.window.settings.editor import Editor
from posture.window.settings.erase import EraseCard
from posture.window.settings.export import ExportCard
from posture.window.settings.fields import field
from posture.window.settings.groups import KEPT, Section, left, spaced
from posture.window.settings.imports import ImportCard
from posture.window.settings.jobs import JobBar
from posture.window.widgets import button, card, heading, words

_WAIT_MS = 800
_USUAL_DAYS = 365


class Retention(QWidget):
    """How long data is kept; older days go when the monitor starts."""

    def __init__(self, context: WindowContext) -> None:
        """Make it; `refresh` reads what is in force."""
        super().__init__()
        self._context = context
        self.limited, self.days, self._about = QCheckBox("Erase days older than"), QSpinBox(), words("", dim=True)
        self.days.setRange(LEAST_DAYS, MOST_DAYS)
        self.days.setSuffix(" days")
        self.days.setValue(_USUAL_DAYS)
        self.days.setFixedWidth(self.days.fontMetrics().horizontalAdvance(f"{MOST_DAYS} days") + 46)
        self.days.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.days.setAccessibleName("Days that are kept")
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.timeout.connect(self._write)
        self.limited.clicked.connect(self._switched)
        self.days.valueChanged.connect(lambda _days: self._wait.start(_WAIT_MS))
        row = QHBoxLayout()
        row.addWidget(self.limited)
        row.addWidget(self.days)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self._about)

    def refresh(self) -> None:
        """Read what is in force, aside."""

        def read() -> int | None:
            if not default_path().exists():
                return None
            with Store.open_to_read() as store:
                return retention_days(store)

        self._context.work.run(read, self._show, self._context.say)

    def _switched(self, on: bool) -> None:
        self.days.setEnabled(on)
        self._write()

    def _write(self) -> None:
        self._wait.stop()
        days = self.days.value() if self.limited.isChecked() else None

        def work() -> int | None:
            with Store.open() as store:
                set_retention(store, days)
            return days

        self._context.work.run(work, self._show, self._context.say)

    def _show(self, days: int | None) -> None:
        if self._wait.isActive():
            return
        self.days.blockSignals(True)
        self.limited.setChecked(days is not None)
        self.days.setEnabled(days is not None)
        if days is not None:
            self.days.setValue(days)
        self.days.blockSignals(False)
        self._about.setText("All days are kept." if days is None else _when(days))


def _when(days: int) -> str:
    oldest = datetime.fromtimestamp(oldest_kept_utc(days, time()))
    return (
        f"When the monitor next starts, what lies before {oldest.day} {oldest:%B %Y} is erased, from backups too. "
        "Reports of numbness, and those whose referral waits, stay."
    )


class DataSection(Section):
    """Everything about the person's data."""

    def __init__(self, context: WindowContext, editor: Editor, jobs: JobBar) -> None:
        """Make it; `jobs` shows what takes long."""
        self._context, self.jobs = context, jobs
        self.retention, self.backup = Retention(context), BackupCard(context, self.jobs)
        self.export, self.imports, self.erase = ExportCard(self.jobs), ImportCard(self.jobs), EraseCard(context, self.jobs)
        folder = words(f"On this computer alone, in {default_path().parent}")
        cards = (
            spaced(card(heading("Where your data is", 2), folder, left(button("Open the folder", self._open)))),
            spaced(card(heading("How long it is kept", 2), self.retention)),
            spaced(card(heading(KEPT.title, 2), *(field(editor, name) for name in KEPT.names), self.backup)),
            spaced(card(heading("Export", 2), self.export)),
            spaced(card(heading("Import", 2), self.imports)),
            spaced(card(heading("Erase", 2), self.erase)),
        )
        super().__init__(*cards)
        self._cards = cards
        self.jobs.busy_changed.connect(self._set_busy)

    def entered(self) -> None:
        """Read what is in force."""
        self.retention.refresh()
        self.erase.refresh()

    def _set_busy(self, busy: bool) -> None:
        for one in self._cards:
            one.setEnabled(not busy)

    def _open(self) -> None:
        folder = default_path().parent
        folder.mkdir(0o700, parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._context.say(f"No program opens it here; the folder is {folder}")
