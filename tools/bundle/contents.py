"""What goes into the bundle, and what stays out of it although a package brings it along."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

LOADED_BY_NAME = ("posture", "cv2", "desktop_notifier", "pystray", "Xlib", "rich")
"""Packages that are loaded, or load modules of their own, by name, where PyInstaller cannot see it."""
METADATA = (
    *("numpy", "opencv-python-headless", "mediapipe", "av", "matplotlib", "pydantic", "rich", "typer", "platformdirs", "jinja2"),
    *("desktop-notifier", "filelock", "pillow", "psutil", "posture-monitor"),
)
"""Packages whose version is read while the program runs."""
EXCLUDED = [
    *("tkinter", "_tkinter", "turtle", "curses", "readline", "idlelib", "lib2to3", "ensurepip", "pydoc_data", "test"),  # of Python
    *("pip", "setuptools", "pkg_resources", "wheel", "sounddevice", "jax", "tensorflow", "torch", "IPython", "pandas", "pyarrow"),
    *("gi", "distributed", "dask", "scipy", "pytest", "mypy", "hypothesis", "numba", "lxml", "yaml"),
    *("PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets", "PySide6.QtSql", "PySide6.QtTest"),
    *("cv2.gapi", "numpy.f2py", "numpy.testing", "PIL.ImageTk", "PIL.ImageQt"),
]
START_HOOKS_LEFT_OUT = frozenset({"pyi_rth_mplconfig", "pyi_rth_pyside6"})
"""Of PyInstaller: a new cache of fonts at each start, which a bundle in one file needs, and Qt's folder in variables that programs which
we start, such as a browser, would go by."""
_PLUGINS = {
    "platforms": ("xcb", "wayland", "offscreen", "cocoa", "windows"),
    "iconengines": ("svg",),
    "imageformats": ("svg", "jpeg"),
    "platforminputcontexts": ("compose", "ibus"),
    "platformthemes": ("xdgdesktopportal",),
    "styles": ("mac", "windows"),
    "wayland-decoration-client": ("",),
    "wayland-graphics-integration-client": ("",),
    "wayland-shell-integration": ("xdg-shell",),
    "xcbglintegrations": ("",),
    "accessiblebridge": ("",),
}
"""Qt's plugins that are kept: by folder, a part of their names."""
_LEFT_OUT = re.compile(
    r"(^|/)PySide6/(Qt/)?(qml|translations|resources|libexec)/"
    r"|(^|/)(lib)?Qt6?(Qml|Quick|Pdf|VirtualKeyboard|EglFs|Sql|Test)\w*\."  # needed by plugins alone that are left out
    r"|^cv2/(data|qt|gapi|misc|samples)/"
    r"|^matplotlib/mpl-data/(sample_data|plot_directive|fonts/(afm|pdfcorefonts)|images)/"
    r"|^matplotlib/mpl-data/fonts/ttf/(?!DejaVuSans|STIXGeneral|LastResort|LICENSE|cm)"
    r"|(^|/)(tests?|testing)/"
    r"|^tcl|^tk|^share/"
    r"|\.(pyi|pxd|h|hpp|cmake|a)$(?<!__init__\.pyi)"
)
_SYSTEM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
_UNWANTED_MODULE = re.compile(
    r"^(av|contourpy|kiwisolver|matplotlib|mediapipe|numpy|PIL|psutil|Xlib)\.(.+\.)?(tests?|testing)(\.|$)"
    r"|^mediapipe\.tasks\.(python\.(test|benchmark|metadata|genai\.(bundler|converter))|cc|metadata)(\.|$)"
    r"|^pygments\.(lexers\.(?!python$|_mapping$|special$)|styles\.(?!default$|_mapping$))"
    r"|^posture\.desktop\.\w+\.(macos|windows)$"
)


def wanted_module(name: str) -> bool:
    """Whether a Python module goes into the bundle."""
    if sys.platform != "linux" and name.startswith("posture.desktop."):
        return True
    return not _UNWANTED_MODULE.search(name)


def wanted_file(target: str, source: str | None) -> bool:
    """Whether a library or data file goes in; libraries of a Linux system stay its own, and the package depends on them."""
    target = target.replace("\\", "/")
    if sys.platform == "linux" and source and source.startswith(_SYSTEM) and "libpython" not in target and "/python3" not in source:
        return False
    if _LEFT_OUT.search(target):
        return False
    plugin = re.search(r"PySide6/(?:Qt/)?plugins/([\w-]+)/(?:lib)?q?(.+)$", target)
    return plugin is None or any(part in plugin[2] for part in _PLUGINS.get(plugin[1], ()))


def modules_of(package: str) -> list[str]:
    """Return the modules of a package that go in, by its files: to import it may need a display, or another system."""
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    folder = Path(next(iter(spec.submodule_search_locations)))
    paths = (file.relative_to(folder.parent).with_suffix("").parts for file in folder.rglob("*.py"))
    names = {".".join(part for part in parts if part != "__init__") for parts in paths if all(map(str.isidentifier, parts))}
    return sorted(filter(wanted_module, names))


def mediapipe_library() -> list[tuple[str, str]]:
    """Return MediaPipe's native library, which it loads by its path, and where it goes."""
    spec = importlib.util.find_spec("mediapipe")
    assert spec is not None and spec.submodule_search_locations
    package = Path(next(iter(spec.submodule_search_locations)))
    found = [file for file in (package / "tasks" / "c").iterdir() if file.suffix in {".so", ".dylib", ".dll"}]
    return [(str(file), "mediapipe/tasks/c") for file in found]
