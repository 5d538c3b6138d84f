"""Where pictures come from: sources are context managers that yield Frames, once, with strictly rising times.

Only what needs nothing heavy is exported here; import `posture.sources.video_file` for recordings.
"""

from posture.sources.base import FrameList, Source

__all__ = ["FrameList", "Source"]
