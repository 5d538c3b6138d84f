"""Builds the bundle that needs no Python, and on Debian a package of it, with whatever Python 3.11 or later there is.

This file makes an environment with what goes in; `make.py` does the rest in there. Everything lies under ``build/bundle``:
``dist/posture-monitor`` is the folder, beside it the ``.deb``. Run:  make bundle
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def environment(build: Path) -> Path:
    """Return the Python of an environment that has this checkout as it is now, and PyInstaller; other packages are kept from last time."""
    place = build / "venv"
    python = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = place / "installed.txt"
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + (HERE / "requirements.txt").read_bytes()).hexdigest()
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([*pip, "install", f"{ROOT}[window]"], check=True)
        subprocess.run([*pip, "uninstall", "-y", "opencv-python"], check=True)  # its other wheel, below, has the same folder
        subprocess.run([*pip, "install", "-r", str(HERE / "requirements.txt")], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    subprocess.run([*pip, "install", "--no-deps", "--force-reinstall", str(ROOT)], check=True)
    return python


def main() -> None:
    """Make the environment, and have it build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "bundle", help="folder for all that is made")
    build: Path = parser.parse_args().build.resolve()
    build.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    python = environment(build)
    print(f"environment: {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(subprocess.run([str(python), str(HERE / "make.py"), str(build)], check=False).returncode)


if __name__ == "__main__":
    main()
