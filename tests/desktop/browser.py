"""A headless Chromium that a test can look into, over a pipe: no port, no network."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps", "--hide-scrollbars"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe", "about:blank"),
]
_TIMEOUT_S = 60.0


class Page:
    """One page in the browser."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write, self._left, self._number = read, write, b"", 0
        self._session = self._target = ""
        self.events: list[dict[str, Any]] = []

    def send(self, method: str, **params: Any) -> Any:
        """Call a method of the browser's protocol and wait for its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | ({"sessionId": self._session} if self._session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            got = self._next()
            if got.get("id") == self._number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                return got["result"]
            self.events.append(got)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            if not select.select([self._read], [], [], _TIMEOUT_S)[0]:
                raise TimeoutError("the browser says nothing")
            got = os.read(self._read, 1 << 20)
            if not got:
                raise EOFError("the browser has ended")
            self._left += got
        message, _, self._left = self._left.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def _fresh(self) -> None:
        """A new tab in place of the one before, so that its clocks run and nothing is left over."""
        old, self._session = self._target, ""
        self._target = self.send("Target.createTarget", url="about:blank")["targetId"]
        if old:
            self.send("Target.closeTarget", targetId=old)
        self._session = self.send("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def end(self) -> None:
        """Close the browser."""
        self._session = ""
        self.send("Browser.close")

    def wait_for(self, method: str) -> None:
        """Wait until that event has come."""
        while not any(e.get("method") == method for e in self.events):
            self.events.append(self._next())

    def open(
        self, path: Path, *, width: int = 1000, height: int = 900, dark: bool = False, still: bool = False, script: bool = True
    ) -> None:
        """Load a file, as a reader with such a screen and such wishes would."""
        self._fresh()
        self._load(path, width, height, dark=dark, still=still, script=script)

    def each_screen(self, path: Path, screens: Iterable[tuple[int, bool]]) -> Iterator[tuple[int, bool]]:
        """Load a file anew, in one tab, on each of the screens: of this width, dark or light."""
        self._fresh()
        for width, dark in screens:
            self._load(path, width, 900, dark=dark)
            yield width, dark

    def _load(self, path: Path, width: int, height: int, *, dark: bool, still: bool = False, script: bool = True) -> None:
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
        ]
        self.send("Emulation.setEmulatedMedia", media="", features=features)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.send("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        self.send("Page.navigate", url=path.absolute().as_uri())
        self.wait_for("Page.loadEventFired")

    def run(self, expression: str) -> Any:
        """The value of an expression in the page."""
        got = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in got:
            raise RuntimeError(str(got["exceptionDetails"]))
        return got["result"].get("value")

    def key(self, key: str, code: int, text: str = "") -> None:
        """Press and let go of a key."""
        for kind in ("keyDown", "keyUp"):
            more = {"text": text} if text and kind == "keyDown" else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def hold_time(self) -> None:
        """From here on the page's clocks stand."""
        self.send("Emulation.setVirtualTimePolicy", policy="pause")

    def pass_time(self, seconds: float) -> None:
        """Let so many seconds pass for the page, at once."""
        self.events.clear()
        self.send("Emulation.setVirtualTimePolicy", policy="advance", budget=seconds * 1000)
        self.wait_for("Emulation.virtualTimeBudgetExpired")

    def picture(self, to: Path) -> None:
        """Write the whole page as a PNG."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        to.write_bytes(base64.b64decode(data))

    def printed(self, to: Path) -> None:
        """Write the page as a PDF of A4 sheets."""
        to.write_bytes(base64.b64decode(self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)["data"]))

    def complaints(self) -> list[str]:
        """What the console said since the page was opened: errors, warnings, violations of the page's policy."""
        kinds = {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"}
        return [json.dumps(e["params"]) for e in self.events if e.get("method") in kinds]

    def asked_for(self) -> list[str]:
        """Every address that was asked for since the page was opened, data in the page itself aside."""
        asked = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [u for u in asked if not u.startswith("data:")]


def _pipe() -> tuple[int, int]:
    """A pipe whose numbers are far from 3 and 4, where the browser wants its own."""
    ends = os.pipe()
    high = fcntl.fcntl(ends[0], fcntl.F_DUPFD_CLOEXEC, 100), fcntl.fcntl(ends[1], fcntl.F_DUPFD_CLOEXEC, 100)
    for end in ends:
        os.close(end)
    return high


@contextmanager
def browser() -> Iterator[Page]:
    """A headless Chromium with a profile of its own that is gone afterwards."""
    assert CHROMIUM is not None
    (to_browser, from_us), (to_us, from_browser) = _pipe(), _pipe()
    profile = tempfile.mkdtemp(prefix="posture-chromium-")
    # the protocol wants the pipes at 3 and 4; a shell puts them there without a preexec function
    shell = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
    command = ["bash", "-c", shell, "-", CHROMIUM, *_FLAGS[:-1], f"--user-data-dir={profile}", _FLAGS[-1]]
    no = subprocess.DEVNULL
    process = subprocess.Popen(command, pass_fds=(to_browser, from_browser), stdin=no, stdout=no, stderr=no, start_new_session=True)
    os.close(to_browser)
    os.close(from_browser)
    try:
        page = Page(to_us, from_us)
        yield page
        with contextlib.suppress(EOFError, OSError):
            page.end()
    finally:
        os.close(from_us)
        os.close(to_us)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(profile, ignore_errors=True)
