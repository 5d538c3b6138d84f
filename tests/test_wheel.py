"""What is installed from the wheel works by itself, away from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLES

DEMO_LIMIT = 2_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)], check=True, capture_output=True)
    return next(out.glob("*.whl"))


def installed_in(place: Path, wheel: Path, *options: str) -> Path:
    """Make a venv with the wheel in it; its Python."""
    venv.create(place, with_pip=False)
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *options, str(wheel)], check=True, capture_output=True)
    return python


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv with the wheel in it, and what it needs taken from this one; its Python."""
    python = installed_in(tmp_path_factory.mktemp("venv"), wheel, "--no-deps")
    ask = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    (own / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")  # not as a site: this checkout stays away
    return python


@pytest.mark.soak
def test_what_the_wheel_names_is_all_that_it_needs(wheel: Path, tmp_path: Path) -> None:
    """In a fresh venv with nothing but what pip brings, the demo runs."""
    python = installed_in(tmp_path / "venv", wheel)
    done = posture(python, tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "posture-demo" / "report.html").exists()


def posture(python: Path, folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in another folder."""
    return ran(folder, str(python.parent / "posture"), *argv)


def ran(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program in another folder, without this checkout on its path."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    env |= {"POSTURE_DATA_DIR": str(folder / "data"), "POSTURE_CONFIG": str(folder / "config.toml")}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_manifest_catalogue_drawings_and_demo_travel_in_the_wheel(wheel: Path) -> None:
    """The data files are inside, and the demo clip is at most 2 MB."""
    with zipfile.ZipFile(wheel) as z:
        sizes = {i.filename: i.file_size for i in z.infolist()}
    assert "posture/data/models.toml" in sizes
    assert "posture/data/catalogue.toml" in sizes
    assert "posture/data/kinematics.json" in sizes
    assert any(n.startswith("posture/data/drawings/cat_cow_seated") for n in sizes)
    assert "posture/data/pictures/cat_cow_seated.png" in sizes
    assert any(n.startswith("posture/reports/templates/") for n in sizes)
    assert 0 < sizes["posture/data/desk_day.mp4"] <= DEMO_LIMIT
    assert not [n for n in sizes if n.startswith(("tests", "sample_videos"))]


def test_the_window_and_the_menu_entry_come_with_it(installed: Path, tmp_path: Path) -> None:
    """The program of the window is there; the entry that is written starts it by its path."""
    env = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path)}
    window = installed.parent / "posture-window"
    assert "--page" in subprocess.run([str(window), "--help"], env=env, capture_output=True, text=True, check=True).stdout
    subprocess.run([str(installed.parent / "posture"), "desktop-entry", "install"], env=env, capture_output=True, check=True)
    assert f'Exec="{window}"' in (tmp_path / "applications" / "posture-monitor.desktop").read_text()


def test_prompts_and_analyze_work_from_another_folder(installed: Path, model_file: Path, tmp_path: Path) -> None:
    """The installed program lists its prompts and analyses a recording into the folder beside it."""
    listed = posture(installed, tmp_path, "prompts", "--json")
    assert listed.returncode == 0, listed.stderr
    assert len(json.loads(listed.stdout)) > 10
    done = posture(installed, tmp_path, "analyze", str(SAMPLES / "side_mixed_male1.mp4"), "--end", "2", "--out", "here")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here" / "report.html").exists()


FROM_KEPT = """
import functools, pathlib, sys
from posture.cli import analyze, app
analyze.analyze = functools.partial(analyze.analyze, cache_dir=pathlib.Path(sys.argv[1]))
sys.exit(app.run(["demo"]))
"""
"""The demo, whose twenty minutes need not be measured again; ``make soak`` measures them."""


def test_demo_shows_an_episode_its_prompt_and_the_summary(installed: Path, landmark_cache: Path, tmp_path: Path) -> None:
    """The demo that comes with the wheel shows a flexed episode, a reminder, and writes the page."""
    done = ran(tmp_path, str(installed), "-c", FROM_KEPT, str(landmark_cache))
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "leaning 2:00" in text
    assert "Reminders" in text
    assert "Longest sit without a break" in text
    assert (tmp_path / "posture-demo" / "report.html").exists()
