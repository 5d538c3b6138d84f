"""axe-core, the checker of accessibility, for pages in the browser of the tests. Fetched by npm where there is one; never kept here."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from desktop.browser import Page

_VERSION = "4"
_FETCH_S = 90.0


def fetched(folder: Path) -> str | None:
    """The checker's script, put into `folder`; ``None`` where there is no npm or it cannot fetch."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    options = ["--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--silent"]
    try:
        done = subprocess.run([npm, "install", *options, f"axe-core@{_VERSION}"], capture_output=True, timeout=_FETCH_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    script = folder / "node_modules" / "axe-core" / "axe.min.js"
    return script.read_text(encoding="utf-8") if done.returncode == 0 and script.exists() else None


def violations(page: Page, script: str) -> list[str]:
    """What the checker finds wrong with the page that is open, best practice included: rule, and where."""
    page.run(f"(() => {{ {script}\n; return typeof axe }})()")
    found: list[dict[str, Any]] = json.loads(
        page.run("axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations))")
    )
    return [f"{v['id']}: {n['html'][:160]} {n['failureSummary']}" for v in found for n in v["nodes"]]
