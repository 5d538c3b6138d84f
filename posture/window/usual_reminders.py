"""How many reminders a day like the person's own brings at given settings; takes seconds, so not for the window's thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from posture.days import bounds, last_days
from posture.prompts import LOOK_BACK_DAYS, OWN_DAYS, Catalogue, UsualDay, reminders_a_day, usual_days
from posture.settings import Settings
from posture.storage import Store, default_path
from posture.types import PostureChangeKind


@dataclass(slots=True)
class UsualReminders:
    """The person's days, read once, and what was worked out for them."""

    _days: list[UsualDay] | None = None
    _known: dict[Settings, float] | None = None

    def forget(self) -> None:
        """Read the days anew when next asked."""
        self._days = self._known = None

    def words(self, settings: Mapping[str, Settings], catalogue: Catalogue, wanted: Callable[[], bool] = lambda: True) -> dict[str, str]:
        """Return for each settings by name how many reminders they bring, in a sentence; nothing once they are not `wanted` any more.

        Raises:
            StoreError: The database cannot be read.
        """
        if self._days is None:
            self._days = _own_days(time.time())
        days, known = self._days, self._known if self._known is not None else {}
        self._known = known
        day = "a day like yours" if len(days) >= OWN_DAYS else "an example day at a desk"
        said = {}
        for name, one in settings.items():
            # What else is set changes nothing in the simulation.
            key = Settings(bands=one.bands, dose=one.dose, prompts=one.prompts)
            if key not in known:
                if not wanted():
                    return {}
                known[key] = reminders_a_day(key, catalogue, days)
            number = round(known[key])
            said[name] = f"About {number} reminder{'' if number == 1 else 's'} on {day}."
        return said


def _own_days(now_utc: float) -> list[UsualDay]:
    """Return the person's own last measured days, without today, which isn't over; none where there is no database."""
    if not default_path().exists():
        return []
    limits = [bounds(day) for day in last_days(date.fromtimestamp(now_utc) - timedelta(days=1), LOOK_BACK_DAYS)]
    start_utc, end_utc = limits[0][0], limits[-1][1]
    with Store.open_to_read() as store:
        shifts = [move.at_utc for move in store.moves_between(start_utc, end_utc) if move.kind is PostureChangeKind.SHIFT]
        return usual_days(store.span_table(start_utc, end_utc), shifts, limits)
