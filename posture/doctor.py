"""What works on this machine, what does not, and how to mend it. Runs whatever is broken; changes nothing."""

from __future__ import annotations

import importlib
import logging
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

from posture import __version__, config, doctor_desktop, opencv, paths, weights
from posture.checks import NOT_RUN, Check, State
from posture.model import PostureError
from posture.store import Store, default_path
from posture.syslibs import missing_library

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


def examine() -> Iterator[Check]:
    """All checks, one by one."""
    checks: list[Callable[[], Iterator[Check]]] = [
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
        except ImportError as error:  # a package above is broken, and has its own line there
            yield Check(check.__name__.strip("_"), State.NOTE, f"cannot be looked at: {error}")


def _system() -> Iterator[Check]:
    name = f"{platform.system()} {platform.release()} {platform.machine()}"
    if (platform.system(), platform.machine()) not in _WHEELS:
        yield Check("system", State.BROKEN, name, "MediaPipe 0.10.31 exists for Linux x86_64, macOS arm64 and Windows x64 only")
    elif sys.platform.startswith("linux"):
        yield Check("system", State.OK, name)
    else:
        yield Check("system", State.NOTE, f"{name}: {NOT_RUN}")


def _python() -> Iterator[Check]:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info >= (3, 11):  # noqa: UP036 # a copy run by an older Python must still say so
        yield Check("python", State.OK, found)
    else:
        yield Check("python", State.BROKEN, found, "Python 3.11 or later is needed")
    yield Check("posture", State.OK, __version__)


def packages() -> Iterator[Check]:
    """Whether each package that is needed can be loaded, and what is missing if not."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # a home that cannot be written makes it talk of its cache
    for package, (module, used) in _PACKAGES.items():
        found = _version(package) or "version unknown"
        try:
            loaded = importlib.import_module(module)
            missing = opencv.lacks(loaded, used)
        except Exception as error:  # noqa: BLE001 # a broken package may raise anything at its import, and doctor must outlive it
            words = f"{found}, cannot be loaded: {error or type(error).__name__}"
            yield Check(package, State.BROKEN, words, missing_library(error) or _reinstall(package))
            continue
        if missing:
            yield Check(package, State.BROKEN, f"{found}, broken: {module} has no {missing} (in {_place(loaded)})", _reinstall(package))
        else:
            yield Check(package, State.OK, found)
    others = [f"{wheel} {there}" for wheel in opencv.OTHER_WHEELS if (there := _version(wheel))]
    if others:
        own = _version(opencv.WHEEL)
        beside = f"beside {opencv.WHEEL} {own}: they overwrite each other's files" if own else f"in the place of {opencv.WHEEL}"
        words = f"{', '.join(others)} {beside}"
        yield Check("opencv wheels", State.NOTE, words, _reinstall(opencv.WHEEL))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _reinstall(package: str) -> str:
    """The commands that mend a package; OpenCV's other wheels have to go first, as they share its folder."""
    others = [wheel for wheel in opencv.OTHER_WHEELS if _version(wheel)] if package == opencv.WHEEL else []
    first = f"pip uninstall -y {' '.join(others)}; " if others else ""
    alone = "--no-deps " if package == opencv.WHEEL else ""
    return f"{first}pip install --force-reinstall {alone}{package}"


def _place(module: ModuleType) -> str:
    """Where a module was loaded from; a folder without an ``__init__`` has no file."""
    return module.__file__ or next(iter(getattr(module, "__path__", ())), "no file")


def _settings() -> Iterator[Check]:
    file = paths.config_file()
    try:
        config.load(file if file.exists() else None)
    except PostureError as error:
        yield Check("settings", State.BROKEN, str(error), "mend the line, or move the file away; posture config show explains each setting")
    else:
        yield Check("settings", State.OK, str(file) if file.exists() else "the defaults")


def _model() -> Iterator[Check]:
    for found in weights.verify(weights.DEFAULT):
        where = f"{found.name}, {found.state}: {found.path}"
        if found.ok:
            yield Check("pose model", State.OK, where)
        else:
            missing = found.state is weights.State.MISSING
            yield Check("pose model", State.NOTE if missing else State.BROKEN, where, "posture model fetch")


def _cameras() -> Iterator[Check]:
    if not sys.platform.startswith("linux"):
        yield Check("cameras", State.NOTE, f"not listed: {NOT_RUN}")
        return
    found = [f"{_read(p / 'name')} (/dev/{p.name})" for p in sorted(Path("/sys/class/video4linux").glob("video*"))]
    if not found:
        yield Check("cameras", State.NOTE, "none", "plug one in; recordings need none")
        return
    closed = [p for p in Path("/dev").glob("video*") if not os.access(p, os.R_OK | os.W_OK)]
    mend = "no access: sudo usermod -aG video $USER, then log in again" if closed else ""
    yield Check("cameras", State.NOTE if closed else State.OK, ", ".join(found), mend)


def _database() -> Iterator[Check]:
    if not default_path().exists():
        yield Check("database", State.OK, f"{default_path()}: not there yet; made on first use")
        return
    try:
        with Store.open() as store:
            store.check()
            where = store.path
    except PostureError as error:
        yield Check("database", State.BROKEN, str(error), "the line says what to do")
    else:
        yield Check("database", State.OK, str(where))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return "unnamed"
