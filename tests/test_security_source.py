"""What the source may not hold: ways to run what was read, shells, temporary names that can be guessed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "posture").rglob("*.py"))
MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "code", "codeop", "imp", "telnetlib", "ftplib", "xmlrpc"}
CALLS = {"eval", "exec", "compile", "__import__"}
DANGEROUS = {
    ("os", "system"), ("os", "popen"), ("yaml", "load"), ("tempfile", "mktemp"), ("subprocess", "getoutput"),
    ("subprocess", "getstatusoutput"), ("zipfile", "extractall"), ("tarfile", "open"), ("shutil", "unpack_archive"), ("np", "fromregex"),
}  # fmt: skip
ALLOWED = {
    ("worker.py", "import of pickle"),  # what own processes, and a Dask scheduler of the user's own, carry anyway: docs/security.md
}


def findings(tree: ast.AST) -> Iterator[str]:
    """What of it is in a module, in words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"import of {a.name}" for a in node.names if a.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").split(".")[0] in MODULES:
            yield f"import of {node.module}"
        elif isinstance(node, ast.Call):
            yield from _in_call(node)


def _in_call(node: ast.Call) -> Iterator[str]:
    if isinstance(node.func, ast.Name) and node.func.id in CALLS:
        yield f"call of {node.func.id}"
    if isinstance(node.func, ast.Attribute):
        if isinstance(node.func.value, ast.Name) and (node.func.value.id, node.func.attr) in DANGEROUS:
            yield f"call of {node.func.value.id}.{node.func.attr}"
        if node.func.attr in {"extractall", "extract"}:
            yield f"call of {node.func.attr}"
    for word in node.keywords:
        given = word.value.value if isinstance(word.value, ast.Constant) else None
        if (word.arg == "shell" and given is not False) or (word.arg == "allow_pickle" and given is not False):
            yield f"{word.arg}={ast.unparse(word.value)}"


def test_nothing_that_is_read_can_be_run() -> None:
    """No pickle, marshal, eval, exec, shell, no unpacking to names of an archive, anywhere in the package."""
    found = {(p.name, what) for p in SOURCES for what in findings(ast.parse(p.read_text(encoding="utf-8")))}
    assert found - ALLOWED == set()


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from marshal import loads",
        "eval('1')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import numpy as np\nnp.load('x', allow_pickle=True)",
        "import os\nos.system('ls')",
        "archive.extractall()",
    ],
)
def test_the_search_would_find_it(code: str) -> None:
    """The method itself works."""
    assert list(findings(ast.parse(code)))


def test_arrays_are_loaded_without_objects() -> None:
    """Every ``np.load`` says that it takes no objects."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"np.load", "numpy.load"}:
                assert any(k.arg == "allow_pickle" for k in node.keywords), f"{path.name}:{node.lineno}"
