"""Posture monitor: trunk flexion and a pelvic-tilt proxy from one camera, and gentle prompts to move.

Importing this package loads neither OpenCV nor MediaPipe.
"""

__version__ = "0.1.0"
