"""Makes a Debian package of the bundle's folder. What it depends on is found by Debian's own tool in the libraries that are in it."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

from posture._version import __version__
from posture.desktop.menu_entry import FILES

ROOT = Path(__file__).resolve().parents[2]
NAME = "posture-monitor"
LOADED_BY_NAME = ("libdbus-1-3", "libegl1", "libgl1")
"""Packages of libraries that Qt loads while it runs, which no list of needed libraries names."""
RECOMMENDED = ("xdg-utils", "ca-certificates")
"""What opens pages in the browser; what a fetch of another pose model trusts."""
SUGGESTED = ("pipewire-bin",)


def path_of(build_folder: Path) -> Path:
    """Return where the package is to lie."""
    return build_folder / "dist" / f"{NAME}_{__version__}_{_architecture()}.deb"


def build(folder: Path, package: Path) -> None:
    """Make the package of the bundle's folder."""
    for old in package.parent.glob("*.deb"):
        old.unlink()
    tree = folder.parents[1] / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    lib, doc = tree / "usr" / "lib" / NAME, tree / "usr" / "share" / "doc" / NAME
    shutil.copytree(folder, lib, symlinks=True)
    doc.mkdir(parents=True)
    shutil.move(lib / "licences", doc / "licences")
    _write(doc / "copyright", _copyright())
    (doc / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0))
    commands = tree / "usr" / "bin"
    commands.mkdir(parents=True)
    for program in ("posture", "posture-window"):
        (commands / program).symlink_to(f"../lib/{NAME}/{program}")
    for place, source in FILES.items():
        target = tree / "usr" / "share" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "posture" / "data" / source, target)
    _modes(tree)
    (tree / "DEBIAN").mkdir(mode=0o755)
    _write(tree / "DEBIAN" / "control", _control(tree, lib))
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", "-Zxz", str(tree), str(package)], check=True, stdout=subprocess.DEVNULL)


def depends(lib: Path, scratch: Path) -> str:
    """Return the packages that the libraries in a folder need, each with the earliest version that has what is used of it."""
    files = [file for file in lib.rglob("*") if file.is_file() and not file.is_symlink() and file.read_bytes()[:4] == b"\x7fELF"]
    (scratch / "debian").mkdir(parents=True, exist_ok=True)
    (scratch / "debian" / "control").write_text(f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n")
    own = sorted({str(file.parent) for file in files})
    call = ["dpkg-shlibdeps", "-O", "--warnings=0", *(f"-l{folder}" for folder in own), *(f"-e{file}" for file in files)]
    done = subprocess.run(call, cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"a library that the bundle needs is not on this machine:\n{done.stderr}")
    found = done.stdout.removeprefix("shlibs:Depends=").strip()
    named = {word.split()[0] for word in found.split(",")}
    return ", ".join([found, *(package for package in LOADED_BY_NAME if package not in named)])


def _control(tree: Path, lib: Path) -> str:
    kilobytes = sum(file.lstat().st_size for file in tree.rglob("*") if file.is_file()) // 1024
    return "\n".join(
        (
            f"Package: {NAME}",
            f"Version: {__version__}",
            f"Architecture: {_architecture()}",
            "Maintainer: The Posture Monitor developers <posture-monitor@localhost>",
            f"Installed-Size: {kilobytes}",
            f"Depends: {depends(lib, tree.with_name('depends'))}",
            f"Recommends: {', '.join(RECOMMENDED)}",
            f"Suggests: {', '.join(SUGGESTED)}",
            "Section: utils",
            "Priority: optional",
            "Description: see how you sit, and be reminded to move",
            " Measures through one camera how far you lean and slump, each with how certain",
            " it is, and suggests gentle movement when you hold a posture for too long.",
            " Pictures never leave the computer and are not stored.",
            "",
        )
    )


def _copyright() -> str:
    own = (ROOT / "LICENSE").read_text(encoding="utf-8")
    return f"{own}\nlicences/NOTICE.txt lists what the program brings along; the licence texts of all of it lie beside that.\n"


def _architecture() -> str:
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _modes(tree: Path) -> None:
    """Give everybody the right to read, and to start what is a program."""
    for path in [tree, *tree.rglob("*")]:
        if path.is_symlink():
            continue
        executable = path.is_dir() or (os.access(path, os.X_OK) and path.parent.name == NAME)
        path.chmod(0o755 if executable else 0o644)
