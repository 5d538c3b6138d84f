"""Posture monitor: trunk flexion and a pelvic-tilt proxy from one camera, and gentle prompts to move.

Importing this package loads neither OpenCV nor MediaPipe; what it offers to other programs is loaded when it is asked for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
