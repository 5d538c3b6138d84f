"""The cameras of this machine, asked for in a process of its own: the window holds nothing that opens cameras."""

from __future__ import annotations

import json
import subprocess

from posture._support import own_command
from posture.errors import PostureError

_LIST_S = 30.0


def list_cameras() -> list[tuple[str, str]]:
    """Return name and lasting path (else the number) of each camera; no camera is opened. Takes half a second.

    Raises:
        PostureError: they cannot be listed.
    """
    try:
        found = subprocess.run(own_command("cameras", "--json"), capture_output=True, text=True, timeout=_LIST_S, check=True)
        return [(str(one["name"]), str(one["path"] or one["index"])) for one in json.loads(found.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, KeyError) as error:
        raise PostureError("The cameras can't be listed.") from error
