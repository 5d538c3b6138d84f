"""Names the system package of a shared library that is missing."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_PACKAGES = {
    "libGL.so": "libgl1",
    "libEGL.so": "libegl1",
    "libGLESv2.so": "libgles2",
    "libglib-2.0.so": "libglib2.0-0",
    "libgthread-2.0.so": "libglib2.0-0",
    "libgobject-2.0.so": "libglib2.0-0",
    "libSM.so": "libsm6",
    "libICE.so": "libice6",
    "libXext.so": "libxext6",
    "libXrender.so": "libxrender1",
    "libX11.so": "libx11-6",
    "libxcb.so": "libxcb1",
    "libstdc++.so": "libstdc++6",
    "libgomp.so": "libgomp1",
    "libportaudio.so": "libportaudio2",
    # Qt's, on X11 and on Wayland
    "libX11-xcb.so": "libx11-xcb1",
    "libdbus-1.so": "libdbus-1-3",
    "libfontconfig.so": "libfontconfig1",
    "libfreetype.so": "libfreetype6",
    "libgssapi_krb5.so": "libgssapi-krb5-2",
    "libwayland-client.so": "libwayland-client0",
    "libwayland-cursor.so": "libwayland-cursor0",
    "libwayland-egl.so": "libwayland-egl1",
    "libxcb-cursor.so": "libxcb-cursor0",
    "libxcb-icccm.so": "libxcb-icccm4",
    "libxcb-image.so": "libxcb-image0",
    "libxcb-keysyms.so": "libxcb-keysyms1",
    "libxcb-randr.so": "libxcb-randr0",
    "libxcb-render-util.so": "libxcb-render-util0",
    "libxcb-render.so": "libxcb-render0",
    "libxcb-shape.so": "libxcb-shape0",
    "libxcb-shm.so": "libxcb-shm0",
    "libxcb-sync.so": "libxcb-sync1",
    "libxcb-util.so": "libxcb-util1",
    "libxcb-xfixes.so": "libxcb-xfixes0",
    "libxcb-xkb.so": "libxcb-xkb1",
    "libxkbcommon-x11.so": "libxkbcommon-x11-0",
    "libxkbcommon.so": "libxkbcommon0",
}
_MISSING = re.compile(r"(lib[\w+.-]+?\.so)[.\d]*: cannot open shared object file")


_NOT_FOUND = re.compile(r"^\s*(lib[\w+.-]+?\.so)[.\d]* => not found", re.MULTILINE)
_QT_PARTS = ("Qt/plugins/platforms/libqxcb.so", "QtWidgets.abi3.so", "QtNetwork.abi3.so")
_LDD_S = 10.0


def missing_for_qt() -> str | None:
    """Return one line that says what to install before the window can be shown on an X11 screen; ``None`` if nothing, or it cannot be told.

    Qt ends the whole process where a library of its screen plugin is missing, so this is asked before. Takes 0.1 s.
    """
    spec = importlib.util.find_spec("PySide6") if sys.platform.startswith("linux") else None
    folders = (spec.submodule_search_locations or ()) if spec is not None else ()
    files = [file for folder in folders for part in _QT_PARTS if (file := Path(folder) / part).is_file()]
    try:
        done = subprocess.run(["ldd", *map(str, files)], capture_output=True, text=True, timeout=_LDD_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _to_install(sorted(set(_NOT_FOUND.findall(done.stdout))))


def _to_install(libraries: Sequence[str]) -> str | None:
    """Return one line that says what to install for libraries that are missing; ``None`` if none is."""
    if not libraries:
        return None
    packages = sorted({package for library in libraries if (package := _PACKAGES.get(library))})
    others = [library for library in libraries if library not in _PACKAGES]
    advice = [f"install {' '.join(packages)} (Debian, Ubuntu: sudo apt-get install {' '.join(packages)})"] if packages else []
    advice += [f"install the package that contains {', '.join(others)}"] if others else []
    return f"system libraries are missing ({', '.join(libraries)}): {'; '.join(advice)}"


def missing_library(error: BaseException) -> str | None:
    """Return one line that says what to install, if `error` comes from a missing shared library; ``None`` otherwise."""
    found = _MISSING.search(str(error))
    if found is None:
        return _missing_module(error)
    library = found[1]
    package = _PACKAGES.get(library)
    if package is None or not sys.platform.startswith("linux"):
        return f"the system library {library} is missing; install the package that contains it"
    return f"the system library {library} is missing: install {package} (Debian, Ubuntu: sudo apt-get install {package})"


def _missing_module(error: BaseException) -> str | None:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the Python package {error.name} is missing or damaged; install this program again"
    return None
