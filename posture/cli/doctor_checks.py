"""The checks of ``posture doctor``: packages, settings, model, cameras, database. Run whatever is broken; change nothing."""

from __future__ import annotations

import importlib
import logging
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from posture._support import NOT_RUN, Diagnostic, DiagnosticLevel, is_bundled, missing_library, opencv, paths
from posture._version import __version__
from posture.cli import doctor_desktop
from posture.errors import PostureError

_PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "numpy": ("numpy", ("ndarray", "frombuffer")),
    opencv.WHEEL: ("cv2", opencv.NEEDED),
    "mediapipe": ("mediapipe.tasks.python.vision", ("PoseLandmarker.create_from_options", "PoseLandmarkerOptions")),
    "av": ("av", ("open", "VideoFrame", "video.reformatter.VideoReformatter")),
    "matplotlib": ("matplotlib.figure", ("Figure",)),
    "pydantic": ("pydantic", ("TypeAdapter",)),
    "rich": ("rich.console", ("Console",)),
    "typer": ("typer", ("Typer",)),
    "platformdirs": ("platformdirs", ("user_data_dir",)),
    "jinja2": ("jinja2", ("Environment",)),
    "desktop-notifier": ("desktop_notifier", ("DesktopNotifier",)),
    "filelock": ("filelock", ("FileLock",)),
    "pillow": ("PIL.Image", ("open", "fromarray")),
    "psutil": ("psutil", ("Process",)),
}
"""What is installed, the module of it that is used, and what is used of that."""
_WHEELS = {("Linux", "x86_64"), ("Darwin", "arm64"), ("Windows", "AMD64")}


def examine() -> Iterator[Diagnostic]:
    """Run all checks, one by one."""
    checks: list[Callable[[], Iterator[Diagnostic]]] = [
        _system,
        _python,
        packages,
        _settings,
        _model,
        _cameras,
        *doctor_desktop.CHECKS,
        _database,
    ]
    for check in checks:
        try:
            yield from check()
        except Exception as error:  # noqa: BLE001 # a package above is broken, and has its own line there
            yield Diagnostic.note(check.__name__.strip("_"), f"cannot be checked: {error}")


def _system() -> Iterator[Diagnostic]:
    name = f"{platform.system()} {platform.release()} {platform.machine()}"
    if (platform.system(), platform.machine()) not in _WHEELS:
        yield Diagnostic.broken("system", name, "MediaPipe 0.10.31 exists for Linux x86_64, macOS arm64 and Windows x64 only")
    elif sys.platform.startswith("linux"):
        yield Diagnostic.ok("system", name)
    else:
        yield Diagnostic.note("system", f"{name}: {NOT_RUN}")


def _python() -> Iterator[Diagnostic]:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info >= (3, 11):  # noqa: UP036 # a copy run by an older Python must still say so
        yield Diagnostic.ok("python", found)
    else:
        yield Diagnostic.broken("python", found, "Python 3.11 or later is needed")
    yield Diagnostic.ok("posture", __version__)


def packages() -> Iterator[Diagnostic]:
    """Check that each package that is needed can be loaded and has what is used of it."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a home that cannot be written makes it talk of its cache
    for package, (module, used) in _PACKAGES.items():
        found = _version(package) or "version unknown"
        try:
            loaded = importlib.import_module(module)
            missing = opencv.lacks(loaded, used)
        except Exception as error:  # noqa: BLE001 # a broken package may raise anything at its import, and doctor must outlive it
            words = f"{found}, cannot be loaded: {error or type(error).__name__}"
            yield Diagnostic.broken(package, words, missing_library(error) or _reinstall(package))
            continue
        if missing:
            yield Diagnostic.broken(package, f"{found}, broken: {module} has no {missing} (in {_place(loaded)})", _reinstall(package))
        else:
            yield Diagnostic.ok(package, found)
    others = [f"{wheel} {there}" for wheel in opencv.OTHER_WHEELS if (there := _version(wheel))]
    if others:
        own = _version(opencv.WHEEL)
        beside = f"beside {opencv.WHEEL} {own}: they overwrite each other's files" if own else f"instead of {opencv.WHEEL}"
        words = f"{', '.join(others)} {beside}"
        yield Diagnostic.note("opencv wheels", words, _reinstall(opencv.WHEEL))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _reinstall(package: str) -> str:
    """Return the commands that fix a package; OpenCV's other wheels go first, as they share its folder."""
    if is_bundled():
        return "install this program again"
    others = [wheel for wheel in opencv.OTHER_WHEELS if _version(wheel)] if package == opencv.WHEEL else []
    first = f"pip uninstall -y {' '.join(others)}; " if others else ""
    alone = "--no-deps " if package == opencv.WHEEL else ""
    return f"{first}pip install --force-reinstall {alone}{package}"


def _place(module: ModuleType) -> str:
    """Return where a module was loaded from; a folder without an ``__init__`` has no file."""
    return module.__file__ or next(iter(getattr(module, "__path__", ())), "no file")


def _settings() -> Iterator[Diagnostic]:
    from posture._support import config

    file = paths.config_file()
    try:
        config.load(file if file.exists() else None)
    except PostureError as error:
        yield Diagnostic.broken("settings", str(error), "fix that line, or move the file away; posture config show explains each setting")
    else:
        yield Diagnostic.ok("settings", str(file) if file.exists() else "the defaults")


def _model() -> Iterator[Diagnostic]:
    from posture.pose import weights

    for found in weights.verify(weights.DEFAULT):
        where = f"{found.name}, {found.state}: {found.path}"
        if found.ok:
            yield Diagnostic.ok("pose model", where)
        else:
            missing = found.state is weights.WeightsState.MISSING
            yield Diagnostic("pose model", DiagnosticLevel.NOTE if missing else DiagnosticLevel.BROKEN, where, "posture model fetch")


def _cameras() -> Iterator[Diagnostic]:
    from posture.capture import list_cameras

    found = list_cameras()
    note = "" if sys.platform.startswith("linux") else f"; {NOT_RUN}"
    if not found:
        yield Diagnostic.note("cameras", f"none{note}", "plug one in; recordings don't need one")
        return
    closed = [c for c in found if c.node and not os.access(c.node, os.R_OK | os.W_OK)]
    mend = "no access: sudo usermod -aG video $USER, then log in again" if closed else ""
    names = ", ".join(f"{c.name} ({c.node})" if c.node else c.name for c in found)
    yield Diagnostic("cameras", DiagnosticLevel.NOTE if closed or note else DiagnosticLevel.OK, names + note, mend)


def _database() -> Iterator[Diagnostic]:
    from posture.storage import Store, default_path

    if not default_path().exists():
        yield Diagnostic.ok("database", f"{default_path()}: not there yet; created on first use")
        return
    try:
        with Store.open() as store:
            store.check()
            where = store.path
    except PostureError as error:
        yield Diagnostic.broken("database", str(error), "the message says what to do")
    else:
        yield Diagnostic.ok("database", str(where))
