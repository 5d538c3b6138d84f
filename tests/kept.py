"""Landmarks of the sample clips, found once by ``tools/make_test_landmarks.py``: tests of what is made of them need no MediaPipe.

They lie under ``tests/landmarks/`` as the program's own cache of samples has them, without the poses that only an annotated video needs.
``test_sample_videos.py`` holds that MediaPipe still gives them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from filelock import FileLock
from jobs import job_of
from sample_table import SAMPLES, days, rendered_clips

from posture.recordings import sample_cache
from posture.recordings.measuring import task_of

LANDMARKS = Path(__file__).resolve().parent / "landmarks"


def key_of(clip: str, model_file: Path) -> str:
    """Under which name the program looks for the landmarks of a clip that is analysed whole, by default."""
    return sample_cache.key_of(task_of(SAMPLES / clip, job_of(model_file)), None)


def cache_at(folder: Path, model_file: Path) -> Path:
    """A cache that has the landmarks of every clip; made once, for all workers."""
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            for clip in [*rendered_clips(), *days()]:
                shutil.copytree(LANDMARKS / clip, folder / key_of(clip, model_file))
            for path in (folder, *folder.rglob("*")):  # else a command says that others could read it
                path.chmod(0o700 if path.is_dir() else 0o600)
    return folder
