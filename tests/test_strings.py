"""The list of all that users can read, `docs/strings.txt`, is up to date, and the tool that makes it sees what it should."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools import list_strings  # noqa: E402


def test_the_list_is_up_to_date() -> None:
    """After a wording was changed on purpose: ``python tools/list_strings.py``, and read the difference."""
    assert list_strings.OUT.read_text(encoding="utf-8") == list_strings.everything(), "make it anew: python tools/list_strings.py"


@pytest.mark.parametrize(
    ("source", "listed"),
    [
        ('"""A docstring is not listed."""\nsay("Nothing was erased.")', ["Nothing was erased."]),
        (
            'def f(n):\n    """Nor is this."""\n    return f"{n} left: {say(\'so it is\')}"',
            ["{n} left: {say('so it is')}", "so it is"],
        ),
        ('@app.command("x")\ndef x():\n    """What the command does."""', ["What the command does."]),
        ('_log.info("a line of the log")\nre.compile("one two")\nx = "SELECT a FROM b"', []),
        ('WORDS = {"a": "paused", "b": "out of the picture"}', ["paused", "out of the picture"]),
        ('help = ("one literal " "in two parts")', ["one literal in two parts"]),
    ],
)
def test_words_in_code(source: str, listed: list[str]) -> None:
    """Literals that are words, and the help of commands; neither docstrings, log lines, patterns nor SQL."""
    assert list(list_strings.of_code(source)) == listed


def test_words_in_a_template() -> None:
    """Text between tags with what is filled in; neither markup nor statements."""
    text = '<p class="big">Read {{ name }}</p>{% if x %}<b title="Not known">2</b>{% endif %}<script>var a = "no word of it";</script>'
    assert list(list_strings.of_template(text)) == ["Read {{ name }}", "Not known"]
