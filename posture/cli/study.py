"""The options by which recordings become a study: groups, what is said of a recording, and shares of a list for many machines."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Annotated

import typer

from posture.cli.console import err, warn
from posture.cli.options import day_of
from posture.errors import InputError
from posture.recordings import Grouping, InputFile, Share, grouping_of, share_of, values_of

_PANEL = "Studies"
GroupOption = Annotated[
    str | None,
    typer.Option(
        "--group",
        metavar="LEVELS|TABLE",
        help="The groups of a study: the names of the folder levels above each recording (subject/condition; - skips one), or a table "
        "(groups.csv with a first line such as recording,subject,condition,session).",
        rich_help_panel=_PANEL,
    ),
]
SubjectOption = Annotated[
    str | None, typer.Option("--subject", metavar="NAME", help="Whom the recording shows; put on the page.", rich_help_panel=_PANEL)
]
AnalystOption = Annotated[
    str | None, typer.Option("--analyst", metavar="NAME", help="Who analysed it; put on the page.", rich_help_panel=_PANEL)
]
DateOption = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Of the recording; put on the page.", rich_help_panel=_PANEL)
]
NoteOption = Annotated[
    str | None,
    typer.Option("--note", metavar="TEXT", help="A remark; put on the page.", rich_help_panel=_PANEL),
]
ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="N/TOTAL",
        help="Analyse only this share of the recordings, e.g. 3/40, on machines that share a folder; posture report puts them together.",
        rich_help_panel=_PANEL,
    ),
]
_LISTED = 4


def about(subject: str | None, analyst: str | None, date: str | None, note: str | None) -> dict[str, str]:
    """Return what the user says of the recordings; only what was given."""
    day = day_of(date, "--date")
    said = {"subject": subject, "analyst": analyst, "date": None if day is None else day.isoformat(), "note": note}
    for name, text in said.items():
        if text is not None and not text.strip():
            raise typer.BadParameter("is empty", param_hint=f"--{name}")
    return {name: text.strip() for name, text in said.items() if text is not None}


def grouping(text: str | None) -> Grouping | None:
    """Return what ``--group`` names."""
    try:
        return None if text is None else grouping_of(text)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--group") from None


def groups_of(text: str | None, recordings: Sequence[InputFile], said: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the groups of each recording by its absolute path, and print what they are."""
    chosen = grouping(text)
    if chosen is None:
        return {}
    found = grouped(chosen, [r.path.absolute() for r in recordings if r.error is None and r.repeatable])
    if "subject" in said and any("subject" in groups for groups in found.values()):
        raise typer.BadParameter("--group names the subjects already", param_hint="--subject")
    return {str(path): groups for path, groups in found.items()}


def grouped(chosen: Grouping, recordings: Sequence[Path]) -> dict[PurePath, dict[str, str]]:
    """Return the groups of each recording; print what they are, and what does not fit.

    Raises:
        typer.BadParameter: the grouping does not fit these recordings.
    """
    try:
        for line in chosen.check(recordings):
            warn(line)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--group") from None
    found: dict[PurePath, dict[str, str]] = {path: chosen.of(path) for path in recordings}
    parts = [f"{name}: {_listed(values)}" for name, values in values_of(found.values()).items()]
    err.print(f"groups: {'; '.join(parts)}", markup=False, soft_wrap=True)
    return found


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(values[:_LISTED])
    return shown if len(values) <= _LISTED else f"{shown} and {len(values) - _LISTED} more"


def share(text: str | None) -> Share | None:
    """Return the share that ``--shard`` names."""
    try:
        return None if text is None else share_of(text)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="--shard") from None


def shared_out(recordings: Sequence[InputFile], folders: Sequence[Path], part: Share | None) -> tuple[list[InputFile], list[Path]]:
    """Return the recordings of a share and the folders of their results: by the order of their paths, so alike on all machines."""
    pairs = list(zip(recordings, folders, strict=True))
    if part is not None:
        pairs = part.of(sorted(pairs, key=lambda pair: (str(pair[0].path.absolute()), pair[0].label)))
    return [recording for recording, _ in pairs], [folder for _, folder in pairs]


def chosen_groups(text: str | None, usual: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Return by which groups ``--by`` divides; without it the usual ones.

    Raises:
        typer.BadParameter: there is none of that name.
    """
    names = tuple(usual) if text is None else tuple(part.strip().lower() for part in text.split(","))
    unknown = [name for name in names if name not in known]
    if unknown:
        there = f"there are {', '.join(sorted(known))}" if known else "no recording has any; give them with --group"
        raise typer.BadParameter(f"{unknown[0]!r}: {there}", param_hint="--by")
    return names
