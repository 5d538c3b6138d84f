"""Tries the Debian package in a root that has nothing else: installed, run without a network, its window looked at, removed again.

Needs root's rights, debootstrap, Xvfb, xdotool and ImageMagick, and the environment that `build.py` made. Mounts and processes go with this
program. The mirror is the one that this machine's apt uses. Pictures and texts stay in ``build/bundle/test``. Run:  make bundle-test
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from mjpeg import MjpegCamera, pictures_of  # noqa: E402

NAME, USER = "posture-monitor", "person"
_TOOLS = ("debootstrap", "Xvfb", "xdotool", "import", "unshare")
_DISPLAY = ":91"
_ON_SCREEN = {**os.environ, "DISPLAY": _DISPLAY}
_WITHIN_S = 60.0
_PLAIN, _LIVE = 8, 5000
"""Colours of an empty window, and of one without a live picture, at most."""
_CLIP = ROOT / "sample_videos" / "side_mixed_male1.mp4"
_CLIP_FPS, _LEANS_S = 5.0, (9.6, 12.0)
_SOON = ("dose.soft_s=2", "dose.firm_s=600", "dose.episode_floor_s=1", "prompts.patience_s=1")


def main() -> None:
    """Try all of it, one after the other; ends with an error where something is not as it has to be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=ROOT / "build" / "bundle", help="folder of the bundle")
    build: Path = parser.parse_args().build.resolve()
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        sys.exit(f"not tried: {' '.join(missing)} not installed" if missing else "not tried: only root can make a root")
    if os.environ.get("POSTURE_APART") is None:
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv]
        code = subprocess.run(apart, env={**os.environ, "POSTURE_APART": "1"}, check=False).returncode
        if code == 0:
            shutil.rmtree(build / "root")  # its mounts were those of the other process
        sys.exit(code)
    (package,) = (build / "dist").glob("*.deb")
    out = build / "test"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    root = BareRoot(build / "root")
    with timed("a bare root"):
        root.make()
    before = root.packages()
    with timed("apt-get install"):
        root.install(package)
    print(f"packages that came with it: {len(root.packages() - before) - 1}")
    try_commands(root, out)
    try_window(root, out)
    try_monitor(root, out)
    try_missing_library(root)
    with timed("apt-get purge"):
        root.run("apt-get", "purge", "-y", "-q", "--autoremove", NAME)
    left = [path for top in ("etc", "opt", "root", "run", "usr", "var") for path in (root.folder / top).rglob("*posture*")]
    assert not left, f"left after the removal: {left}"
    assert root.packages() <= before, root.packages() - before
    print("removed without a trace")


class BareRoot:
    """A root of this machine's Debian, and programs in it."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where it lies; what is there is replaced."""
        self.folder = folder

    def make(self) -> None:
        """Make it, with a user in it, and mount what programs expect."""
        shutil.rmtree(self.folder, ignore_errors=True)
        codename = platform.freedesktop_os_release()["VERSION_CODENAME"]
        shown = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
        lines = subprocess.run(shown, capture_output=True, text=True, check=True).stdout.split("\n")
        sources = sorted({tuple(line.split()) for line in lines if line.count(" ") == 2 and line.split()[1].startswith(codename)})
        mirror = next(uri for uri, release, component in sources if release == codename and component == "main")
        subprocess.run(["debootstrap", "--variant=minbase", codename, str(self.folder), mirror], check=True, stdout=subprocess.DEVNULL)
        listed = "".join(f"deb {uri} {release} {component}\n" for uri, release, component in sources)
        (self.folder / "etc/apt/sources.list").write_text(listed)
        (self.folder / "tmp/.X11-unix").mkdir(mode=0o1777)
        Path("/tmp/.X11-unix").mkdir(mode=0o1777, exist_ok=True)
        for words in (["-t", "proc", "proc", "proc"], ["-t", "tmpfs", "tmpfs", "dev/shm"], ["--bind", "/tmp/.X11-unix", "tmp/.X11-unix"]):
            subprocess.run(["mount", *words[:-1], str(self.folder / words[-1])], check=True)
        self.run("useradd", "--create-home", USER)

    def run(self, *words: str) -> str:
        """Run a command as root; return what it printed."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "HOME": "/root"}
        done = subprocess.run(["chroot", str(self.folder), *words], capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def start(self, *words: str, network: bool = False, **options: Any) -> subprocess.Popen[str]:
        """Start a command as its user, on the screen, without a network if not said otherwise."""
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": f"/home/{USER}", "DISPLAY": _DISPLAY, "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
        apart = [*([] if network else ["unshare", "--net"]), "chroot", f"--userspec={USER}:{USER}", str(self.folder)]
        return subprocess.Popen([*apart, "/usr/bin/env", "-C", f"/home/{USER}", *words], text=True, env=env, **options)

    def ask(self, *words: str, code: int = 0) -> str:
        """Run a command as its user; return what it printed."""
        with self.start(*words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            said, _ = process.communicate()
        assert process.returncode == code, f"{words} ended with {process.returncode}: {said}"
        return said

    def install(self, package: Path) -> None:
        """Install a package from a file."""
        shutil.copy(package, self.folder / "tmp")
        self.run("apt-get", "update", "-q")
        self.run("apt-get", "install", "-y", "-q", "--no-install-recommends", f"/tmp/{package.name}")
        (self.folder / "tmp" / package.name).unlink()

    def packages(self) -> set[str]:
        """Return the names of all packages that are installed."""
        return set(self.run("dpkg-query", "-W", "-f", "${Package}\n").split())


def try_commands(root: BareRoot, out: Path) -> None:
    """Doctor finds what matters; the sample is analysed by processes of its own, and everything is written."""
    assert "posture " in root.ask("posture", "--version")
    with timed("posture doctor"):
        said = root.ask("posture", "doctor")
    assert "BROKEN" not in said and "Qt has all that it needs" in said, said
    (out / "doctor.txt").write_text(said)
    sample = f"/usr/lib/{NAME}/_internal/posture/data/desk_day.mp4"
    with timed("posture analyze, the first time"):
        root.ask("posture", "analyze", sample, "--out", "results", "--jobs", "2")
    made = {file.name for file in (root.folder / f"home/{USER}/results").rglob("*")}
    assert {"readings.csv", "summary.json", "timeline.png", "report.html"} <= made, made


def try_window(root: BareRoot, out: Path) -> None:
    """The window comes up by itself; its picture is kept; it ends when it is asked to."""
    with screen(), window(root):
        until(lambda: colours(out / "window.png") > _PLAIN, "something in it")


def try_monitor(root: BareRoot, out: Path) -> None:
    """A calibrated person leans until a reminder comes, answers it, is seen in the window, reads the day, and stops the monitor."""
    home = root.folder / f"home/{USER}"
    shutil.copy(_CLIP, home / _CLIP.name)
    root.ask("posture", "analyze", _CLIP.name, "--neutral", "0-0.7", "--profile", "desk", "--out", "own")
    images = [image for number, image in enumerate(pictures_of(_CLIP)) if _LEANS_S[0] <= number / _CLIP_FPS <= _LEANS_S[1]]
    with screen(), MjpegCamera(images, fps=10.0) as camera, (out / "watch.txt").open("w+") as log:
        said = root.folder.parent / "test" / "watch.txt"
        sets = [word for one in _SOON for word in ("--set", one)]
        words = ["posture", "watch", "--camera", camera.url, "--no-setup", "--profile", "desk", "--notify", "terminal", *sets]
        with timed("posture watch, until the first reminder"):
            process = root.start(*words, network=True, stdout=log, stderr=log)
            until(lambda: process.poll() is not None or "lean" in said.read_text().lower(), "a reminder")
        try:
            assert process.poll() is None, said.read_text()
            with window(root, "--page", "now"):
                until(lambda: colours(out / "now.png") > _LIVE, "the live picture")
            print(f"memory of the monitor: {memory_mb(process.pid):.0f} MB", flush=True)
            (out / "status.txt").write_text(root.ask("posture", "status"))
            root.ask("posture", "done")
            root.ask("posture", "stop")
            assert process.wait(_WITHIN_S) == 0, said.read_text()
        finally:
            process.kill()
        today = root.ask("posture", "today")
        assert "lean" in today, today
        (out / "today.txt").write_text(today)


def memory_mb(pid: int) -> float:
    """Return what a process has in memory for itself, and its share of what others have too, in 10^6 bytes."""
    line = next(line for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def window(root: BareRoot, *words: str) -> Iterator[None]:
    """Have the window open for a while, as soon as it is seen."""
    process = root.start("posture-window", *words)
    try:
        with timed("posture-window, until it is seen"):
            search = ["xdotool", "search", "--onlyvisible", "--name", "Posture"]
            until(lambda: subprocess.run(search, env=_ON_SCREEN, capture_output=True, check=False).returncode == 0, "the window")
        yield
        loaded = Path(f"/proc/{process.pid}/maps").read_text()
        assert not [name for name in ("cv2", "mediapipe", "av.libs") if f"/{name}/" in loaded], (
            "the window loads what only the monitor needs"
        )
        print(f"memory of the window: {memory_mb(process.pid):.0f} MB", flush=True)
        process.terminate()
        assert process.wait(_WITHIN_S) == 0, process.returncode
    finally:
        process.kill()


def colours(file: Path) -> int:
    """Take a picture of the screen; return how many colours it has."""
    subprocess.run(["import", "-window", "root", str(file)], env=_ON_SCREEN, check=True)
    found = subprocess.run(["identify", "-format", "%k", str(file)], capture_output=True, text=True, check=True)
    return int(found.stdout)


def try_missing_library(root: BareRoot) -> None:
    """Without one of Qt's libraries, doctor and the window name its package."""
    root.run("dpkg", "--remove", "--force-depends", "libxcb-cursor0")
    assert "apt-get install libxcb-cursor0" in " ".join(root.ask("posture", "doctor").split())
    with screen():
        assert "libxcb-cursor0" in root.ask("posture-window", code=1)
    root.run("apt-get", "install", "-y", "-q", "--fix-broken")


@contextmanager
def screen() -> Iterator[None]:
    """Have a screen for a while."""
    with subprocess.Popen(["Xvfb", _DISPLAY, "-screen", "0", "1280x900x24", "-nolisten", "tcp"], stderr=subprocess.DEVNULL) as server:
        try:
            until(lambda: Path(f"/tmp/.X11-unix/X{_DISPLAY[1:]}").exists(), "the screen")
            yield
        finally:
            server.terminate()


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long something took."""
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is true.

    Raises:
        TimeoutError: it did not become so.
    """
    end = time.monotonic() + _WITHIN_S
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
