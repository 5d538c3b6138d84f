"""OpenCV, loaded when it is needed, and only if it is whole.

Its four wheels share one folder, ``cv2``: whoever installs two of them and takes one away again is left with a folder that can be
imported and holds nothing.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from posture.model import PostureError
from posture.syslibs import missing_library

WHEEL = "opencv-python"
OTHER_WHEELS = ("opencv-contrib-python", "opencv-python-headless", "opencv-contrib-python-headless")
NEEDED = ("VideoCapture", "VideoWriter", "imdecode", "cvtColor", "resize", "line", "putText", "imshow", "utils.logging.setLogLevel")
"""What this program uses of it, one or two things of each of its parts."""
_DOCTOR = "posture doctor says how to mend it"


@cache
def load_cv2() -> Any:
    """OpenCV.

    Raises:
        PostureError: it is missing or broken; one line that says where to read how to mend it.
    """
    try:
        cv2 = importlib.import_module("cv2")
    except Exception as error:  # a broken package may raise anything at its import
        why = None if isinstance(error, ModuleNotFoundError) else missing_library(error)
        raise PostureError(
            f"OpenCV cannot be loaded: {' '.join((why or str(error) or type(error).__name__).split())}; {_DOCTOR}"
        ) from error
    missing = lacks(cv2, NEEDED)
    if missing:
        raise PostureError(f"OpenCV is broken: cv2 has no {missing}; {_DOCTOR}")
    return cv2


def lacks(module: object, names: tuple[str, ...]) -> str | None:
    """The first of these (dotted) names that a module does not have; ``None`` if it has all."""
    for name in names:
        found = module
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is None:
            return name
    return None
