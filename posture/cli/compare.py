"""``posture compare``: two recordings, or two sets of them, side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from posture._support import exists, printable, write_whole
from posture.cli import study
from posture.cli.console import out, print_json, say, warn
from posture.cli.options import JsonOption, examples
from posture.errors import PostureError
from posture.reports import (
    ResultFolder,
    Side,
    compare_html,
    compare_json,
    comparison_of,
    is_comparison,
    print_comparison,
    results_below,
    with_groups,
)

PAGE = Path("compare.html")
_FIRST = ("before", "pre", "baseline", "control")
"""Values of a group that come first, as the others are held against them."""

app = typer.Typer()


@app.command(
    "compare",
    epilog=examples(
        "posture compare before.mp4 after.mp4",
        "posture compare results --by condition",
        "posture compare results --by condition=before,after --json",
    ),
)
def compare(
    places: Annotated[
        list[Path],
        typer.Argument(metavar="A [B]", help="Folders with results, of one recording or of many; or recordings with results beside them."),
    ],
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="GROUP[=A,B]", help="Compare two groups of the study in one folder, e.g. condition=before,after."),
    ] = None,
    group: study.GroupOption = None,
    out_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=f"The page. Default: {PAGE} in this folder.")] = None,
    subject: study.SubjectOption = None,
    analyst: study.AnalystOption = None,
    date: study.DateOption = None,
    note: study.NoteOption = None,
    json_: JsonOption = False,
) -> None:
    """Compare two recordings, or two sets of them: figures side by side, and their differences with 95 % intervals.

    Writes a page, compare.html, with both on the same scales. Subjects that are in both sets are compared with themselves.
    """
    about = study.about(subject, analyst, date, note)
    found = comparison_of(*(_by_group(places, by, group) if by is not None else _of_two(places, group)))
    if json_:
        print_json(compare_json(found, about))
        return
    page = out_file or PAGE
    if out_file is None and exists(page) and not is_comparison(page):
        raise PostureError(f"{page}: is there already, and is no page of this command; name another file with --out")
    write_whole(page, compare_html(found, about))
    print_comparison(out, found)
    say(f"\npage: {page}")


def _of_two(places: Sequence[Path], group: str | None) -> tuple[Side, Side]:
    if len(places) != 2:
        raise typer.BadParameter(f"expected two folders, or one with --by GROUP, and you named {len(places)}", param_hint="A B")
    a, b = map(_place, places)
    if a.resolve() == b.resolve():
        raise typer.BadParameter(f"{places[0]} and {places[1]} are the same", param_hint="A B")
    results = [_results(place, group) for place in (a, b)]
    names = [r[0].name if len(r) == 1 else str(place) for r, place in zip(results, places, strict=True)]
    names = names if names[0] != names[1] else _apart(a, b)
    return Side(printable(names[0]), tuple(results[0])), Side(printable(names[1]), tuple(results[1]))


def _apart(a: Path, b: Path) -> list[str]:
    """Return the two paths from the folder on in which both are."""
    try:
        common = os.path.commonpath([a.absolute(), b.absolute()])
    except ValueError:  # on two drives
        return [str(a), str(b)]
    return [os.path.relpath(place.absolute(), common).removesuffix(".posture") for place in (a, b)]


def _place(path: Path) -> Path:
    """Return the folder of the results that are meant by a folder, or by a recording beside which they lie."""
    if path.is_dir():
        return path
    beside = path.parent / f"{path.stem}.posture"
    if exists(path) and beside.is_dir():
        return beside
    why = f"has no results beside it; these are made by: posture analyze {path}" if exists(path) else "there is no such folder"
    raise PostureError(f"{path}: {why}")


def _results(place: Path, group: str | None) -> list[ResultFolder]:
    found = results_below(place, lambda damaged: warn(f"{damaged}; left out"))
    if not found:
        raise PostureError(f"{place}: holds no results; these are made by: posture analyze VIDEOS --out {place}")
    chosen = study.grouping(group)
    if chosen is None:
        return found
    groups = study.grouped(chosen, list(dict.fromkeys(r.path for r in found)))
    return [with_groups(r, {**r.groups, **groups[r.path]}) for r in found]


def _by_group(places: Sequence[Path], by: str, group: str | None) -> tuple[Side, Side]:
    if len(places) != 1:
        raise typer.BadParameter(f"takes one folder, and you named {len(places)}", param_hint="--by")
    results = _results(_place(places[0]), group)
    name, _, wanted = by.partition("=")
    name = study.chosen_groups(name, (), {key for r in results for key in r.groups})[0]
    there = sorted({r.groups[name] for r in results if name in r.groups}, key=lambda value: (value.lower() not in _FIRST, value))
    values = [value.strip() for value in wanted.split(",")] if wanted else there
    missing = [value for value in values if value not in there]
    if missing or len(values) != 2 or values[0] == values[1]:
        line = f"there are {', '.join(there)}" if missing else f"write two of them, such as {name}={','.join(there[:2])}"
        raise typer.BadParameter(f"{by!r}: {line}" if missing else f"{name} is {', '.join(there)}: {line}", param_hint="--by")
    left = sum(r.groups.get(name) not in values for r in results)
    if left:
        warn(f"{left} of {len(results)} recordings are in neither of the two groups")
    first, second = (Side(printable(value), tuple(r for r in results if r.groups.get(name) == value)) for value in values)
    return first, second
