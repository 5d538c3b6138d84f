"""A real RTSP camera on this machine: GStreamer's server, which plays a recording in real time to everyone who connects.

It runs with the system's Python, which has GStreamer's bindings (Debian: gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good and -bad,
python3-gi)::

    /usr/bin/python3 tests/rtsp.py VIDEO.mp4     prints its address
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PYTHON = "/usr/bin/python3"
_TRY = "import gi; gi.require_version('GstRtspServer', '1.0'); gi.require_version('Gst', '1.0'); from gi.repository import GstRtspServer"


def missing() -> str | None:
    """Why it cannot run here; ``None`` if it can."""
    if not Path(PYTHON).exists():
        return "no system Python"
    found = subprocess.run([PYTHON, "-c", _TRY], capture_output=True, check=False)
    return None if found.returncode == 0 else "GStreamer's RTSP server is not installed"


@contextmanager
def rtsp_camera(video: Path) -> Iterator[str]:
    """Its address, for as long as the block runs."""
    with subprocess.Popen([PYTHON, __file__, str(video)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def main(video: str) -> None:
    """Serve it until the process is ended."""
    import gi  # noqa: PLC0415

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer  # noqa: PLC0415

    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service="0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f'( filesrc location="{video}" ! qtdemux ! h264parse config-interval=1 ! rtph264pay name=pay0 pt=96 )')
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    print(f"rtsp://127.0.0.1:{server.get_bound_port()}/live", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(sys.argv[1])
