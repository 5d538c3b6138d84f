"""Shares of a list of recordings, for machines that work without knowing of each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from posture.errors import InputError

_T = TypeVar("_T")
_SHARE = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Share:
    """One of several equal shares."""

    number: int
    """From 1 on."""
    total: int

    def of(self, items: Sequence[_T]) -> list[_T]:
        """Return every `total`-th of the items, which all machines must have in the same order; shares differ by one item at most."""
        return list(items[self.number - 1 :: self.total])

    def __str__(self) -> str:
        """Return it as it is typed: ``3/40``."""
        return f"{self.number}/{self.total}"


def share_of(text: str) -> Share:
    """Parse ``3/40``.

    Raises:
        InputError: it is no such share.
    """
    match = _SHARE.fullmatch(text.strip())
    number, total = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= number <= total:
        raise InputError(f"{text!r}: expected a share such as 3/40: the third of forty, counted from 1")
    return Share(number, total)
