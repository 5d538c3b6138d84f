"""Names the system package of a shared library that is missing."""

from __future__ import annotations

import re
import sys

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
}
_MISSING = re.compile(r"(lib[\w+.-]+?\.so)[.\d]*: cannot open shared object file")


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
