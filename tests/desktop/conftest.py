"""What the tests of the desktop share: a screen, a bus and a notification service of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop import screen


def _here(desk: screen.Desktop, monkeypatch: pytest.MonkeyPatch) -> screen.Desktop:
    for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.setenv(name, desk.env[name])
    return desk


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[screen.Desktop]:
    """A desktop with dunst; this process is on it, too."""
    if (why := screen.missing()) is not None:
        pytest.skip(why)
    with screen.desktop() as desk:
        yield _here(desk, monkeypatch)


@pytest.fixture
def bare_desktop(monkeypatch: pytest.MonkeyPatch) -> Iterator[screen.Desktop]:
    """A desktop where no notification service runs yet."""
    if (why := screen.missing()) is not None:
        pytest.skip(why)
    with screen.desktop(service=False) as desk:
        yield _here(desk, monkeypatch)
