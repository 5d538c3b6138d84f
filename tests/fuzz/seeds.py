"""The sound recordings that mutated ones are made of: every container and the codecs that cameras and phones write."""

from __future__ import annotations

from pathlib import Path

from media import every, write_video

SIZE = (96, 64)
"""Width and height of all of them, pixels; the mutator looks for these numbers in the headers."""
_KINDS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("h264.mp4", "libx264", {"b_frames": 2}),
    ("h264_fast.mp4", "libx264", {"faststart": True, "audio_s": 1.0}),
    ("hevc.mp4", "libx265", {}),
    ("mpeg4.mov", "mpeg4", {}),
    ("h264.mkv", "libx264", {"audio_s": 1.0}),
    ("ffv1.mkv", "ffv1", {}),
    ("vp8.webm", "libvpx", {}),
    ("vp9.webm", "libvpx-vp9", {}),
    ("mpeg4.avi", "mpeg4", {}),
    ("mjpeg.avi", "mjpeg", {"pix_fmt": "yuvj420p"}),
    ("h264.ts", "libx264", {}),
    ("sorenson.flv", "flv", {}),
)


def make_seeds(folder: Path) -> list[Path]:
    """Write them all, about two seconds of each, and return them in a fixed order."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, codec, more in _KINDS:
        rate = 25.0 if codec in {"mjpeg", "mpeg4", "flv"} else 12.0
        made.append(write_video(folder / name, every(rate, 2.0), SIZE, codec=codec, **more))  # type: ignore[arg-type] # of that function
    return made
