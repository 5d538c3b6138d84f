"""What ``posture analyze`` prints: progress, results and errors, as text or as JSON."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from posture.cli.console import err, out, say, warn
from posture.engine import RecordingResult
from posture.errors import InputError, PostureError
from posture.recordings import InputFile, Job, fault_of
from posture.reports import as_dict
from posture.reports.recording import terminal
from posture.types import Posture


@dataclass(slots=True)
class AnalyzedRecording:
    """The result and the errors of one recording."""

    recording: InputFile
    folder: Path
    result: RecordingResult | None = None
    written: list[Path] = field(default_factory=list)
    errors: list[PostureError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Lines for the user that are no errors."""

    @contextlib.contextmanager
    def collect_errors(self) -> Iterator[None]:
        """Collect any error of the block: it ends this recording, and no other."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 # see above
            self.errors.append(fault_of(error, self.recording.path.name or str(self.recording.path)))

    def problem(self) -> str:
        """Return the errors in one line that names the recording as the user did; empty if there are none."""
        return "; ".join(_as_typed(e, self.recording) for e in self.errors)


def result_of(done: AnalyzedRecording, job: Job) -> list[dict[str, object]]:
    """Return the JSON entry of a recording in a list: its result, its errors, or both; none if it was not begun."""
    found: dict[str, object] = {}
    if done.result is not None:
        with done.collect_errors():
            found = as_dict(done.result, job.catalogue)
    if done.errors:
        found = {"video": done.recording.label, **found, "error": done.problem()}
    return [found] if found else []


def print_result(done: AnalyzedRecording, job: Job, *, quiet: bool, brief: bool) -> None:
    """Print the result unless `quiet`, in one line if `brief`; then what went wrong."""
    if done.result is not None and not quiet:
        if brief:
            say(_one_line(done.result, done.folder))
        else:
            terminal.print_analysis(out, done.result, job.catalogue)
        if done.written and not brief:
            say(f"\nwritten to {done.folder}: {', '.join(p.name for p in done.written)}")
    for line in (*done.notes, *(_named(e, done.recording, several=brief) for e in done.errors)):
        warn(line)


def print_stopped(done: AnalyzedRecording, annotate: bool) -> None:
    """Print, after Ctrl-C, which results there are."""
    if done.result is None or not done.written:
        return
    part = "" if done.result.complete else "what was measured of "
    without = "" if not annotate or done.written[-1].suffix == ".mp4" else "; annotated.mp4 was not made"
    err.print(f"stopped; {part}{done.recording.label} is complete in {done.folder}{without}", markup=False, soft_wrap=True)


def print_failed(failed: Sequence[AnalyzedRecording], total: int) -> None:
    """Print, at the end of several recordings, how many failed, and a line for each."""
    if total < 2 or not failed:
        return
    err.print(f"{len(failed)} of {total} recordings failed:", markup=False)
    for done in failed:
        line = "; ".join(_named(e, done.recording, several=True) for e in done.errors)
        err.print(f"  {line}", markup=False, soft_wrap=True)


def _one_line(analysis: RecordingResult, folder: Path) -> str:
    """One recording of several, in one line."""
    s = analysis.summary
    coverage = "nobody in the picture" if s.coverage is None else f"{100 * s.coverage:.0f} % measured"
    flexed = s.seconds[Posture.FLEXED] / 60.0
    partial = f"partial ({analysis.partial}), " if analysis.partial else ""
    length = f"{partial}{s.total_s / 60.0:.1f} min"
    return f"{analysis.video.name}: {length}, {coverage}, {flexed:.1f} min leaning or slumped, {len(s.prompts)} reminders -> {folder}"


def _as_typed(error: PostureError, recording: InputFile) -> str:
    """Return the error's line; one about the recording names it as the user did."""
    text, name, label = " ".join(str(error).splitlines()), recording.path.name or str(recording.path), recording.label
    if text.startswith(f"{label}:"):
        return text
    if text.startswith((f"{name}:", f"{name} (")):
        return f"{label}{text.removeprefix(name)}"
    return f"{label}: {text}" if isinstance(error, InputError) else text


def _named(error: PostureError, recording: InputFile, *, several: bool) -> str:
    """Return the line of `_as_typed`; where there are `several` recordings, it begins with the recording's name."""
    text = _as_typed(error, recording)
    return text if not several or text.startswith(recording.label) else f"{recording.label}: {text}"
