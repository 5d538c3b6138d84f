"""How long data is kept. Off unless the person sets it."""

from __future__ import annotations

from datetime import datetime, timedelta

from posture.exchange.days import midnight
from posture.exchange.erasing import Loss, erase_old
from posture.store import Store

KEY = "retention_days"
"""Under this name the store keeps it."""
LEAST_DAYS = 7
"""Stiffness on four days running, and the comparison with the last week, need what they look at."""
MOST_DAYS = 36500


def retention_days(store: Store) -> int | None:
    """How many local days are kept, today among them; ``None``: all.

    Raises:
        StoreError: the database cannot be read.
    """
    kept = store.kept(KEY)
    return int(kept) if kept is not None and kept.isdecimal() and LEAST_DAYS <= int(kept) <= MOST_DAYS else None


def set_retention(store: Store, days: int | None) -> None:
    """Keep so many local days, today among them, from the next start of the monitor on; ``None``: all. **Writes**."""
    store.keep(KEY, None if days is None else str(days))


def apply_retention(store: Store, now_utc: float) -> Loss | None:
    """Erase what is older than is kept; ``None`` if all is kept. **Writes**. Call it before a session starts.

    Args:
        store: the database.
        now_utc: seconds since the epoch.

    Raises:
        StoreError: the database cannot be written.
    """
    days = retention_days(store)
    return None if days is None else erase_old(store, oldest_kept_utc(days, now_utc), now_utc)


def oldest_kept_utc(days: int, now_utc: float) -> float:
    """The local midnight at which the oldest day begins that is kept, seconds since the epoch."""
    return midnight(datetime.fromtimestamp(now_utc).date() - timedelta(days=days - 1))
