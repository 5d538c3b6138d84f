"""``posture analyze`` with several recordings at a time: by the workers of a cluster, or by processes of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from posture.commands.analyze_many import Carried, say
from posture.commands.analyze_telling import Done
from posture.commands.common import err
from posture.inputs import Recording
from posture.interrupts import held_interrupts
from posture.model import InputError, PostureError
from posture.reports.formats import Format

if TYPE_CHECKING:
    from posture.analysis import Job
    from posture.recordings import Entry
    from posture.shares import Ending


def check_scheduler(
    recordings: Sequence[Recording], address: str | None, *, as_day: bool, annotate: bool, jobs: bool, cache_here: bool
) -> None:
    """That ``--scheduler`` goes together with the other options, and with what is to be analysed.

    Raises:
        PostureError: the address is none, or Dask is missing.
    """
    if address is None:
        return
    from posture import cluster  # noqa: PLC0415 # loads PyAV

    cluster.check_address(address)
    once = next((r for r in recordings if not r.repeatable), None)
    why = {
        "your own day is measured here": as_day,
        "--annotate reads the recording a second time, here": annotate,
        "--jobs is for this machine; each worker takes one recording per thread": jobs,
        "--cache keeps landmarks on this machine; name a shared folder with --cache-dir": cache_here,
        f"the workers cannot read {once.label if once else ''}": once is not None,
    }
    for words, wrong in why.items():
        if wrong:
            raise typer.BadParameter(f"does not go with the rest: {words}", param_hint="--scheduler")
    cluster.distributed()


@dataclass(frozen=True, slots=True)
class Shared:
    """What is to be done with each recording."""

    job: Job
    entry: Entry
    formats: frozenset[Format]
    names: Sequence[str]
    """The files that each gives."""
    overwrite: bool


def over_cluster(address: str, todo: Sequence[tuple[Recording, Path]], what: Shared) -> Generator[Carried, None, None]:
    """Have the workers of a cluster analyse the recordings, and write here what they found.

    Raises:
        PostureError: no worker, none that is fit, or no scheduler.
        KeyboardInterrupt: Ctrl-C; what is done by then is written.
    """
    from posture.cluster import carry_out, connected  # noqa: PLC0415 # loads PyAV

    sent: list[Done] = []
    yield from _ready(todo, what, sent, here=False)
    if not sent:
        return
    with held_interrupts() as held, connected(address) as client, _bar(len(sent)) as moved:
        endings = carry_out(client, _videos(sent), what.job, what.formats, stopped=held, say=say, moved=moved)
        yield from _received(endings, sent, what)


def side_by_side(recordings: Sequence[Recording], jobs: int | None, *, annotate: bool) -> int:
    """How many recordings are analysed at the same time without a cluster: one if they cannot be, or there is only one."""
    from posture.workers import default_jobs  # noqa: PLC0415 # loads PyAV

    if annotate or sum(r.error is None for r in recordings) < 2 or not all(r.repeatable for r in recordings):
        return 1
    return jobs or default_jobs()


def over_crew(jobs: int, todo: Sequence[tuple[Recording, Path]], what: Shared) -> Generator[Carried, None, None]:
    """Have processes of this machine analyse the recordings, as many at a time as `jobs` says.

    Raises:
        KeyboardInterrupt: Ctrl-C; what was measured by then is written.
    """
    from posture.crew import carry_out  # noqa: PLC0415 # loads PyAV
    from posture.orders import FEW_LONG_S, LONG_S  # noqa: PLC0415

    sent: list[Done] = []
    yield from _ready(todo, what, sent, here=True)
    if not sent:
        return
    long_s = LONG_S if len(sent) >= 2 * jobs else FEW_LONG_S
    with held_interrupts() as held, _bar(len(sent)) as moved:
        endings = carry_out(_videos(sent), what.job, what.formats, jobs, stopped=held, moved=moved, long_s=long_s)
        yield from _received(endings, sent, what)


def _ready(todo: Sequence[tuple[Recording, Path]], what: Shared, ready: list[Done], *, here: bool) -> Iterator[Carried]:
    """Those that can be begun are added to `ready`; the others are done with. `here`: this machine has to see them."""
    from posture.sources.opening import check_is_file  # noqa: PLC0415 # loads PyAV

    for recording, folder in todo:
        done = Done(recording, folder)
        with done.kept():
            if here and recording.error is None:
                check_is_file(recording.path)
            _check(done, what)
        if done.errors:
            yield Carried(done)
        else:
            ready.append(done)


def _videos(ready: Sequence[Done]) -> list[Path]:
    return [d.recording.path.absolute() for d in ready]


def _received(endings: Iterator[Ending], sent: Sequence[Done], what: Shared) -> Iterator[Carried]:
    for ending in endings:
        done = sent[ending.number]
        _receive(done, ending, what)
        stamp = ending.outcome.stamp if ending.outcome is not None else None
        yield Carried(done, stamp, ", ".join(ending.machines) or None, ending.tries)
        done.result = None  # it has been told, and all of an archive would fill the memory


def _check(done: Done, what: Shared) -> None:
    """What can be known here beforehand; whether the recording can be read, the worker finds out."""
    from posture.analysis import facts_line  # noqa: PLC0415
    from posture.commands.analyze_options import check_writable  # noqa: PLC0415
    from posture.reports.earlier import check_replaceable  # noqa: PLC0415
    from posture.sources.trial import try_opening  # noqa: PLC0415
    from posture.sources.video_file import VideoFile  # noqa: PLC0415

    if done.recording.error is not None:
        raise InputError(f"{done.recording.label}: {done.recording.error}")
    check_writable(done.folder, str(done.folder))
    if what.overwrite or not any((done.folder / name).exists() for name in what.names) or not done.recording.path.exists():
        return
    try_opening(done.recording.path)
    with VideoFile(done.recording.path, what.job.settings.measure.rate_hz, rotate_deg=what.job.rotate_deg) as source:
        check_replaceable(done.folder, what.names, facts_line(source.facts))


def _receive(done: Done, ending: Ending, what: Shared) -> None:
    """Write what came of a recording, and enter it into the database."""
    from posture.files import make_folder, write_whole  # noqa: PLC0415
    from posture.recordings import enter  # noqa: PLC0415
    from posture.reports.earlier import check_replaceable  # noqa: PLC0415

    outcome = ending.outcome
    error = ending.error if outcome is None else outcome.error
    if error is not None or outcome is None or outcome.result is None:
        done.errors.append(error or PostureError(f"{done.recording.label}: nothing came of it"))
        return
    result = done.result = outcome.result
    with done.kept():
        if not what.overwrite:
            check_replaceable(done.folder, what.names, result.analysis.video)
        make_folder(done.folder)
        for name, content in outcome.files.items():
            write_whole(done.folder / name, content)
            done.written.append(done.folder / name)
    with done.kept():
        enter(result, done.recording.path, what.job, what.entry)


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[float], None]]:
    """A bar of recordings; silent where stderr is no terminal."""
    columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[whole]}"), TimeElapsedColumn()]
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as shown:
        task = shown.add_task("recordings", total=total, whole=f"0/{total}")
        yield lambda done: shown.update(task, completed=done, whole=f"{int(done)}/{total}")
