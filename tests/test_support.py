"""The rules that all rooms share: addresses without credentials, whole private files, files of the package."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from posture._support import bare_address, data_file, replacing, replacing_folder, sha256_of, whole_file, word_without_credentials
from posture.errors import PostureError

POSIX = pytest.mark.skipif(os.name != "posix", reason="permission bits are of POSIX")


@pytest.mark.parametrize(
    ("address", "bare"),
    [
        ("RTSP://Me:pass@Cam.local:554/live/1?token=abc#x", "rtsp://Cam.local:554/live/1"),
        ("http://10.0.0.7/video", "http://10.0.0.7/video"),
        (" http://me@[::1]:80/x ", "http://[::1]:80/x"),
        ("rtsp://me:s3c@r/s3cr?t#@host/live", "rtsp://host/live"),  # a password that was not escaped
        ("rtsp://[", "rtsp://["),
    ],
)
def test_an_address_without_credentials(address: str, bare: str) -> None:
    """Scheme, host, port and path stay, whatever the password holds."""
    assert bare_address(address) == bare


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("http://me:s3c ret'@cam/x?token=1", "http://...@cam/x?..."),
        ("--camera=http://me:s3cret@cam/x", "--camera=http://...@cam/x"),
        ("password=s3cret", "password=..."),
        ("/home/me@work/file", "/home/me@work/file"),
    ],
)
def test_a_word_of_a_command_without_credentials(word: str, shown: str) -> None:
    """A password may hold spaces and quotes there; a path is no address."""
    assert word_without_credentials(word) == shown


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """What fails leaves the old content and nothing beside it."""
    file = tmp_path / "a.txt"
    with replacing(file) as part:
        part.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(file) as part:
        part.write_text("new")
        raise ZeroDivisionError
    assert file.read_text() == "old" and list(tmp_path.iterdir()) == [file]
    assert sha256_of(file) == hashlib.sha256(b"old").hexdigest()
    with pytest.raises(PostureError, match="cannot be written: No such file"), whole_file(tmp_path / "no" / "a.txt"):
        pass


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    """Likewise; what the old one held is gone with it."""
    folder = tmp_path / "a"
    with replacing_folder(folder) as part:
        (part / "one").touch()
    with pytest.raises(ZeroDivisionError), replacing_folder(folder):
        raise ZeroDivisionError
    with replacing_folder(folder) as part:
        (part / "two").touch()
    assert [p.name for p in tmp_path.rglob("*")] == ["a", "two"]


@POSIX
def test_what_is_written_is_private_from_the_first_byte_on(tmp_path: Path) -> None:
    """Also where an older file was open to others; another mode is set when the file is complete."""
    file = tmp_path / "a.txt"
    file.touch(0o666)
    for mode in (0o600, 0o644):
        with replacing(file, mode) as part:
            assert part.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_mode & 0o777 == mode
    with replacing_folder(tmp_path / "a") as part:
        assert part.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["catalogue.toml", "drawings", "icons/posture.png", "kinematics.json", "models.toml", "desk_day.mp4"])
def test_files_of_the_package_are_found(name: str) -> None:
    """In the checkout as in the package."""
    assert data_file(name).exists()
    assert not data_file(f"no-{name}").exists()
