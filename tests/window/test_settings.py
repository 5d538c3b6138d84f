"""The settings page, by clicks and keys: what is written, what is refused, and what becomes of the person's data."""

from __future__ import annotations

import json
import shutil
import time
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from posture.biomechanics.calibration import neutral_of
from posture.biomechanics.pose_features import pose_features_of
from posture.storage import Store, default_path, profiles
from posture.storage.profiles import CameraIdentity
from posture.window import names, theme
from posture.window.main_window import MainWindow
from posture.window.settings import fields
from posture.window.settings.data import DataSection
from posture.window.settings.fields import SettingField
from posture.window.settings.general import GeneralSection
from posture.window.settings.page import SettingsPage
from posture.window.settings.reminders import RemindersSection
from tests.skeleton import Camera, pose_of, sitting

COMMENTED = "# mine\n[dose]\nsoft_s = 720   # twelve minutes\n\n[watch]\nsound = true\n"
PATIENCE_MS = 30_000
NEUTRAL = neutral_of([pose_features_of(pose_of(sitting(), Camera(yaw_deg=88.0)))])
Page = Callable[..., SettingsPage]


@pytest.fixture
def file(home: Path) -> Path:
    """The settings file, with comments in it."""
    path = home / "config.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    return path


@pytest.fixture
def page(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Opens the page, with a part of it."""
    monkeypatch.setattr(fields, "_WAIT_MS", 50)

    def opened(part: str = "Reminders") -> SettingsPage:
        window.open_page(names.SETTINGS)
        found = window.page(names.SETTINGS)
        assert isinstance(found, SettingsPage)
        found.open_tab(part)
        return found

    return opened


def control(page: SettingsPage, name: str) -> Any:
    """The control of a setting."""
    found = page.findChild(SettingField, name)
    assert isinstance(found, SettingField)
    return found.control


def values(file: Path) -> dict[str, Any]:
    """What the file holds."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def enter(qtbot: QtBot, box: QWidget, text: str) -> None:
    """Type a number in place of the one that is there."""
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(box, text)


def in_dialog(qtbot: QtBot, act: Callable[[Any], object]) -> Callable[[], None]:
    """Act on the next dialog that opens; returns what checks that one did."""
    done: list[bool] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, look)
        else:
            act(dialog)
            done.append(True)

    QTimer.singleShot(0, look)
    return lambda: qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE_MS)


def press(text: str) -> Callable[[QMessageBox], None]:
    """Press a button of a question."""
    return lambda box: next(one for one in box.buttons() if one.text() == text).click()


def name_file(path: Path) -> Callable[[QFileDialog], None]:
    """Name a file in a file dialog and accept."""

    def act(dialog: QFileDialog) -> None:
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(line, QLineEdit)
        line.setText(str(path))
        dialog.accept()

    return act


def test_what_is_typed_is_checked_and_written_with_the_comments(page: Page, file: Path, qtbot: QtBot, shot: Callable[..., None]) -> None:
    """A value out of range or against another setting is said and not written; a good one is; undo brings the file back."""
    shown = page()
    box = control(shown, "dose.soft_s")
    field = box.parentWidget()
    assert box.text() == "12 min"
    enter(qtbot, box, "30")
    assert field.error.text() == "Must be at most “Second, firmer reminder”, which is 20 min."
    shown.ensureWidgetVisible(field.error, 0, 200)
    qtbot.wait(60)
    shot(shown, "settings-error")
    enter(qtbot, box, "0")
    assert field.error.text() == "Enter 1 s to 24 h."
    assert file.read_text(encoding="utf-8") == COMMENTED
    enter(qtbot, box, "15")
    assert field.error.isHidden()
    qtbot.waitUntil(lambda: values(file)["dose"]["soft_s"] == 900)
    assert file.read_text(encoding="utf-8") == COMMENTED.replace("720", "900")
    assert not field.reset.isHidden()
    shown.bar.undo_button.click()
    assert file.read_text(encoding="utf-8") == COMMENTED
    assert box.text() == "12 min"
    qtbot.mouseClick(field.reset, Qt.MouseButton.LeftButton)
    assert values(file) == {"watch": {"sound": True}}
    assert "# mine" in file.read_text(encoding="utf-8")
    assert box.text() == "10 min" and field.reset.isHidden()


def test_switches_choices_and_appearance_at_once(page: Page, file: Path, qtbot: QtBot) -> None:
    """A switch, by its label too, and a choice by the keyboard; the window has its new appearance at once."""
    shown = page("General")
    look = control(shown, "window.appearance")
    look.setFocus()
    for _ in range(2):
        qtbot.keyClick(look, Qt.Key.Key_Down)
    assert values(file)["window"] == {"appearance": "dark"}
    assert theme.colours().dark
    tray = control(shown, "watch.tray")
    qtbot.mouseClick(tray.parentWidget().label, Qt.MouseButton.LeftButton)
    assert values(file)["watch"] == {"sound": True, "tray": False}
    tray.setFocus()
    qtbot.keyClick(tray, Qt.Key.Key_Space)
    assert tray.isChecked()


def test_a_broken_file_is_named_opened_and_never_overwritten(
    page: Page, file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, shot: Callable[..., None]
) -> None:
    """Nothing can be changed until it is mended and read again."""
    file.write_text("[dose]\nsoft_s = 'ten'\n", encoding="utf-8")
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile())) or True)
    shown = page()
    assert shown.broken.isVisible()
    shot(shown, "settings-broken")
    assert not control(shown, "dose.soft_s").isEnabled()
    qtbot.mouseClick(shown.broken.open, Qt.MouseButton.LeftButton)
    assert opened == [str(file)]
    assert file.read_text(encoding="utf-8") == "[dose]\nsoft_s = 'ten'\n"
    file.write_text("[dose]\nsoft_s = 660\n", encoding="utf-8")
    qtbot.mouseClick(shown.broken.again, Qt.MouseButton.LeftButton)
    assert shown.broken.isHidden()
    assert control(shown, "dose.soft_s").isEnabled() and control(shown, "dose.soft_s").text() == "11 min"


def test_presets_say_what_they_bring_and_are_written(page: Page, file: Path, made_database: Path, qtbot: QtBot) -> None:
    """On an example day, then on the person's own; a detail that is changed makes the settings the person's own."""
    shown = page()
    section = shown.sections["Reminders"]
    assert isinstance(section, RemindersSection)
    card = section.presets
    qtbot.waitUntil(lambda: "an example day" in card.expected["gentle"].text(), timeout=PATIENCE_MS)
    card.buttons["gentle"].click()
    assert values(file)["prompts"] == {"about_stillness": False, "about_tilt": False, "per_hour": 2, "quiet_s": 2400, "repeat_s": 2400}
    assert values(file)["dose"] == {"soft_s": 720, "firm_s": 3000, "sitting_s": 2400}
    default_path().parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(made_database, default_path())
    section.entered()
    qtbot.waitUntil(lambda: "a day like yours" in card.expected["often"].text(), timeout=PATIENCE_MS)
    enter(qtbot, control(shown, "prompts.per_hour"), "1")
    qtbot.waitUntil(card.buttons["own"].isChecked)
    card.buttons["standard"].click()
    assert values(file) == {"dose": {"soft_s": 720}, "watch": {"sound": True}}


def test_a_monitor_that_runs_is_offered_a_restart(page: Page, file: Path, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once something changed that it reads when it starts; not for the window's own appearance."""
    window.link.close()
    window.link._thread.join()
    shown = page("General")
    window.link.status = {"pid": 7, "since_utc": 0.0, "tray": True, "mode": "watching", "options": ["--profile", "desk"]}
    calls: list[str] = []
    monkeypatch.setattr(window.link, "stop_monitor", lambda done, failed: (calls.append("stop"), done()))
    monkeypatch.setattr(window.link, "start_monitor", lambda *options: calls.append(" ".join(("start", *options))))
    control(shown, "window.appearance").setCurrentIndex(1)
    assert not shown.bar.restart.isVisible()
    control(shown, "watch.tray").click()
    assert shown.bar.restart.isVisible()
    shown.bar.restart.click()
    assert calls == ["stop", "start --profile desk"]
    assert not shown.bar.restart.isVisible()
    window.link.status = None


def test_start_at_login(page: Page, home: Path, qtbot: QtBot) -> None:
    """The switch writes what makes it start, says where, and takes it away again."""
    shown = page("General")
    section = shown.sections["General"]
    assert isinstance(section, GeneralSection)
    switch = section.autostart
    for on in (True, False):
        qtbot.waitUntil(switch.box.isEnabled, timeout=PATIENCE_MS)
        qtbot.mouseClick(switch.box, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda on=on: switch.state.startswith("On" if on else "Off"), timeout=PATIENCE_MS)
        assert any((home / "config").rglob("*.desktop")) is on


def test_cameras_and_calibrations(page: Page, file: Path, qtbot: QtBot, shot: Callable[..., None]) -> None:
    """Cameras are listed by a process of its own; one on the network is written; calibrations are used and deleted."""
    camera = CameraIdentity("name:cam", "Desk camera")
    with Store.open() as store:
        for name in ("old", "new"):
            profiles.save(store, name, NEUTRAL, camera, None, "desk")
    shown = page("Camera")
    section: Any = shown.sections["Camera"]
    qtbot.waitUntil(section.choice.again.isEnabled, timeout=PATIENCE_MS)
    box = section.choice.box
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_End)
    qtbot.waitUntil(section.choice.address.isVisible)
    qtbot.keyClicks(section.choice.address, "http://me:secret@host/stream")
    qtbot.keyClick(section.choice.address, Qt.Key.Key_Return)
    assert values(file)["watch"]["camera"] == "http://me:secret@host/stream"
    assert "secret" not in section.choice.address.text()

    def buttons() -> dict[str, QAbstractButton]:
        return {one.accessibleName(): one for one in section.profiles.findChildren(QAbstractButton) if one.isVisible()}

    qtbot.waitUntil(lambda: "Use the calibration old" in buttons(), timeout=PATIENCE_MS)
    qtbot.wait(60)
    shot(shown, "settings-calibrations")
    qtbot.mouseClick(buttons()["Use the calibration old"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Use the calibration new" in buttons(), timeout=PATIENCE_MS)
    with Store.open() as store:
        chosen = profiles.choose(store, camera)
        assert chosen is not None and chosen[0] == "old"
    acted = in_dialog(qtbot, press("Delete"))
    qtbot.mouseClick(buttons()["Delete the calibration new"], Qt.MouseButton.LeftButton)
    acted()
    qtbot.waitUntil(lambda: "Delete the calibration new" not in buttons(), timeout=PATIENCE_MS)
    with Store.open() as store:
        assert [one.name for one in profiles.listed(store)] == ["old"]


def test_data_out_back_and_away(page: Page, home: Path, made: date, qtbot: QtBot, shot: Callable[..., None]) -> None:
    """An export, a backup, everything erased after it was shown; the export back in, and the backup in its place."""
    shown = page("Data")
    section = shown.sections["Data"]
    assert isinstance(section, DataSection)

    def run(button: QAbstractButton, *acts: Callable[[Any], object], ends: str) -> None:
        checks = [in_dialog(qtbot, act) for act in acts[:1]]
        qtbot.waitUntil(button.isEnabled, timeout=PATIENCE_MS)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        for check in checks:
            check()
        for act in acts[1:]:
            in_dialog(qtbot, act)()
        qtbot.waitUntil(lambda: section.jobs.said.text().startswith(ends), timeout=PATIENCE_MS)
        qtbot.waitUntil(button.parentWidget().isEnabled, timeout=PATIENCE_MS)

    section.export.form.setCurrentIndex(1)
    run(section.export.go, name_file(home / "out.json"), ends="Exported")
    assert json.loads((home / "out.json").read_text(encoding="utf-8"))["rows"]["sessions"] > 0
    run(section.backup.back_up, name_file(home / "copy.db"), ends="Backup written")
    section.erase.which.setCurrentText("Everything")
    qtbot.waitUntil(section.erase.go.isEnabled, timeout=PATIENCE_MS)
    assert "will be erased for good" in section.erase.going.text() and "sessions" in section.erase.going.text()
    qtbot.wait(60)
    shown.ensureWidgetVisible(section.erase.go)
    shot(shown, "settings-erase")
    run(section.erase.go, press("Cancel"), ends="Backup written")
    assert default_path().exists()
    run(section.erase.go, press("Erase"), ends="Erased")
    assert not default_path().exists()
    shown.ensureWidgetVisible(section.imports.file)
    shot(shown, "settings-import")
    run(section.imports.file, name_file(home / "out.json"), ends="Imported: ")
    with Store.open_to_read() as store:
        assert store.sessions_between(0.0, 4e9)

    def agree(box: QMessageBox) -> None:
        assert "The backup:" in box.informativeText() and "session" in box.informativeText()
        press("Restore")(box)

    run(section.backup.restore, name_file(home / "copy.db"), agree, ends="Restored")
    with Store.open_to_read() as store:
        assert store.sessions_between(0.0, 4e9)


def test_a_long_job_is_shown_and_can_be_stopped(page: Page, qtbot: QtBot) -> None:
    """It says how far it is; once stopped it says that nothing was written."""
    jobs = page("Data").jobs

    def work(progress: Callable[[int, int], None]) -> None:
        while True:
            progress(3, 10)
            time.sleep(0.01)

    jobs.run("Exporting…", work, lambda _done: "", stoppable=True)
    qtbot.waitUntil(lambda: jobs.bar.value() == 3, timeout=PATIENCE_MS)
    qtbot.mouseClick(jobs.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: jobs.said.text() == "Stopped; nothing was written.", timeout=PATIENCE_MS)
    assert not jobs.bar.isVisible()


def test_days_that_are_erased_are_shown_before(page: Page, made: date, qtbot: QtBot) -> None:
    """By day, and the retention is kept in the database."""
    yesterday = made - timedelta(days=1)
    shown = page("Data")
    section = shown.sections["Data"]
    assert isinstance(section, DataSection)
    weekday = next(yesterday - timedelta(days=back) for back in range(3) if (yesterday - timedelta(days=back)).weekday() < 5)
    section.erase.days.first.setDate(weekday)
    section.erase.days.last.setDate(weekday)
    qtbot.waitUntil(section.erase.go.isEnabled, timeout=PATIENCE_MS)
    assert "2 sessions" in section.erase.going.text()
    acted = in_dialog(qtbot, press("Erase"))
    qtbot.mouseClick(section.erase.go, Qt.MouseButton.LeftButton)
    acted()
    qtbot.waitUntil(lambda: section.jobs.said.text().startswith("Erased"), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: section.erase.going.text() == "There is nothing to erase.", timeout=PATIENCE_MS)
    section.retention.limited.click()

    def kept() -> bool:
        with Store.open_to_read() as store:
            return store.get_meta("retention_days") == "365"

    qtbot.waitUntil(kept, timeout=PATIENCE_MS)


@pytest.mark.parametrize("look", ["light", "dark", "high_contrast"])
def test_little_room_and_names_for_every_control(
    page: Page, window: MainWindow, look: str, shot: Callable[..., None], qtbot: QtBot
) -> None:
    """At 390 pixels nothing is wider than the window; whatever takes keys has a name that a screen reader says."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, look)
    window.resize(390, 700)
    shown = page()
    for part in shown.sections:
        shown.open_tab(part)
        qtbot.wait(30)
        shot(window, f"settings-{look}-{part.lower()}")
        assert shown.widget().width() <= shown.viewport().width(), part
        assert shown.horizontalScrollBar().maximum() == 0, part
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox, QCheckBox, QRadioButton)
    for one in [child for kind in kinds for child in shown.widget().findChildren(kind)]:
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert one.accessibleName() or (isinstance(one, QAbstractButton) and one.text()), one


def test_all_by_keyboard(page: Page, file: Path, qtbot: QtBot) -> None:
    """Tabs by arrows, fields by Tab in the order in which they stand, undo by Ctrl+Z."""
    shown = page()
    shown.tabs.setFocus()
    qtbot.keyClick(shown.tabs, Qt.Key.Key_Right)
    assert shown.sections["Quiet"].isVisible()
    order = []
    for _ in range(9):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        found = QApplication.focusWidget().parentWidget()
        order.append(found.objectName())
    assert order[:8] == [
        "presence.pause_on_lock",
        "presence.pause_on_lid",
        "presence.pause_on_battery",
        "presence.pause_for_camera",
        "presence.pause_when_idle_s",
        "presence.quiet_in_calls",
        "presence.quiet_in_full_screen",
        "presence.quiet_on_do_not_disturb",
    ]
    box = control(shown, "presence.pause_on_battery")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert values(file)["presence"] == {"pause_on_battery": True}
    qtbot.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert file.read_text(encoding="utf-8") == COMMENTED
