"""The command line: help, errors in one line, exit codes. What needs the pose model is in test_analyze.py."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from posture.cli import run

COMMANDS = ["analyze", "today", "prompts", "doctor", "demo", "log", "model", "config"]


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
    ],
)
def test_wrong_use_ends_with_2_and_no_traceback(argv: list[str], home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Options, settings and ids that cannot be are refused with 2 and a plain line."""
    assert run(argv) == 2
    err = capsys.readouterr().err
    assert err.strip()
    assert "Traceback" not in err


def test_prompts_lists_and_shows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list has every id; one prompt in full has its passage and when to stop."""
    assert run(["prompts", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert {"cat_cow_seated", "referral", "get_up"} <= {e["id"] for e in entries}
    assert run(["prompts", "cat_cow_seated"]) == 0
    text = capsys.readouterr().out
    assert "A-mobility" in text
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
    assert "physical therapist or doctor" in " ".join(capsys.readouterr().out.split())
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
    code = f"import sys; sys.path.insert(0, {str(broken)!r}); from posture.cli import run; sys.exit(run(['doctor', '--json']))"
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
    assert {"python", "mediapipe", "settings", "pose model", "cameras", "display", "notifications", "tray", "database"} <= names
