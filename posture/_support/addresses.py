"""Addresses of cameras and streams without user name, password and query: the one place that takes them out."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]*://)(?P<rest>[^\s'\"<>]*)")
_NAMED_SECRET = re.compile(r"(?i)\b(\w*(?:pass|pwd|secret|token|user|usr|auth|login)\w*)=[^\s'\"&/]+")
_HIDDEN = "..."


def bare_address(address: str) -> str:
    """Return scheme, host, port and path of an address alone; the scheme in lower case."""
    scheme, _, rest = address.strip().partition("://")
    return f"{scheme.lower()}://{_place(rest)[1].partition('#')[0]}"


def without_credentials(text: str) -> str:
    """Replace user names, passwords and queries of the addresses in `text`, and ``password=...`` outside of them, by ``...``."""
    return _NAMED_SECRET.sub(rf"\1={_HIDDEN}", _ADDRESS.sub(lambda found: found["scheme"] + _hidden(found["rest"]), text))


def word_without_credentials(word: str) -> str:
    """Do the same to one word of a command line, which is at most one address: its password may hold spaces and quotes as well."""
    before, scheme, rest = word.partition("://")
    _, at, place = rest.rpartition("@")
    return without_credentials(f"{before}{scheme}{_HIDDEN}@{place}" if at else word)


def _hidden(rest: str) -> str:
    user, path, query = _place(rest)
    return (f"{_HIDDEN}@" if user is not None else "") + path + (f"?{_HIDDEN}" if query else "")


def _place(rest: str) -> tuple[str | None, str, str]:
    """Split what follows ``://`` into user information (``None``: there is none), host with path, and query.

    User information goes up to the last @: a password that was not escaped may hold @, / and ? itself.
    """
    user, at, place = rest.rpartition("@")
    path, query, _ = place.partition("?")
    return user if at else None, path, query
