"""Makes the bundle's folder, its licences and on Debian its package, in the environment that `build.py` made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import deb
import licences

from posture.pose import weights

HERE = Path(__file__).resolve().parent


def freeze(build: Path) -> Path:
    """Have PyInstaller make the folder, and return it."""
    variables = {"POSTURE_BUNDLE_MODEL": str(weights.resolve(weights.DEFAULT)), "POSTURE_BUNDLE_SOURCES": str(build / "sources.json")}
    where = ["--distpath", str(build / "dist"), "--workpath", str(build / "work")]
    call = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", *where, str(HERE / "posture.spec")]
    subprocess.run(
        call, check=True, env={**os.environ, **variables}, cwd=build
    )  # in the checkout, its package would be the one that is found
    folder = build / "dist" / deb.NAME
    if sys.platform == "linux":
        slim(folder)
    sources = [Path(source) for source in json.loads((build / "sources.json").read_text(encoding="utf-8"))]
    licences.collect(sources, folder / "licences")
    return folder


def slim(folder: Path) -> None:
    """Remove links to libraries that were left out, and what is for debuggers alone."""
    for file in folder.rglob("*"):
        if file.is_symlink() and not file.exists():
            file.unlink()
        elif ".so" in file.name and file.is_file() and not file.is_symlink() and not file.parent.name.endswith(".libs"):
            subprocess.run(["strip", "--strip-unneeded", str(file)], check=True)


@contextmanager
def said(what: str, path: Path) -> Iterator[None]:
    """Say how large a file or folder became, in 10^6 bytes, and how long that took."""
    began = time.monotonic()
    yield
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file() and not file.is_symlink()]
    size_mb = sum(file.stat().st_size for file in files) / 1e6
    print(f"{what}: {path}, {size_mb:.0f} MB, {time.monotonic() - began:.0f} s", flush=True)


def main(build: Path) -> None:
    """Make all of it."""
    folder = build / "dist" / deb.NAME
    with said("folder", folder):
        freeze(build)
    if sys.platform == "linux":
        package = deb.path_of(build)
        with said("package", package):
            deb.build(folder, package)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
