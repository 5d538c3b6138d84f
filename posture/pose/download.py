"""The official file of a pose model over the network, with limits on how long an answer and a pause may take."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import closing
from http.client import HTTPException
from typing import Protocol
from urllib.parse import urlsplit

from posture.errors import ModelError
from posture.pose.bundle import Progress
from posture.pose.manifest import Weights

OPEN_WITHIN_S = 6.0
"""An official address that has not begun to answer by then is given up, so that an offline machine falls through soon."""
STALL_S = 20.0
"""A transfer that brings nothing for this long is given up."""

_CHUNK = 1 << 18


class Response(Protocol):
    """What an opener returns: the body of the file."""

    def read(self, amount: int, /) -> bytes:
        """Up to that many bytes; empty at the end."""

    def close(self) -> None:
        """Let go of the connection."""


Opener = Callable[[str, float], Response]
"""Opens an address; the second argument is how many seconds a connection may stand still."""


class SourceFailedError(ModelError):
    """One way to the weights failed; another may not."""


def open_url(url: str, stall_s: float) -> Response:
    """Open an address with urllib, through the proxy of the environment if there is one.

    Raises:
        OSError: it cannot be reached or refuses (``urllib.error.URLError`` and its children among them).
    """
    response: Response = urllib.request.urlopen(url, timeout=stall_s)
    return response


def official(weights: Weights, opener: Opener, progress: Progress, open_within_s: float) -> Generator[bytes, None, None]:
    """Yield the official file in pieces.

    Raises:
        SourceFailedError: it cannot be had, or has another size.
    """
    host, label, done = urlsplit(weights.url).hostname, f"pose model {weights.name}", 0
    try:
        response = _open_within(opener, weights.url, open_within_s)
    except (OSError, HTTPException) as error:
        raise SourceFailedError(f"{host} {_reason(error)}") from error
    with closing(response):
        progress(label, 0, weights.size)
        while True:
            try:
                chunk = response.read(_CHUNK)
            except (OSError, HTTPException) as error:
                raise SourceFailedError(f"{host} broke off after {done} of {weights.size} bytes") from error
            done += len(chunk)
            if done > weights.size or (not chunk and done < weights.size):
                amount = "more than" if done > weights.size else f"{done} of"
                raise SourceFailedError(f"{host} sent {amount} {weights.size} bytes")
            if not chunk:
                return
            progress(label, done, weights.size)
            yield chunk


def _open_within(opener: Opener, url: str, limit_s: float) -> Response:
    """Open with a limit on everything: urllib's own covers neither the look-up of the name nor one address after another."""
    answer: Future[Response] = Future()

    def ask() -> None:
        try:
            answer.set_result(opener(url, STALL_S))
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            answer.set_exception(error)

    threading.Thread(target=ask, name="official address", daemon=True).start()
    try:
        return answer.result(limit_s)
    except TimeoutError:
        answer.add_done_callback(_close_late)
        raise


def _close_late(answer: Future[Response]) -> None:
    if answer.exception() is None:
        answer.result().close()


def _reason(error: OSError | HTTPException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"answered {error.code}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    return "did not answer in time" if isinstance(cause, TimeoutError) else "cannot be reached"
