"""One opened camera, by OpenCV: what each system's way to it needs, in one place.

Numbers in comments are those of OpenCV's issue tracker. V4L2 is what we run; DSHOW and AVFoundation were not run by us.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from posture._support import load_cv2
from posture.capture.camera_list import Target
from posture.capture.causes import cause
from posture.errors import InputError
from posture.types import ByteArray

WIDTH, HEIGHT = 640, 480
FPS = 10
"""Asked of a webcam: the picture is compared at 4 Hz and measured at 5 Hz at most, and every further picture costs."""
_MAX_SIDE = 1280  # pose networks need no more, as for recordings
_ENVIRONMENT = {"OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "4"}  # seconds; a read of a dead device ends by itself then and not after 10


class Capture(Protocol):
    """An opened camera or stream, to be used by the one thread that opened it (COM on Windows insists on it)."""

    def grab(self) -> bool:
        """Wait for the next picture and take it, undecoded where that can be; False if there is none to come. May hang."""

    def picture(self) -> ByteArray | None:
        """Decode what was grabbed: (H, W, 3) uint8 RGB, contiguous; ``None`` if it is damaged."""

    def release(self) -> None:
        """Let go of it. May hang."""


Opener = Callable[[Target], Capture]


def prepare() -> Any:
    """Load OpenCV with what cameras need of it; for who wants to know that it works before a camera is opened aside.

    Raises:
        PostureError: It is missing or broken.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    return load_cv2()


def open_capture(target: Target) -> Capture:
    """Open a camera or stream. May hang, for seconds or for ever.

    Raises:
        InputError: It cannot be opened.
        PostureError: OpenCV is missing or broken.
    """
    if target.stream:
        from posture.capture.live_stream import LiveStream  # loads PyAV, which a camera does not need  # noqa: PLC0415

        return LiveStream(target)
    cv2 = prepare()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    cv2.setNumThreads(1)  # a few small pictures a second: waking helpers costs more than they help
    return _CvCapture(cv2, target)


def _backend(cv2: Any) -> int:
    """Return the way to a webcam; named, since CAP_ANY tries one after the other and hides which camera an index means."""
    if sys.platform == "win32":
        # Not run by us. MSMF needs up to 20 s to open and some more for every setting (17687, 26495, 27917), whatever the variable
        # that is said to help; DSHOW a few, and its order of cameras is the one that their names are listed in.
        return int(cv2.CAP_DSHOW)
    if sys.platform == "darwin":
        # Not run by us. The first open asks the user for permission and fails (15517, 16427); it is tried again until it is given.
        return int(cv2.CAP_AVFOUNDATION)
    return int(cv2.CAP_V4L2) if sys.platform == "linux" else int(cv2.CAP_ANY)


class _CvCapture:
    """``cv2.VideoCapture`` with its habits; its errors are turned into "nothing to come" here."""

    def __init__(self, cv2: Any, target: Target) -> None:
        self._cv2 = cv2
        try:
            self._capture = self._open(target)
            if not self._capture.isOpened():
                raise InputError(f"{target.label}: {cause(target)}")
        except cv2.error as error:
            raise InputError(f"{target.label}: cannot be opened ({error.err or 'OpenCV fails'})") from error

    def _open(self, target: Target) -> Any:
        cv2 = self._cv2
        capture = cv2.VideoCapture(target.source, _backend(cv2))
        if capture.isOpened():
            # Set one by one and not as parameters of the opening, where a camera that cannot do one of them is not opened at all. The
            # rate last: DSHOW and V4L2 forget it when the size changes (410). A camera that keeps its own rate (21673) costs, no more.
            for what, value in (
                (cv2.CAP_PROP_FRAME_WIDTH, WIDTH),
                (cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT),
                (cv2.CAP_PROP_FPS, FPS),
                (cv2.CAP_PROP_BUFFERSIZE, 1),  # V4L2 queues four, each one picture old (11047)
            ):
                capture.set(what, value)
        return capture

    def grab(self) -> bool:
        try:
            return bool(self._capture.grab())
        except self._cv2.error:
            return False

    def picture(self) -> ByteArray | None:
        cv2 = self._cv2
        try:
            fine, image = self._capture.retrieve()
            if not fine or image is None or image.size == 0:
                return None
            if image.ndim == 2:
                return np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB))
            shrink = _MAX_SIDE / max(image.shape[:2])
            if shrink < 1:
                image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
            rgb: ByteArray = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
            return rgb
        except cv2.error:
            return None

    def release(self) -> None:
        self._capture.release()
