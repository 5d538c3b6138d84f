"""``posture analyze`` over many recordings: the table of the archive, and what is complete already."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

from posture.cli.analyze_console import AnalyzedRecording, print_failed, print_result, print_stopped, result_of
from posture.cli.console import print_json, say, warn
from posture.errors import InputError
from posture.recordings import FileStamp, InputFile, Job, Share, how, is_complete, known_stamp, stamp_of
from posture.reports import FILES, RENDERERS, Archive, ArchiveRow, Format, RecordingStatus, count_words, figures_of


def result_names(formats: Collection[Format], *, annotate: bool) -> list[str]:
    """Return the names of the files that an analysis writes."""
    return [*RENDERERS, *(name for f in formats for name in FILES[f]), *(["annotated.mp4"] if annotate else [])]


@dataclass(slots=True)
class ArchiveBook:
    """Keeps the table while recordings are analysed into one folder."""

    archive: Archive
    how: str
    """Hash of how they are analysed."""
    names: Sequence[str]
    """The files that each gives."""
    share: Share | None = None
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Those of each recording, by its absolute path."""
    about: Mapping[str, str] = field(default_factory=dict)
    noted: set[str] = field(default_factory=set)

    def is_complete(self, recording: InputFile, folder: Path) -> bool:
        """Return whether there is nothing left to do for a recording."""
        if not recording.repeatable or not is_complete(self.row(recording), recording.path, folder, self.how, self.names):
            return False
        found = summary_of(folder)
        wanted = {"about": self.about, "groups": self.groups.get(_key(recording))}  # what is not given now stays as it was
        return all(not value or (bool(found) and found[0].get(name) == value) for name, value in wanted.items())

    def row(self, recording: InputFile) -> ArchiveRow | None:
        """Return the row of a recording."""
        return self.archive.rows.get(_key(recording))

    def stamp(self, recording: InputFile) -> FileStamp | None:
        """Return the stamp of a file before it is measured; ``None`` if it cannot be read, which the measuring reports."""
        if not recording.repeatable or recording.error is not None:
            return None
        try:
            return stamp_of(recording.path, known_stamp(self.row(recording)))
        except InputError:
            return None

    def note(self, done: AnalyzedRecording, stamp: FileStamp | None, machine: str | None = None, tries: int | None = None) -> None:
        """Enter the outcome of a recording.

        Raises:
            PostureError: the table cannot be written.
        """
        facts: dict[str, Any] = {"groups": dict(self.groups.get(_key(done.recording), {}))}
        if done.result is not None:
            with done.collect_errors():
                facts |= figures_of(done.result)
        if done.errors or done.result is None:
            facts |= {"status": RecordingStatus.ERROR, "error": " ".join(done.problem().split()) or "nothing was measured"}
        if done.result is not None:
            facts |= {"results": _below(done.folder, self.archive.folder), "how": self.how}
        if stamp is not None:
            facts |= {"sha256": stamp.sha256, "size_bytes": stamp.size_bytes, "modified_ns": stamp.modified_ns}
        row: ArchiveRow = ArchiveRow(path=_key(done.recording), machine=machine, tries=tries, **facts)
        self.archive.add(row)
        self.noted.add(row.path)

    def close(self, recordings: Sequence[InputFile]) -> list[Path]:
        """Write the tables, with a row for each recording that was not begun, and return the files.

        Raises:
            PostureError: they cannot be written.
        """
        for recording in recordings:
            if _key(recording) not in self.archive.rows:
                key = _key(recording)
                self.archive.add(ArchiveRow(path=key, status=RecordingStatus.NOT_BEGUN, groups=dict(self.groups.get(key, {}))))
        self.archive.keep_only(map(_key, recordings))
        return self.archive.write_tables()


def _key(recording: InputFile) -> str:
    return str(recording.path.absolute()) if recording.repeatable else recording.label


def _below(folder: Path, above: Path) -> str:
    return Path(os.path.relpath(folder.absolute(), above.absolute())).as_posix()


def book_of(
    out_dir: Path | None,
    recordings: Sequence[InputFile],
    job: Job,
    names: Sequence[str],
    share: Share | None = None,
    *,
    resume: bool,
    cluster: bool,
) -> ArchiveBook | None:
    """Return the table to keep, if any: with ``--out``, of several recordings, or of one that was found, or where it is asked for.

    Raises:
        PostureError: the table of an earlier run cannot be read.
    """
    if out_dir is None:
        if resume:
            raise typer.BadParameter("needs --out: the table in that folder says what is complete", param_hint="--resume")
        return None
    if all(r.error is not None for r in recordings) or (not (resume or cluster) and len(recordings) == 1 and not recordings[0].found):
        return None
    return ArchiveBook(Archive(out_dir, None if share is None else str(share)), how(job), names, share, job.groups, job.about)


def summary_of(folder: Path) -> list[dict[str, object]]:
    """Return the JSON entry of a recording that was complete already."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [found] if isinstance(found, dict) else []


@dataclass(frozen=True, slots=True)
class FinishedRecording:
    """One recording that is done, here or on a cluster."""

    done: AnalyzedRecording
    stamp: FileStamp | None = None
    machine: str | None = None
    tries: int | None = None
    stopped: bool = False
    """Ctrl-C came meanwhile."""


@dataclass(slots=True)
class ArchiveRun:
    """All the recordings of one command: printed, entered in the table and counted as they are done."""

    recordings: Sequence[InputFile]
    folders: Sequence[Path]
    job: Job
    book: ArchiveBook | None
    quiet: bool
    annotate: bool
    results: dict[InputFile, list[dict[str, object]]] = field(default_factory=dict)
    failed: list[AnalyzedRecording] = field(default_factory=list)

    def todo(self, *, resume: bool) -> list[tuple[InputFile, Path]]:
        """Return what there is to do; what is complete already counts as done."""
        todo = list(zip(self.recordings, self.folders, strict=True))
        if not resume or self.book is None:
            return todo
        complete = {r: folder for r, folder in todo if self.book.is_complete(r, folder)}
        self.results |= {r: summary_of(folder) for r, folder in complete.items()}
        if complete and not self.quiet:
            partial = sum(row is not None and row.status == "partial" for row in map(self.book.row, complete))
            as_far = f", {partial} of them only as far as the file goes" if partial else ""
            say(f"{len(complete)} of {len(todo)} recordings are already complete{as_far}")
        return [(r, folder) for r, folder in todo if r not in complete]

    def through(self, steps: Generator[FinishedRecording, None, None]) -> None:
        """Process all recordings.

        Raises:
            KeyboardInterrupt: it was stopped; what was done by then is printed, and how to go on.
            PostureError: no more can be done, likewise (so with any other error).
            typer.Exit: some failed.
        """
        try:
            with closing(steps):  # whatever happens, nobody works on
                for step in steps:
                    self._finish(step)
        except BaseException:
            self._end(early=True)
            raise
        self._end(early=False)
        if self.failed:
            print_failed(sorted(self.failed, key=lambda d: self.recordings.index(d.recording)), len(self.recordings))
            raise typer.Exit(1)

    def _finish(self, step: FinishedRecording) -> None:
        done = step.done
        self.results[done.recording] = result_of(done, self.job)
        begun = done.result is not None or bool(done.errors)
        if self.book is not None and begun:
            self.book.note(done, step.stamp, step.machine, step.tries)
        print_result(done, self.job, quiet=self.quiet, brief=len(self.recordings) > 1)
        self.failed += [done] if done.errors else []
        if step.stopped:
            print_stopped(done, self.annotate)
            raise KeyboardInterrupt

    def _end(self, *, early: bool) -> None:
        if self.quiet:
            print_json([entry for r in self.recordings for entry in self.results.get(r, [])])
        if self.book is None:
            return
        files = self.book.close(self.recordings)
        if early:
            print_how_to_go_on(self.book, self.recordings)
        elif not self.quiet and self.book.share is not None:
            many = count_words(len(self.recordings), "recording")
            say(f"share {self.book.share}: {many}; when all shares are done: posture report {self.book.archive.folder}")
        elif not self.quiet:
            names = ", ".join(f.name for f in files)
            say(f"table of all: {names} in {files[0].parent}; posture report shows it")


def print_how_to_go_on(book: ArchiveBook, recordings: Sequence[InputFile]) -> None:
    """Print what there is after a run that ended early, and how to go on."""
    complete = sum(row is not None and row.whole for row in map(book.row, recordings))
    if complete < len(recordings):
        warn(f"{complete} of {len(recordings)} recordings are complete in {book.archive.folder}; to continue, add --resume")
