"""The pages of the documentation: they build without a warning, have every public name, and load nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT

import posture
from posture import settings, types as model

LOADING = {**dict.fromkeys(("script", "img", "iframe", "source", "video", "audio", "embed"), "src"), "object": "data"}
"""The attribute of each element by which a page loads something by itself."""
LOADING_LINKS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
STYLE_LOADS = re.compile(r"@import\s+(?:url\()?[\"']?([^\"')\s;]+)|url\(\s*[\"']?([^\"')]+)")
ROLE = re.compile(r":(?:func|class|meth|mod|data|attr|exc):")
"""Markup of another documentation program, which these pages would show as it stands."""

needs_mkdocs = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("mkdocs", "material", "mkdocstrings")),
    reason="mkdocs-material or mkdocstrings is not installed",
)


class Page(HTMLParser):
    """What a page loads by itself, which anchors it has, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self._style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._style = tag == "style"
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in LOADING and found.get(LOADING[tag]):
            self.loads.append(found[LOADING[tag]])
        if tag == "link" and LOADING_LINKS & set(found.get("rel", "").split()):
            self.loads.append(found["href"])
        self.loads += [part.split()[0] for part in found.get("srcset", "").split(",") if part.strip()]
        self.loads += style_loads(found.get("style", ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self._style:
            self.loads += style_loads(data)

    def handle_endtag(self, tag: str) -> None:
        self._style = False


def style_loads(text: str) -> list[str]:
    """The addresses that a style sheet loads."""
    return [imported or used for imported, used in STYLE_LOADS.findall(text)]


def elsewhere(address: str) -> bool:
    """Whether an address is on another host."""
    parts = urlsplit(address.strip())
    return bool(parts.netloc) or parts.scheme not in ("", "data")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(out)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    """Every built page by its path."""
    return {p.relative_to(site).as_posix(): Page(p.read_text(encoding="utf-8")) for p in sorted(site.rglob("*.html"))}


@needs_mkdocs
def test_the_reference_has_every_public_name(pages: dict[str, Page]) -> None:
    """What the package offers has a place of its own in the reference, and so has what its members give."""
    anchors = set().union(*(page.anchors for name, page in pages.items() if name.startswith("api/")))
    offered = {f"{getattr(posture, name).__module__}.{name}" for name in posture.__all__ if name != "__version__"}
    values = {
        f"{value.__module__}.{name}"
        for module in (model, settings)
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__.startswith(module.__name__)
    }
    members = {
        "posture.recordings.result.Recording.write",
        "posture.recordings.result.Recording.readings",
        "posture.recordings.pipeline.Pipeline.frame",
    }
    assert offered | values | members <= anchors, sorted((offered | values | members) - anchors)


@needs_mkdocs
def test_pages_load_nothing_from_elsewhere(site: Path, pages: dict[str, Page]) -> None:
    """No script, style, font or picture comes from another host: reading the pages tells nobody."""
    found = [(name, address) for name, page in pages.items() for address in page.loads if elsewhere(address)]
    for sheet in site.rglob("*.css"):
        found += [(sheet.name, address) for address in style_loads(sheet.read_text(encoding="utf-8")) if elsewhere(address)]
    assert pages
    assert not found, found


@needs_mkdocs
def test_links_between_pages_lead_somewhere(site: Path, pages: dict[str, Page]) -> None:
    """Every link within the site leads to a page, and to a place on it, that is there."""
    broken = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if name == "404.html" or parts.scheme or parts.netloc:
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            path = os.path.relpath(target.resolve(), site.resolve())
            path = "index.html" if path == "." else Path(path).as_posix()
            if not (site / path).exists() or (parts.fragment and path in pages and unquote(parts.fragment) not in pages[path].anchors):
                broken.append((name, link))
    assert not broken, broken


@needs_mkdocs
def test_docstrings_are_markdown(pages: dict[str, Page]) -> None:
    """No page shows markup that is meant for another documentation program."""
    shown = {name: ROLE.findall(" ".join(page.words)) for name, page in pages.items()}
    assert not {name: roles for name, roles in shown.items() if roles}


def test_what_a_page_loads_is_found() -> None:
    """Scripts, styles, pictures and what style sheets name are loads; a link that somebody has to follow is none."""
    page = Page(
        '<link rel="stylesheet" href="//a.example/x.css"><script src="https://b.example/s.js"></script><style>@import "http://c.example/y";'
        '</style><img src="p.png" srcset="http://d.example/2.png 2x"><p style="background: url(http://e.example/f)"><a id="k" href="http://f.example/">'
    )
    assert [address for address in page.loads if elsewhere(address)] == [
        "//a.example/x.css",
        "https://b.example/s.js",
        "http://c.example/y",
        "http://d.example/2.png",
        "http://e.example/f",
    ]
    assert page.anchors == {"k"}
    assert not elsewhere("data:image/png;base64,AA==")


def test_the_citation_names_this_version() -> None:
    """And the authors that the package names."""
    lines = (ROOT / "CITATION.cff").read_text(encoding="utf-8").splitlines()
    package = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"version: {posture.__version__}" in lines
    assert [f"  - name: {author['name']}" for author in package["authors"]] == [x for x in lines if x.startswith("  - name: ")]
