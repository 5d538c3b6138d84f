"""What it costs to start a light command: ``posture --help`` and ``posture status``, in times an empty Python.

    python benchmarks/cli_start.py [--repeats 15]

Every command line is run in turn, again and again, and its least CPU time counts (user and system, so that what else the machine does
matters little). What Typer costs by itself, measured on a program of one empty command, is taken off. The rest may cost 5 empty Pythons;
the program ends with 1 if it costs more.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 5.0
PROGRAM = """
import typer
app = typer.Typer()
@app.command()
def main(json: bool = False): pass
app()
"""
LINES = {
    "python -c pass": ("-c", "pass"),
    "empty Typer program": ("-c", PROGRAM),
    "its --help": ("-c", PROGRAM, "--help"),
    "posture status": ("-m", "posture", "status"),
    "posture --help": ("-m", "posture", "--help"),
}
OWN_OF_TYPER = {"posture status": "empty Typer program", "posture --help": "its --help"}


def cpu_s(words: tuple[str, ...], environ: dict[str, str]) -> float:
    """CPU seconds of one Python with these arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Measure in turn, print a table; 0 if the limit holds, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=15)
    args = parser.parse_args()
    least = dict.fromkeys(LINES, float("inf"))
    with tempfile.TemporaryDirectory() as home:
        environ = os.environ | {"PYTHONPATH": str(ROOT), "HOME": home, "XDG_RUNTIME_DIR": home, "POSTURE_DATA_DIR": home}
        for _ in range(args.repeats + 1):  # the first run fills the caches
            for name, words in LINES.items():
                least[name] = min(least[name], cpu_s(words, environ))
    print("                      CPU ms   without Typer, in empty Pythons")
    worst = 0.0
    for name, taken in least.items():
        line = f"{name:20s} {1e3 * taken:7.0f}"
        if name in OWN_OF_TYPER:
            rest = (taken - least[OWN_OF_TYPER[name]]) / least["python -c pass"]
            worst = max(worst, rest)
            line += f" {rest:10.1f}   (limit {LIMIT:g})"
        print(line)
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
