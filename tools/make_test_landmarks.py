"""Find the landmarks of the sample clips, for the tests: writes ``tests/landmarks/``.

    python tools/make_test_landmarks.py

To be run again when the pose model, the clips, or what is kept of a sample change.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from kept import LANDMARKS, key_of  # noqa: E402
from sample_table import SAMPLES, days, rendered_clips  # noqa: E402

import posture  # noqa: E402
from posture.pose import weights  # noqa: E402


def main() -> None:
    """Measure every clip and keep what was seen, without poses."""
    model = weights.resolve("full")
    shutil.rmtree(LANDMARKS, ignore_errors=True)
    with TemporaryDirectory() as cache:
        for clip in [*rendered_clips(), *days()]:
            posture.analyze(SAMPLES / clip, cache=cache, model=model)
            made = LANDMARKS / clip
            shutil.copytree(Path(cache) / key_of(clip, model), made)
            for part in made.glob("part-*.npz"):
                with np.load(part) as data:
                    kept = {
                        "rows": data["rows"],
                        "times": np.empty(0),
                        "marks": np.empty((0, 33, 8), np.float32),
                        "sizes": np.empty((0, 2), int),
                    }
                np.savez_compressed(part, **kept)
                print(f"{part.relative_to(ROOT)}: {len(kept['rows'])} samples, {part.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
