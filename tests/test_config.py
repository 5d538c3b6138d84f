"""Settings: one source of defaults, and errors that name file, key, value and what was expected."""

from __future__ import annotations

import time
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from typer.testing import CliRunner

from posture._support import config, config_edit
from posture.cli.app import app
from posture.errors import ConfigError
from posture.settings import Settings


def test_without_a_file_the_defaults_hold() -> None:
    """No file and no override give exactly the core's defaults, and nothing counts as changed."""
    assert config.load(None) == Settings()
    assert config.changed(Settings()) == {}


def test_what_is_shown_can_be_loaded_again(tmp_path: Path) -> None:
    """The explained settings are a settings file that means the same."""
    settings = replace(Settings(), dose=replace(Settings().dose, soft_s=450.0))
    file = tmp_path / "config.toml"
    file.write_text(config.describe(settings), encoding="utf-8")
    assert config.load(file) == settings
    assert config.changed(settings) == {"dose.soft_s": 450.0}


def test_every_setting_is_explained_and_has_a_source() -> None:
    """Each setting says what it means and where its default comes from, and its default lies in its range."""
    for section, kind in config.SECTIONS.items():
        for f in fields(kind):
            assert f.metadata["about"], (section, f.name)
            assert f.metadata["source"], (section, f.name)
            if f.metadata["ge"] is not None:
                assert f.metadata["ge"] <= f.default <= f.metadata["le"]


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16"])
def test_a_file_of_any_editor_is_read(tmp_path: Path, coding: str) -> None:
    """Windows puts a byte-order mark in front."""
    file = tmp_path / "my.toml"
    file.write_bytes("[dose]\r\nsoft_s = 700\r\n".encode(coding))
    assert config.load(file).dose.soft_s == 700.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[dose]\nsoft_s = -5", "dose.soft_s = -5: expected a number of seconds from 1 to 86400"),
        ("[dose]\nsoft_s = 'ten'", "dose.soft_s = 'ten': expected a number of seconds from 1 to 86400"),
        ("[dose]\nsofts = 5", "dose.softs: there is no such setting; did you mean soft_s?"),
        ("[doses]\nsoft_s = 5", "there is no section [doses]; did you mean [dose]?"),
        ("dose = 5", "dose = 5: expected a section [dose]"),
        ("[prompts]\nper_hour = 2.5", "prompts.per_hour = 2.5: expected a whole number from 0 to 60"),
        ("[prompts]\ncatalogue = 3", "prompts.catalogue = 3: expected text in quotes"),
        ("[bands]\ntilt_deg = nan", "bands.tilt_deg = nan: expected a number of degrees from 1 to 60"),
        ("[bands\n", "not valid TOML"),
        ("[dose]\nsoft_s = 60", "dose.soft_s = 60: expected at least dose.episode_floor_s, which is 120"),
        ("[dose]\nfirm_s = 60", "dose.firm_s = 60: expected at least dose.soft_s, which is 600"),
    ],
)
def test_a_broken_file_is_named_with_key_value_and_expectation(tmp_path: Path, text: str, expected: str) -> None:
    """Every error is one line with file, key, value and what was expected; defaults never step in silently."""
    file = tmp_path / "my.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        config.load(file)
    line = str(error.value)
    assert line.startswith(str(file))
    assert expected in line
    assert "\n" not in line


def test_a_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    """A settings file that was asked for and is not there is not replaced by defaults."""
    with pytest.raises(ConfigError, match="no such settings file"):
        config.load(tmp_path / "none.toml")


_DEEP = ".".join(["a"] * 20_000)
_QUOTED = ".".join(['"="'] * 10_000)


@pytest.mark.parametrize(
    "text",
    [
        f"{_DEEP} = 1",
        f"[{_DEEP}]",
        f"x = {{{_DEEP} = 1}}",
        f"x = {{{_QUOTED} = 1}}",
        f"[dose]\nsoft_s = 5 # {'x' * 300_000}",
        "\n".join(f"[k{i}.{'.'.join(['a'] * 490)}]" for i in range(130)),
    ],
)
def test_a_file_that_would_take_minutes_is_refused(tmp_path: Path, text: str) -> None:
    """Python's parser takes time that grows as the square of a dotted key; what is refused or read takes seconds."""
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    start = time.process_time()
    with pytest.raises(ConfigError):
        config.load(file)
    with pytest.raises(ConfigError):
        config.load(None, [f"dose.soft_s={text}"])
    assert time.process_time() - start < 10.0


@pytest.mark.parametrize("text", ["soft_s=3", "dose.soft_s", "dose.=3", "=", ""])
def test_set_needs_section_key_and_value(text: str) -> None:
    """An override that is not section.key=value says how one looks."""
    with pytest.raises(ConfigError, match=r"expected section\.key=value"):
        config.load(None, [text])


def test_set_overrides_the_file(tmp_path: Path) -> None:
    """The last word is the command line's; unquoted text is text."""
    file = tmp_path / "config.toml"
    file.write_text("[dose]\nsoft_s = 300\n[measure]\nrate_hz = 2", encoding="utf-8")
    settings = config.load(file, ["dose.soft_s=400", "measure.model=lite"])
    assert (settings.dose.soft_s, settings.measure.rate_hz, settings.measure.model) == (400.0, 2.0, "lite")


@given(st.floats(1.0, 86400.0))
def test_numbers_survive_the_file(value: float) -> None:
    """Any allowed number is shown such that it is read back as the same number."""
    settings = replace(Settings(), dose=replace(Settings().dose, sitting_s=value))
    table = tomllib.loads(config.describe(settings))
    assert table["dose"]["sitting_s"] == value


_COMMENTED = """# my settings
[prompts]   # how often
# against habituation
quiet_s = 1800.0   # half an hour
per_hour = 2

[presence] # rules
pause_on_lock = false
"""


def test_a_change_leaves_the_rest_of_the_file_as_it_was(tmp_path: Path) -> None:
    """Comments and order stay, a default is not added, what was set back goes; undo brings back every byte."""
    file = tmp_path / "config.toml"
    file.write_text(_COMMENTED, encoding="utf-8")
    changes = {"prompts.quiet_s": 900.0, "presence.pause_on_lock": None, "watch.sound": True, "dose.soft_s": 600.0}
    done = config_edit.change(file, changes)
    expected = _COMMENTED.replace("1800.0", "900").replace("pause_on_lock = false\n", "") + "\n[watch]\nsound = true\n"
    assert file.read_text(encoding="utf-8").replace("\n\n", "\n") == expected.replace("\n\n", "\n")
    assert file.stat().st_mode & 0o777 == 0o600
    config_edit.undo(done)
    assert file.read_text(encoding="utf-8") == _COMMENTED


def test_nothing_invalid_is_written_and_nothing_broken_overwritten(tmp_path: Path) -> None:
    """The rules of reading hold for writing too; a file that is no TOML, or was changed meanwhile, stays."""
    file = tmp_path / "config.toml"
    with pytest.raises(config.OrderError, match=r"dose\.firm_s = 300: expected at least dose\.soft_s"):
        config_edit.change(file, {"dose.firm_s": 300.0})
    assert not file.exists()
    done = config_edit.change(file, {"dose.firm_s": 3000.0})
    file.write_text("[dose\n", encoding="utf-8")
    for refused in (lambda: config_edit.change(file, {"dose.firm_s": 1500.0}), lambda: config_edit.undo(done)):
        with pytest.raises(ConfigError):
            refused()
    assert file.read_text(encoding="utf-8") == "[dose\n"


@pytest.mark.parametrize("text", ["dose = {soft_s = 800}\n", "dose.soft_s = 800\n", "[dose]\r\nsoft_s = 800 # x\r\n"])
def test_every_way_to_write_a_setting_can_be_changed(tmp_path: Path, text: str) -> None:
    """Inline, dotted, and with the line ends of another system."""
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode())
    config_edit.change(file, {"dose.soft_s": 700.0})
    assert file.read_bytes() == text.replace("800", "700").encode()


def test_set_and_unset_on_the_command_line(tmp_path: Path) -> None:
    """They say what is in force then, and refuse a name that is none."""
    file = tmp_path / "config.toml"
    run = CliRunner().invoke(app, ["config", "set", "dose.soft_s=900", "watch.sound=true", "--config", str(file)])
    assert run.exit_code == 0, run.output
    assert config.changed(config.load(file)) == {"dose.soft_s": 900.0, "watch.sound": True}
    run = CliRunner().invoke(app, ["config", "unset", "dose.soft_s", "--config", str(file)])
    assert "dose.soft_s = 600.0 (was 900.0)" in run.output
    run = CliRunner().invoke(app, ["config", "unset", "dose.soft", "--config", str(file)])
    assert run.exit_code != 0 and "did you mean soft_s" in f"{run.output}{run.exception}"
