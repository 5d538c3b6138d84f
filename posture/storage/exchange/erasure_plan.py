"""Says what an erasure would take away, to the last file, and carries it out: a range of days, or everything."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from posture._support import catalogue, logs, paths
from posture.errors import StoreError
from posture.storage.exchange.erasing import (
    ErasedCounts,
    backup_files,
    erase,
    flags_lost,
    held_in_backups,
    loss,
    old_copies,
    real_files,
    refuse_running,
    remove,
)
from posture.storage.exchange.reading import Range
from posture.storage.schema import default_path
from posture.storage.store import Store

_NAMES = {
    "sessions": ("session", "sessions"),
    "shortened": ("part of a session", "parts of sessions"),
    "spans": ("span", "spans"),
    "episodes": ("episode", "episodes"),
    "prompts": ("reminder", "reminders"),
    "held_prompts": ("reminder held back", "reminders held back"),
    "moves": ("break or shift", "breaks and shifts"),
    "exercises": ("exercise", "exercises"),
    "self_reports": ("self-report", "self-reports"),
    "profiles": ("calibration", "calibrations"),
    "kept": ("program note", "program notes"),
}
"""One row of each table, and several."""
_OF_DAYS = ("today", "day", "week", "trend")
_PAGES = ("posture", *_OF_DAYS)
"""What names of pages begin with that are not of one prompt."""


@dataclass(frozen=True, slots=True)
class ErasurePlan:
    """What would be erased."""

    wanted: Range | None
    """``None``: everything."""
    lines: tuple[str, ...] = ()
    """All that goes, in plain lines; none where there is nothing to erase."""
    files: tuple[Path, ...] = ()
    """Copies and pages that go with a range."""

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to erase."""
        return not self.lines


def opened(path: Path) -> AbstractContextManager[Store | None]:
    """Return the store for a block; ``None`` where there is no database, or one that cannot be read."""
    if path.exists():
        with suppress(StoreError):
            return Store.open(path)
    return nullcontext()


def plan_range(store: Store, wanted: Range) -> ErasurePlan:
    """Return what erasing a range of days would take away.

    Raises:
        StoreError: A session that runs reaches into it, or the database cannot be read.
    """
    refuse_running(store, wanted)
    going = loss(store, wanted)
    entries = logs.count_entries(_logs(), wanted.start_utc, wanted.end_utc)
    copies, pages = old_copies(store.path), list(_pages(_OF_DAYS))
    backed_up = held_in_backups(store.path, wanted)
    if going.nothing and not entries and not backed_up:
        return ErasurePlan(wanted)
    log = [f"{entries} {'entries' if entries > 1 else 'entry'} of the log"] if entries else []
    return ErasurePlan(
        wanted,
        (
            f"This will be erased for good: {', '.join([*loss_words(going), *log]) or 'what is only in backups'}.",
            *(["It will be erased from the automatic backups too."] if backed_up else []),
            *(f"An older copy of the whole database will be erased too, as it covers those days: {copy}" for copy in copies),
            *(f"A page of your days will be erased too, as it may show those days: {page}" for page in pages),
            *_flag_lines(store, wanted, going),
        ),
        (*copies, *pages),
    )


def plan_everything(store: Store | None) -> ErasurePlan:
    """Return what erasing everything would take away; no monitor may run. `store`: the database, ``None`` where it cannot be read.

    Raises:
        StoreError: A session runs, or the database cannot be read.
    """
    database, going = default_path(), None
    if store is not None:
        refuse_running(store, Range())
        going = loss(store, Range())
    files = list(_files(database))
    if (going is None or going.nothing) and not files:
        return ErasurePlan(None)
    parts = ["a database that cannot be read"] if going is None and database.exists() else loss_words(going)
    other = "Pages and landmarks in your cache stay: they may belong to your data outside POSTURE_DATA_DIR."
    return ErasurePlan(
        None,
        (
            f"This will be erased for good: {', '.join([*parts, f'{len(files)} files'])}.",
            *(f"  in {folder}" for folder in sorted({file.parent for file in files})),
            "Settings and the pose model stay, and so does anything you exported or saved elsewhere.",
            *([] if _is_own_data() else [other]),
            *(_flag_lines(store, Range(), going) if store is not None and going is not None else ()),
        ),
    )


def carry_out(plan: ErasurePlan, store: Store | None) -> bool:
    """Erase what was planned; return whether old pages linger until another program that reads the database closes. **Writes**.

    Raises:
        StoreError: A session that runs reaches into it, or the database cannot be written.
        PostureError: A file cannot be removed.
    """
    if plan.wanted is None:
        if store is not None:
            erase(store, Range())  # refuses while a session runs; overwrites what the files hold before they go
            store.close()
        remove(list(_files(default_path())))
        return False
    assert store is not None
    gone = erase(store, plan.wanted)
    logs.erase_entries(_logs(), plan.wanted.start_utc, plan.wanted.end_utc)
    remove(list(plan.files))
    return gone.lingers


def counted(numbers: Mapping[str, int]) -> str:
    """Write numbers of rows by table in words, without tables of none."""
    return ", ".join(f"{number} {_NAMES[name][number != 1]}" for name, number in numbers.items() if number)


def _logs() -> Path:
    return default_path().parent / "logs"


def loss_words(going: ErasedCounts | None) -> list[str]:
    """Return what goes, in words, one for each kind of it."""
    if going is None:
        return []
    span = f"{going.span_s / 3600:.1f} h" if going.span_s >= 360 else f"{math.ceil(going.span_s / 60)} min"
    rest = {
        "episodes": going.episodes,
        "prompts": going.prompts,
        "held_prompts": going.held_prompts,
        "moves": going.moves,
        "exercises": going.exercises,
        "self_reports": going.reports,
    }
    parts = (
        counted({"sessions": going.sessions, "shortened": going.shortened}),
        f"{span} of the timeline" if going.span_s else "",
        counted(rest | {"profiles": going.profiles}),
    )
    return [part for part in parts if part]


def _flag_lines(store: Store, wanted: Range, going: ErasedCounts) -> Iterator[str]:
    """Yield what no longer waits once this is erased."""
    if lost := flags_lost(store, wanted, time.time()):
        yield (
            f"Exercises and heat are waiting because of what you logged then ({', '.join(lost)}); once it is erased, they come back. "
            "If it hasn't gone away, please see a professional."
        )
    if going.numb_reports:
        yield "One of these is a report of numbness: without it, the program no longer knows that heat isn't safe for you."


def _files(database: Path) -> Iterator[Path]:
    """Yield what the program wrote about the person: the database with its companions and older copies, logs, pages, kept landmarks.

    What lies in folders of the user's cache or downloads belongs to the user's own data, not to another folder of data.
    """
    companions = (file.with_name(file.name + end) for file in real_files([database]) for end in ("", "-wal", "-shm", "-journal"))
    yield from (file for file in companions if file.exists() or file.is_symlink())
    yield from old_copies(database)
    yield from backup_files(database)
    yield from logs.log_files(database.parent / "logs")
    yield from _pages()
    landmarks = paths.cache_folder(paths.LANDMARKS) if _is_own_data() else paths.named_folder(paths.LANDMARKS)
    yield from sorted(p for p in landmarks.rglob("*") if p.is_file()) if landmarks is not None else ()


def _is_own_data() -> bool:
    """Return whether the data is the user's own, not in a folder that was named."""
    return default_path().parent.resolve() == paths.own_data().resolve()


def _pages(begin: tuple[str, ...] = ("",)) -> Iterator[Path]:
    """Yield pages whose names begin so, and what is left of such that were broken off, whichever browser was the user's then.

    A folder that the user named may hold other pages.
    """
    ids = {prompt.id for prompt in catalogue.load().prompts}
    named = paths.named_folder(paths.PAGES)
    own = (paths.own_cache(paths.PAGES), paths.own_downloads()) if _is_own_data() else ()
    for folder in (*own, *((named,) if named else ())):
        for page in sorted(folder.glob("*.html")):
            ours = folder != named or page.stem in ids or page.stem.startswith(_PAGES)
            if ours and page.is_file() and page.stem.startswith(begin):
                yield page
        yield from sorted(p for p in folder.glob(".*.html.*.part") if p.is_file())
