"""How fast a year of days is: opening the database, a day's summary, a week and twelve weeks.

    python benchmarks/day_speed.py [--days 365] [--span-s 30] [--repeats 5] [--keep FOLDER]

The year is made up by tests/month.py: about 260 working days of 8 h, a span every half minute, prompts, moves and self-reports. It must
open in under 1 s, and the summary of a day must cost under 0.3 s; the program ends with 1 if either does not. Each figure is the
best of several runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from posture._support import catalogue
from posture.days.local_days import bounds
from posture.reports.day.read import day_of, trend_of, week_of
from posture.settings import Settings
from posture.storage.store import Store

ROOT = Path(__file__).resolve().parents[1]
OPEN_S, DAY_S = 1.0, 0.3
FIRST = date(2025, 1, 6)


def best_s(what: Callable[[], object], repeats: int) -> float:
    """The best of so many runs, seconds: what else the machine was doing says nothing here."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return min(taken)


def main() -> int:
    """Make the year, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--span-s", type=float, default=30.0, help="mean length of a span")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="make the database in this folder and keep it, or use the one that is there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (args.keep or Path(folder)) / "posture.db"
        if not path.exists():
            sys.path.insert(0, str(ROOT / "tests"))
            month = importlib.import_module("month").month
            with Store.open(path) as store:
                month(store, FIRST, args.days, span_s=args.span_s)
        return measure(path, FIRST + timedelta(days=args.days - 1), args.repeats)


def command(path: Path, day: date) -> None:
    """Run ``posture today`` as a user does."""
    environ = os.environ | {"PYTHONPATH": str(ROOT), "POSTURE_DATA_DIR": str(path.parent)}
    subprocess.run(
        [sys.executable, "-m", "posture", "today", "--date", day.isoformat()], env=environ, check=True, stdout=subprocess.DEVNULL
    )


def measure(path: Path, last: date, repeats: int) -> int:
    """Print the figures; 0 if both limits hold, else 1."""
    settings, prompts = Settings(), catalogue.load()
    while last.weekday() >= 5:  # a blank day would be too easy
        last -= timedelta(days=1)
    now = bounds(last)[1]
    with Store.open(path) as store:
        rows = {
            table: store._read(f"SELECT count(*) FROM {table}")[0][0]
            for table in ("sessions", "spans", "episodes", "moves", "self_reports")
        }
        days = len({s.started_utc // 86400 for s in store.sessions_between(0.0, now)})
        print(f"{days} days with data, {path.stat().st_size / 1e6:.1f} MB: " + ", ".join(f"{n} {table}" for table, n in rows.items()))

        def opened() -> None:
            Store.open(path).close()

        def opened_day() -> None:
            with Store.open(path) as fresh:
                day_of(fresh, last, prompts, settings, now)

        open_s = best_s(opened, repeats)
        both_s = best_s(opened_day, repeats)
        day_s = best_s(lambda: day_of(store, last, prompts, settings, now), repeats)
        print(f"open the database          {open_s:7.3f} s")
        print(f"open it and read a day     {both_s:7.3f} s   (limit {OPEN_S} s)")
        print(f"a day's summary            {day_s:7.3f} s   (limit {DAY_S} s)")
        print(f"a week                     {best_s(lambda: week_of(store, last, prompts, settings, now), repeats):7.3f} s")
        print(f"a trend of 12 weeks        {best_s(lambda: trend_of(store, last, 84, catalogue, settings, now), repeats):7.3f} s")
        print(f"a trend of the whole year  {best_s(lambda: trend_of(store, last, 365, catalogue, settings, now), repeats):7.3f} s")
    command_s = best_s(lambda: command(path, last), 3)
    print(f"the command posture today  {command_s:7.3f} s   (Python and imports included)")
    return 0 if both_s < OPEN_S and day_s < DAY_S else 1


if __name__ == "__main__":
    sys.exit(main())
