"""The tutorial is run as it stands, and what its blocks print is what it says they print."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SAMPLES

import posture

TUTORIAL = ROOT / "docs" / "tutorial.md"
NEEDS = re.compile(r"<!-- needs (\w+) -->")
WORD = re.compile(r"[-+]?\d+(?:\.\d+)?|[^\s\d]+")
SHARE, NEAR = 0.1, 2.0
"""A number may be off by this share of itself, or by this much: machines and codecs differ a little."""


@dataclass(frozen=True)
class Block:
    """A piece of Python in a page, and what it is said to print."""

    line: int
    """Of the code's first line, from 1 on."""
    code: str
    printed: str
    needs: str | None
    """A library that the reader may not have."""


def blocks_of(page: str) -> Iterator[Block]:
    """The Python blocks of a Markdown page, in order, each with the text block that follows it with nothing between."""
    fences: list[tuple[str, int, int]] = []
    lines = page.splitlines()
    opened: tuple[str, int] | None = None
    for number, line in enumerate(lines):
        if opened is None and line.startswith("```"):
            opened = line[3:].strip(), number
        elif opened is not None and line == "```":
            fences.append((*opened, number))
            opened = None
    assert opened is None, f"line {opened[1] + 1}: a block is not closed" if opened else ""
    for (kind, first, last), following in zip(fences, [*fences[1:], ("", len(lines), len(lines))], strict=True):
        if kind != "python":
            continue
        said = following[0] == "text" and not "".join(lines[last + 1 : following[1]]).strip()
        printed = "\n".join(lines[following[1] + 1 : following[2]]) if said else ""
        above = NEEDS.fullmatch(lines[first - 1]) if first else None
        yield Block(first + 2, "\n".join(lines[first + 1 : last]), printed, above[1] if above else None)


def difference(printed: str, said: str) -> str | None:
    """How `printed` differs from what is `said`: words must be equal and in order, numbers near; ``None`` if it does not."""
    ours, theirs = WORD.findall(printed), WORD.findall(said)
    for a, b in zip(ours, theirs, strict=False):
        if a != b and not _near(a, b):
            return f"{a!r} instead of {b!r}"
    if len(ours) != len(theirs):
        return f"{len(ours)} words and numbers instead of {len(theirs)}"
    return None


def _near(a: str, b: str) -> bool:
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    return abs(x - y) <= max(NEAR, SHARE * abs(y))


def run(block: Block, names: dict[str, object]) -> str:
    """What a block prints; `names` is what the blocks before it left."""
    code = compile("\n" * (block.line - 1) + block.code, str(TUTORIAL), "exec")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, names)
    return out.getvalue()


@pytest.fixture
def kept_where_it_does(landmark_cache: Path, one_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for no landmarks gets readings out of those that are kept; another clip is measured once."""
    analyze = posture.analyze

    def kept(video: str | Path, **more: Any) -> posture.Recording:
        return analyze(video, **({} if more.get("keep_landmarks") else {"cache": landmark_cache}) | more)

    monkeypatch.setattr(posture, "analyze", kept)


def test_the_tutorial_does_what_it_says(tmp_path: Path, home: Path, landmark_cache: Path, kept_where_it_does: None) -> None:
    """Every block runs after the ones before it, in a folder with the sample clips, and prints what stands under it."""
    shutil.copytree(SAMPLES, tmp_path / "sample_videos")
    shutil.copytree(landmark_cache, tmp_path / "results" / "landmarks")  # the page's own: twenty minutes need not be measured again
    names: dict[str, object] = {"__name__": "__main__"}
    wrong, skipped = [], []
    with contextlib.chdir(tmp_path):
        for block in blocks_of(TUTORIAL.read_text(encoding="utf-8")):
            if block.needs is not None and find_spec(block.needs) is None:
                skipped.append(f"line {block.line}: {block.needs} is not installed")
                continue
            printed = run(block, names)
            found = difference(printed, block.printed)
            if found is not None:
                wrong.append(f"line {block.line}: {found}; it printed:\n{printed}")
    assert not wrong, "\n".join(wrong)
    if skipped:
        pytest.skip(f"all but {'; '.join(skipped)}")


def test_blocks_are_found_with_what_they_print() -> None:
    """A text block belongs to the Python block right above it, other blocks to none."""
    first = "# T\n\n```python\na = 1\nprint(a)\n```\n\n```text\n1\n```\n\n"
    second = "<!-- needs pandas -->\n```python\nb\n```\nwords\n```text\nno\n```\n```sh\nls\n```\n"
    assert list(blocks_of(first + second)) == [Block(4, "a = 1\nprint(a)", "1", None), Block(14, "b", "", "pandas")]


@pytest.mark.parametrize(
    ("printed", "said", "same"),
    [
        ("flexed 11.4 s", "flexed  12 s\n", True),
        ("12min", "11 min", True),
        ("100.0 %", "109 %", True),
        ("-3.2", "-1.3", True),
        ("nan", "nan", True),
        ("flexed 11.4 s", "neutral 11.4 s", False),
        ("100", "112", False),
        ("3", "5.1", False),
        ("nan", "3", False),
        ("1 2", "1 2 3", False),
        ("something", "", False),
        ("", "", True),
    ],
)
def test_words_are_compared_exactly_and_numbers_nearly(printed: str, said: str, same: bool) -> None:
    """A tenth, or 2, is near; a word is a word; nothing may be missing or too much."""
    assert (difference(printed, said) is None) is same
