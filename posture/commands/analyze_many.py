"""``posture analyze`` over many recordings: the table of the archive, and what is complete already."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from posture.commands.analyze_telling import Done, print_json, result_of, tell, tell_failed, tell_stopped
from posture.commands.common import err, out
from posture.inputs import Recording
from posture.model import InputError
from posture.reports.formats import FILES, Format

if TYPE_CHECKING:
    from posture.analysis import Job
    from posture.archive import Archive, Row
    from posture.resuming import Stamp


def result_names(formats: Collection[Format], *, annotate: bool) -> list[str]:
    """The files that an analysis writes."""
    from posture.reports import RENDERERS  # noqa: PLC0415 # loads Matplotlib

    return [*RENDERERS, *(name for f in formats for name in FILES[f]), *(["annotated.mp4"] if annotate else [])]


@dataclass(slots=True)
class Book:
    """Keeps the table while recordings are analysed into one folder."""

    archive: Archive
    how: str
    """Hash of how they are analysed."""
    names: Sequence[str]
    """The files that each gives."""
    noted: set[str] = field(default_factory=set)

    def is_complete(self, recording: Recording, folder: Path) -> bool:
        """Whether there is nothing left to do for a recording."""
        from posture.resuming import is_complete  # noqa: PLC0415

        return recording.repeatable and is_complete(self.row(recording), recording.path, folder, self.how, self.names)

    def row(self, recording: Recording) -> Row | None:
        """What the table has of a recording."""
        return self.archive.rows.get(_key(recording))

    def stamp(self, recording: Recording) -> Stamp | None:
        """What tells the file from any other, before it is measured; ``None`` if it cannot be read (what measures it will say so)."""
        from posture.resuming import known_stamp, stamp_of  # noqa: PLC0415

        if not recording.repeatable or recording.error is not None:
            return None
        try:
            return stamp_of(recording.path, known_stamp(self.row(recording)))
        except InputError:
            return None

    def note(self, done: Done, stamp: Stamp | None, machine: str | None = None, tries: int | None = None) -> None:
        """Enter what became of a recording.

        Raises:
            PostureError: the table cannot be written.
        """
        from posture.archive import Row, Status, figures_of  # noqa: PLC0415

        facts: dict[str, Any] = {}
        if done.result is not None:
            with done.kept():
                facts = figures_of(done.result.analysis)
        if done.errors or done.result is None:
            facts |= {"status": Status.ERROR, "error": " ".join(done.problem().split()) or "nothing was measured"}
        if done.result is not None:
            facts |= {"results": _below(done.folder, self.archive.folder), "how": self.how}
        if stamp is not None:
            facts |= {"sha256": stamp.sha256, "size_bytes": stamp.size_bytes, "modified_ns": stamp.modified_ns}
        row: Row = Row(path=_key(done.recording), machine=machine, tries=tries, **facts)
        self.archive.add(row)
        self.noted.add(row.path)

    def close(self, recordings: Sequence[Recording]) -> list[Path]:
        """Write the tables, with a row for each recording that was not begun; the files.

        Raises:
            PostureError: they cannot be written.
        """
        from posture.archive import Row, Status  # noqa: PLC0415

        for recording in recordings:
            if _key(recording) not in self.archive.rows:
                self.archive.add(Row(path=_key(recording), status=Status.NOT_BEGUN))
        self.archive.keep_only(map(_key, recordings))
        return self.archive.write_tables()


def _key(recording: Recording) -> str:
    return str(recording.path.absolute()) if recording.repeatable else recording.label


def _below(folder: Path, above: Path) -> str:
    return Path(os.path.relpath(folder.absolute(), above.absolute())).as_posix()


def book_of(
    out_dir: Path | None, recordings: Sequence[Recording], job: Job, names: Sequence[str], *, resume: bool, cluster: bool
) -> Book | None:
    """The table that is kept: with ``--out``, of several recordings, or of one that was found, or where it is asked for.

    Raises:
        PostureError: the table of an earlier run cannot be read.
    """
    if out_dir is None:
        if resume:
            raise typer.BadParameter("needs --out: what is complete is read from the table in that folder", param_hint="--resume")
        return None
    if all(r.error is not None for r in recordings) or (not (resume or cluster) and len(recordings) == 1 and not recordings[0].found):
        return None
    from posture.archive import Archive  # noqa: PLC0415 # loads PyAV
    from posture.resuming import how  # noqa: PLC0415

    return Book(Archive(out_dir), how(job), names)


def summary_of(folder: Path) -> list[dict[str, object]]:
    """What a program is told of a recording that was complete already."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [found] if isinstance(found, dict) else []


@dataclass(frozen=True, slots=True)
class Carried:
    """One recording that is done with, here or on a cluster."""

    done: Done
    stamp: Stamp | None = None
    machine: str | None = None
    tries: int | None = None
    stopped: bool = False
    """Ctrl-C came meanwhile."""


@dataclass(slots=True)
class Run:
    """All the recordings of one command: told, entered in the table and counted as they are done."""

    recordings: Sequence[Recording]
    folders: Sequence[Path]
    job: Job
    book: Book | None
    quiet: bool
    annotate: bool
    results: dict[Recording, list[dict[str, object]]] = field(default_factory=dict)
    failed: list[Done] = field(default_factory=list)

    def todo(self, *, resume: bool) -> list[tuple[Recording, Path]]:
        """What there is to do; what is complete already counts as done."""
        todo = list(zip(self.recordings, self.folders, strict=True))
        if not resume or self.book is None:
            return todo
        complete = {r: folder for r, folder in todo if self.book.is_complete(r, folder)}
        self.results |= {r: summary_of(folder) for r, folder in complete.items()}
        if complete and not self.quiet:
            partial = sum(row is not None and row.status == "partial" for row in map(self.book.row, complete))
            as_far = f", {partial} of them as far as the file goes" if partial else ""
            out.print(f"{len(complete)} of {len(todo)} recordings are complete already{as_far}", markup=False)
        return [(r, folder) for r, folder in todo if r not in complete]

    def through(self, steps: Generator[Carried, None, None]) -> None:
        """Go through it all.

        Raises:
            KeyboardInterrupt: it was stopped; what was done by then is told, and how to go on.
            PostureError: no more can be done, likewise (so with any other error).
            typer.Exit: some failed.
        """
        try:
            with closing(steps):  # whatever happens, nobody works on
                for step in steps:
                    self._take(step)
        except BaseException:
            self._end(early=True)
            raise
        self._end(early=False)
        if self.failed:
            tell_failed(sorted(self.failed, key=lambda d: self.recordings.index(d.recording)), len(self.recordings))
            raise typer.Exit(1)

    def _take(self, step: Carried) -> None:
        done = step.done
        self.results[done.recording] = result_of(done, self.job)
        begun = done.result is not None or bool(done.errors)
        if self.book is not None and begun:
            self.book.note(done, step.stamp, step.machine, step.tries)
        tell(done, self.job, quiet=self.quiet, brief=len(self.recordings) > 1)
        self.failed += [done] if done.errors else []
        if step.stopped:
            tell_stopped(done, self.annotate)
            raise KeyboardInterrupt

    def _end(self, *, early: bool) -> None:
        print_json([entry for r in self.recordings for entry in self.results.get(r, [])], self.quiet)
        if self.book is None:
            return
        files = self.book.close(self.recordings)
        if early:
            tell_how_to_go_on(self.book, self.recordings)
        elif not self.quiet:
            names = ", ".join(f.name for f in files)
            out.print(f"table of all: {names} in {files[0].parent}; posture report shows it", markup=False, soft_wrap=True)


def say(line: str) -> None:
    """Tell the user something beside the results."""
    err.print(f"posture: {line}", markup=False, soft_wrap=True)


def tell_how_to_go_on(book: Book, recordings: Sequence[Recording]) -> None:
    """After a run that ended early: what there is, and how to go on."""
    complete = sum(row is not None and row.whole for row in map(book.row, recordings))
    if complete < len(recordings):
        say(f"{complete} of {len(recordings)} recordings are complete in {book.archive.folder}; with --resume the same command goes on")
