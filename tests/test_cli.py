"""The command line: help, errors in one line, exit codes. What needs the pose model is in test_analyze.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from posture.cli import commands
from posture.cli.app import app, run
from posture.cli.watch import _typed
from posture.prompts.entries import GENERAL_SAFETY
from posture.storage.store import Store

COMMANDS = [
    *("watch", "calibrate", "preview", "status", "pause", "resume", "stop", "cameras", "autostart"),
    *("analyze", "demo", "today", "log", "data", "prompts", "show", "done", "snooze", "not-now", "doctor", "model", "config"),
]


def test_help_names_every_command_and_the_disclaimer(capsys: pytest.CaptureFixture[str]) -> None:
    """The top help lists all commands and says that this is no medical device."""
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(c in text for c in COMMANDS)
    assert "not a medical device" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command explains itself."""
    assert run([command, "--help"]) == 0
    assert len(capsys.readouterr().out) > 100


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    """The help of all commands, and completion, show what the command's own help begins with."""
    stands_for, command = typer.main.get_group(app).commands[name], commands.load(name)
    assert command.help is not None
    assert command.help.split("\n\n")[0] == commands.COMMANDS[name].help
    assert stands_for.get_short_help_str() == command.get_short_help_str()
    assert not (command.hidden or command.deprecated or command.short_help)


def completed(words: str) -> set[str]:
    """What bash is offered after these words."""
    given = f"posture {words}"
    environ = {"_POSTURE_COMPLETE": "complete_bash", "COMP_WORDS": given, "COMP_CWORD": str(given.count(" "))}
    return set(CliRunner().invoke(app, prog_name="posture", env=environ).output.split())


def test_commands_and_their_options_are_completed() -> None:
    """The names without an import, the options and their values from the command itself."""
    assert {"watch", "status", "log", "not-now"} <= completed("")
    assert completed("st") == {"status", "stop"}
    assert completed("status --j") == {"--json"}
    assert {"pain", "edit"} <= completed("log ")
    assert completed("analyze --person ") == {"main", "largest", "nearest", "first"}


def test_the_module_is_the_command() -> None:
    """``python -m posture`` is the same program."""
    done = subprocess.run([sys.executable, "-m", "posture", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("posture ")


@pytest.mark.parametrize(
    "argv",
    [
        ["analyze"],
        ["nonsense"],
        ["analyze", "x.mp4", "--neutral", "3"],
        ["analyze", "x.mp4", "--neutral", "5-3"],
        ["analyze", "x.mp4", "--view", "above"],
        ["analyze", "x.mp4", "--start", "soon"],
        ["analyze", "x.mp4", "--start", "5", "--end", "2"],
        ["analyze", "x.mp4", "--rate", "0"],
        ["analyze", "x.mp4", "--set", "dose.soft_s=x"],
        ["analyze", "x.mp4", "--as-day", "yesterday"],
        ["analyze", "x.mp4", "--config", "none.toml"],
        ["today", "--date", "the 3rd"],
        ["prompts", "no_such_prompt"],
        ["log", "pain", "--where", "knee"],
        ["analyze", "x.mp4", "--rate", "1e9"],
        ["analyze", "x.mp4", "--replace"],
        ["analyze", "x.mp4", "--as-day", "2026-03-02", "--no-store"],
        ["analyze", "x.mp4", "--keep", "--no-store"],
        ["analyze", "x.mp4", "--keep", "--as-day", "2026-03-02"],
        ["analyze", "x.mp4", "y.mp4", "--as-day", "2026-03-02"],
        ["analyze", "x.mp4", "--as-day", "2999-01-01"],
        ["analyze", "x.mp4", "--as-day", "0001-01-01"],
        ["analyze", "-", "--neutral", "0-3", "--start", "5"],
        ["analyze", "-", "--neutral", "0-3", "--end", "2"],
        ["analyze", "x.mp4", "--neutral", "0-3", "--profile", " "],
        ["analyze", "x.mp4", "--nonsense"],
        ["today", "--html", "."],
        ["today", "--html", ""],
    ],
)
def test_wrong_use_ends_with_2_and_no_traceback(argv: list[str], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options, settings and ids that cannot be are refused with 2 and a plain line."""
    assert run(argv) == 2
    err = capsys.readouterr().err
    assert err.startswith("posture: ")
    assert len(err.strip().splitlines()) == 1


def test_a_wrong_rate_blames_the_option_that_was_typed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The option, its value and its range are named, not the setting behind it."""
    assert run(["analyze", "x.mp4", "--rate", "1e9"]) == 2
    err = capsys.readouterr().err
    assert "--rate: 1e+09: expected a number from 0.1 to 240" in err
    assert "--set" not in err


LEAVES = [
    "analyze", "today", "prompts", "doctor", "demo", "model fetch", "model path", "model verify", "config path", "config show",
    "config check", "log urge", "log cracked", "log stiff", "log pain", "log numb", "log weak", "log ack",
    "log stress", "log list", "log edit", "log rm",
    "data path", "data export", "data import", "data erase", "data backup", "data retention",
    "watch", "calibrate", "preview", "status", "pause", "resume", "stop", "cameras", "show", "done", "snooze", "not-now",
    "autostart on", "autostart off", "autostart status",
]  # fmt: skip


@pytest.mark.parametrize("command", LEAVES)
def test_every_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks for help sees a line to type."""
    assert run([*command.split(), "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count(f"posture {command}") >= 2  # the usage, and an example


def test_prompts_lists_and_shows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list has every id; one prompt in full has its passage and when to stop."""
    assert run(["prompts", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert {"cat_cow_seated", "referral", "get_up"} <= {e["id"] for e in entries}
    assert run(["prompts", "cat_cow_seated"]) == 0
    text = capsys.readouterr().out
    assert "A-mobility" not in text and "based on the article on why a back" in text
    assert "Stop if" in text


def test_config_says_where_and_what(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """path, show and check agree on the same file; a broken one is an error in all but path."""
    assert run(["config", "path"]) == 0
    assert capsys.readouterr().out.strip() == str(home / "config.toml")
    assert run(["config", "show"]) == 0
    (home / "config.toml").write_text(capsys.readouterr().out.replace("soft_s = 600.0", "soft_s = 700.0"), encoding="utf-8")
    assert run(["config", "check"]) == 0
    assert "dose.soft_s = 700.0" in capsys.readouterr().out
    (home / "config.toml").write_text("[dose]\nsoft_s = true", encoding="utf-8")
    assert run(["config", "check"]) == 2
    assert "dose.soft_s = True: expected a number" in capsys.readouterr().err


def test_today_without_data_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A day without data is no good day: it says that nothing was measured."""
    assert run(["today"]) == 0
    assert "nothing was measured" in " ".join(capsys.readouterr().out.split())


def test_an_urge_is_answered_with_why_and_the_gentle_way(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An urge gets the reasons (A-guard, B-refractory) and gentle movement, never a crack."""
    assert run(["log", "urge", "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)["answers"]
    assert {"A-guard", "B-refractory"} <= set(answers[0]["passages"])
    assert "cat_cow_seated" in [a["id"] for a in answers]


@pytest.mark.parametrize("kind", ["pain", "numb", "weak"])
def test_a_red_flag_gets_the_referral_alone_until_acknowledged(kind: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After pain, numbness or weakness no exercise and no heat is shown until the referral is acknowledged."""
    assert run(["log", kind, "--json"]) == 0
    assert [a["id"] for a in json.loads(capsys.readouterr().out)["answers"]] == ["referral"]
    assert run(["log", "stiff", "--json"]) == 0
    assert {a["kind"] for a in json.loads(capsys.readouterr().out)["answers"]} <= {"referral", "get_up"}
    assert run(["today"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "physical therapist or a doctor" in said
    assert "is an emergency" in said and GENERAL_SAFETY in said
    assert run(["log", "ack"]) == 0
    capsys.readouterr()
    assert run(["log", "stiff", "--json"]) == 0
    kinds = {a["kind"] for a in json.loads(capsys.readouterr().out)["answers"]}
    assert "exercise" in kinds
    assert ("heat" in kinds) is (kind != "numb")


def test_doctor_names_the_missing_library_when_opencv_cannot_be_loaded(home: Path, tmp_path: Path) -> None:
    """With an OpenCV that lacks libGL, doctor still runs, and names the package to install."""
    broken = tmp_path / "broken"
    broken.mkdir()
    line = "libGL.so.1: cannot open shared object file: No such file or directory"
    (broken / "cv2.py").write_text(f"raise ImportError({line!r})", encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(broken)!r}); from posture.cli.app import run; sys.exit(run(['doctor', '--json']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    found = {c["name"]: c for c in json.loads(done.stdout)}
    assert found["opencv-python"]["state"] == "broken"
    assert "libgl1" in found["opencv-python"]["mend"]
    assert found["numpy"]["state"] == "ok"


def test_doctor_reports_every_part(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Python, packages, settings, model, cameras, display, notifications, tray and database each have a line."""
    run(["doctor", "--json"])
    names = {c["name"] for c in json.loads(capsys.readouterr().out)}
    assert {"python", "mediapipe", "settings", "pose model", "cameras", "session", "notifications", "tray", "database"} <= names
    database = home / "data" / "posture.db"
    assert not database.exists()
    with Store.open():
        pass
    run(["doctor", "--json"])
    found = {c["name"]: c["found"] for c in json.loads(capsys.readouterr().out)}
    assert found["database"] == str(database)


OWN_PROMPT = """[prompts.own]
trigger = ["sitting"]
kind = "habit"
where = "desk"
title = "[bold]M[/x] [red]"
steps = ["Nod [/] slowly."]
why = "It moves."
passages = ["A-mobility"]
"""


def own_catalogue(folder: Path, text: str = OWN_PROMPT) -> Path:
    """A catalogue of the user's own in that folder, as mine.toml."""
    folder.mkdir(exist_ok=True)
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder / "mine.toml"


def test_a_users_words_are_shown_literally(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like markup in a prompt of the user's own is text, in the list and in full."""
    (home / "config.toml").write_text(f"[prompts]\ncatalogue = '{own_catalogue(home)}'", encoding="utf-8")
    for argv in (["prompts"], ["prompts", "own"]):
        assert run(argv) == 0
        said = capsys.readouterr().out
        assert "[bold]M[/x]" in said and "[red]" in said


def test_a_relative_catalogue_starts_where_it_was_named(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the folder of the settings file that named it, and at the working folder for --set."""
    own_catalogue(tmp_path / "there")
    other = tmp_path / "there" / "other.toml"
    other.write_text("[prompts]\ncatalogue = 'mine.toml'", encoding="utf-8")
    assert run(["prompts", "own", "--config", str(other)]) == 0
    (tmp_path / "config.toml").write_text("[prompts]\ncatalogue = 'there/mine.toml'", encoding="utf-8")
    assert run(["prompts", "own"]) == 0
    monkeypatch.chdir(tmp_path / "there")
    assert run(["config", "check", "--set", "prompts.catalogue=mine.toml"]) == 0
    assert run(["config", "check", "--set", "prompts.catalogue=there/mine.toml"]) == 2
    capsys.readouterr()


def posture(*argv: str, stdout: int, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """The program as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "posture", *argv], stdout=stdout, stderr=subprocess.PIPE, env=os.environ | environ, check=False
    )


def test_a_terminal_that_knows_ascii_alone_gets_ascii(home: Path) -> None:
    """Where the encoding cannot show a character there is another one, and no error."""
    code = "import sys; from posture.cli.app import run; sys.exit(sum(run(words.split()) for words in sys.argv[1:]))"
    commands = ("log urge", "prompts", "prompts cat_cow_seated", "today", "log --help")
    environ = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code, *commands], capture_output=True, env=os.environ | environ, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii() and done.stdout.count(b"Usage") == 1
    assert done.stderr == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("argv", [["prompts"], ["prompts", "--json"], ["config", "path"], ["--help"], ["log", "pain"]])
def test_an_output_that_cannot_be_written_is_one_line(argv: list[str], home: Path) -> None:
    """A full disk behind the output: one line, exit 1; what was logged is kept all the same."""
    with Path("/dev/full").open("wb") as full:
        done = posture(*argv, stdout=full.fileno())
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ["posture: the output cannot be written: No space left on device"]
    if argv[0] == "log":
        with Store.open() as store:
            assert len(store.reports()) == 1


@pytest.mark.parametrize("kind", ["pain", "numb", "weak"])
def test_the_referral_is_said_whatever_is_broken(kind: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A broken database or a broken setting is told after the referral, never instead of it."""
    (home / "data").write_text("not a folder", encoding="utf-8")
    assert run(["log", kind]) == 1
    said = capsys.readouterr()
    assert "professional" in said.out and "is an emergency" in said.out
    assert "logged" not in said.out
    assert "data" in said.err
    assert run(["log", kind, "--json"]) == 1
    got = json.loads(capsys.readouterr().out)
    assert [a["id"] for a in got["answers"]] == ["referral"]
    assert got["stored"] is False and got["error"]
    (home / "data").unlink()
    (home / "config.toml").write_text("[dose]\nsoft_s = true", encoding="utf-8")
    assert run(["log", kind]) == 2
    said = capsys.readouterr()
    assert "is an emergency" in said.out and f"logged: {kind}" in said.out
    assert "dose.soft_s" in said.err
    with Store.open() as store:
        assert [r.kind for r in store.reports()] == [kind]


def test_other_answers_come_without_exercises_while_the_database_is_broken(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It cannot be known then whether a red flag is up, so what waits for a referral is not shown."""
    (home / "data").write_text("not a folder", encoding="utf-8")
    for kind in ("urge", "cracked", "stiff"):
        assert run(["log", kind, "--json"]) == 1
        answers = json.loads(capsys.readouterr().out)["answers"]
        assert answers
        assert not {"exercise", "heat"} & {a["kind"] for a in answers}


@pytest.mark.parametrize(
    "packages", [{"cv2": "opencv-python", "mediapipe": "mediapipe", "av": "av", "PIL": "pillow"}, {"numpy": "numpy"}], ids=" ".join
)
def test_doctor_outlives_packages_that_raise_anything(packages: dict[str, str], home: Path, tmp_path: Path) -> None:
    """Whatever an import raises is a finding; NumPy, which others need, by itself."""
    for module in packages:
        (tmp_path / f"{module}.py").write_text("raise RuntimeError('built for another machine')", encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from posture.cli.app import run; sys.exit(run(['doctor', '--json']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    found = {c["name"]: c for c in json.loads(done.stdout)}
    for package in packages.values():
        assert found[package]["state"] == "broken"
        assert "built for another machine" in found[package]["found"]


def test_doctor_says_nothing_of_matplotlibs_cache(home: Path) -> None:
    """A home that cannot be written to makes Matplotlib talk; the user asked for nothing of it."""
    done = posture("doctor", "--json", stdout=subprocess.PIPE, HOME="/proc/none", XDG_CACHE_HOME="/proc/none", XDG_CONFIG_HOME="/proc/none")
    assert b"atplotlib" not in done.stderr


@pytest.mark.parametrize("camera", ["watch.camera='rtsp://me:secret@cam'", " watch.camera = 'rtsp://me:secret@cam'"])
def test_the_options_of_a_monitor_say_no_password(camera: str) -> None:
    """Those with which it is started again: as they were typed, but for a camera, however it is spelt."""
    words = _typed({"--profile": "desk", "--model": None}, [camera, "dose.soft_s=900"])
    assert words == ["--profile", "desk", "--set", "dose.soft_s=900"]
