"""Who uses a camera or a microphone through PipeWire, as ``pw-dump --monitor`` says it.

Facts: a camera is a node of the class Video/Source and the role Camera (a screen that is shared lacks the role); who uses it has a node
of its own, and a link leads from the one to the other. ``pw-dump`` says first all there is, then each object that changes, as JSON
arrays; one that is gone has no info, and its number is given to others afterwards. It sleeps while nothing changes.
"""

from __future__ import annotations

import asyncio
import codecs
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from posture.desktop.reconnecting import reconnecting

_PROGRAM = "pw-dump"
_FIX = f"install the package that has {_PROGRAM}: pipewire-bin on Debian and Ubuntu, pipewire-utils on Fedora"
_CHUNK, _MOST = 1 << 16, 1 << 26
"""Letters at a time, and of one array."""
_WANTED = {"negotiating", "allocating", "active", "error"}
"""States of a link by which somebody wants pictures. Error: the camera could not be started, as when we have it."""


@dataclass(frozen=True, slots=True)
class PipeWireUser:
    """A program that uses a camera through PipeWire."""

    pid: int
    """Of the process that connected: of the portal for a program in a sandbox."""
    name: str


class PipeWire:
    """Follows PipeWire, in one event loop; what it knows may be read from any thread."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """`environ`: says where PipeWire's socket is."""
        self._environ = environ
        self._objects: dict[int, tuple[str, dict[str, Any]]] = {}
        self.camera_users: tuple[PipeWireUser, ...] = ()
        """Who uses a camera now."""
        self.recording = False
        """Whether a program records from a microphone now."""
        self.microphones = False
        """Whether it manages a microphone."""
        self.trouble: str | None = "it hasn't answered yet"
        """Why nothing is known by it, in words; ``None``: it is."""
        self.fix = ""
        """What the user can do about that."""

    async def stay(self, settled: Callable[[], None]) -> NoReturn:
        """Follow it, and the next after it; `settled` is called each time it has answered or is gone."""

        async def connect() -> bool:
            if not self._socket().exists():
                self._lost("it isn't running")
            elif shutil.which(_PROGRAM) is None:
                self._lost(f"{_PROGRAM} is missing", _FIX)
            else:
                try:
                    return await self._follow(settled)
                except (OSError, LookupError, TypeError, ValueError, AttributeError):  # it is gone, or says what no version said so far
                    pass
                finally:
                    self._lost(f"{_PROGRAM} doesn't answer")
            settled()
            return False

        await reconnecting(connect)

    async def _follow(self, settled: Callable[[], None]) -> bool:
        # So that it ends with us even if we are killed.
        with_us = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
        pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*with_us, _PROGRAM, "--monitor", stdin=null, stdout=pipe, stderr=null)
        assert process.stdout is not None
        decoder, text = codecs.getincrementaldecoder("utf-8")("replace"), ""
        try:
            while data := await process.stdout.read(_CHUNK):
                text = self._read(text + decoder.decode(data))
                if self.trouble is None:
                    settled()
                if len(text) > _MOST:
                    break
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
        settled()
        return self.trouble is None

    def _read(self, text: str) -> str:
        """Take in the arrays that are whole, and return the rest."""
        text = text.lstrip()
        while text:
            try:
                changes, end = json.JSONDecoder().raw_decode(text)
            except ValueError:  # more of it is to come
                break
            text = text[end:].lstrip()
            self._apply(changes)
        return text

    def _apply(self, changes: list[dict[str, Any]]) -> None:
        for change in changes:
            kind, info = str(change.get("type", "")).rpartition(":")[2], change.get("info")
            if info and kind in ("Client", "Node", "Link"):
                self._objects[change["id"]] = (kind, info)
            else:
                self._objects.pop(change["id"], None)
        self.camera_users = tuple(sorted(set(self._camera_users()), key=lambda user: user.name))
        self.microphones = any(kind == "Node" and _is_microphone(info) for kind, info in self._objects.values())
        self.recording = any(
            _is_microphone(source) and source.get("state") == "running" and _records(stream) for _link, source, stream in self._links()
        )
        self.trouble, self.fix = None, ""

    def _camera_users(self) -> Iterator[PipeWireUser]:
        for link, source, stream in self._links():
            if _is_camera(source) and (source.get("state") == "running" or link.get("state") in _WANTED):
                kind, client = self._objects.get(_props(stream).get("client.id", -1), ("", {}))
                props = _props(client) if kind == "Client" else {}
                names = ("pipewire.access.portal.app_id", "application.process.binary", "application.name")
                name = next((str(props[key]) for key in names if props.get(key)), "a program")
                yield PipeWireUser(int(props.get("pipewire.sec.pid", 0)), name)

    def _links(self) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
        """Yield each link, with the node that it comes from and the one that it leads to."""
        for kind, link in self._objects.values():
            if kind == "Link":
                ends = [self._objects.get(link.get(f"{way}-node-id", -1), ("", {})) for way in ("output", "input")]
                if all(end[0] == "Node" for end in ends):
                    yield link, ends[0][1], ends[1][1]

    def _lost(self, why: str, fix: str = "") -> None:
        self._objects.clear()
        self.camera_users, self.recording, self.microphones = (), False, False
        self.trouble, self.fix = why, fix

    def _socket(self) -> Path:
        folder = self._environ.get("PIPEWIRE_RUNTIME_DIR") or self._environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
        return Path(folder, self._environ.get("PIPEWIRE_REMOTE") or "pipewire-0")


def _props(info: dict[str, Any]) -> dict[str, Any]:
    return info.get("props") or {}


def _is_camera(node: dict[str, Any]) -> bool:
    props = _props(node)
    by_driver = props.get("device.api") in ("v4l2", "libcamera")
    return props.get("media.class") == "Video/Source" and (by_driver or props.get("media.role") == "Camera")


def _is_microphone(node: dict[str, Any]) -> bool:
    return str(_props(node).get("media.class", "")).startswith("Audio/Source")


def _records(node: dict[str, Any]) -> bool:
    """Whether a stream takes sound, and is no level meter of a mixer."""
    props = _props(node)
    return props.get("media.class") == "Stream/Input/Audio" and not props.get("stream.monitor")
