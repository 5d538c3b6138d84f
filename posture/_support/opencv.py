"""OpenCV, loaded when it is needed, and checked.

Its four wheels share one folder, ``cv2``: with two of them installed and one removed again, that folder can be imported and is empty.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from posture._support.limits import shortage
from posture._support.processes import is_bundled
from posture._support.system_libraries import missing_library
from posture.errors import PostureError

WHEEL = "opencv-python-headless" if is_bundled() else "opencv-python"
"""The bundle needs no windows of OpenCV's, and no second Qt."""
OTHER_WHEELS = tuple(
    wheel
    for wheel in ("opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless", "opencv-python")
    if wheel != WHEEL
)
NEEDED = ("VideoCapture", "VideoWriter", "imdecode", "cvtColor", "resize", "line", "putText", "utils.logging.setLogLevel")
"""What this program uses of it, one or two names of each part."""
_DOCTOR = "posture doctor says how to fix it"


@cache
def load_cv2() -> Any:
    """Return the module ``cv2``.

    Raises:
        PostureError: It is missing or broken; one line that refers to ``posture doctor``.
    """
    try:
        cv2 = importlib.import_module("cv2")
    except Exception as error:  # a broken package may raise anything at its import
        if (line := shortage(error)) is not None:
            raise PostureError(f"OpenCV cannot be loaded: {line}") from error
        why = None if isinstance(error, ModuleNotFoundError) else missing_library(error)
        raise PostureError(
            f"OpenCV cannot be loaded: {' '.join((why or str(error) or type(error).__name__).split())}; {_DOCTOR}"
        ) from error
    missing = lacks(cv2, NEEDED)
    if missing:
        raise PostureError(f"OpenCV is broken: cv2 has no {missing}; {_DOCTOR}")
    return cv2


def lacks(module: object, names: tuple[str, ...]) -> str | None:
    """Return the first of these (dotted) names that a module does not have; ``None`` if it has all."""
    for name in names:
        found = module
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is None:
            return name
    return None
