"""``python -m posture.crew_worker``: one process of a crew; see `posture.crew`."""

from __future__ import annotations

from posture.crew import serve
from posture.worker import main

if __name__ == "__main__":
    main(serve)
