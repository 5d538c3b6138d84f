"""What many tests share: the pose model, the sample clips, and a home of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from posture import weights

settings.register_profile("steady", deadline=None)  # machines are noisy: how long an example takes says nothing here
settings.load_profile("steady")

REAL_TIME = (
    "desktop/",
    "faults/",
    "test_camera",
    "test_cluster",
    "test_control",
    "test_crew",
    "test_instance",
    "test_live.py",
    "test_monitor",
    "test_rtsp",
)
"""Tests that start real programs and wait for them by the clock."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Such a test is tried twice more where it failed, which the summary says: that tells a machine that stood still from a fault."""
    for item in items:
        place = item.path.relative_to(ROOT / "tests").as_posix()
        if place.startswith(REAL_TIME):
            item.add_marker(pytest.mark.flaky(reruns=2, reruns_delay=2))


ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "sample_videos"


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The verified full model, fetched if need be, as on a user's first run."""
    return weights.resolve("full")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings and database of the test's own, so that a developer's own day is never touched."""
    monkeypatch.setenv("POSTURE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("POSTURE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path
