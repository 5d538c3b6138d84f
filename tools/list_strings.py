"""Lists what users can read, room by room, in one file: to be read at once, and the ground for translations.

From the code come all string literals that are words (no docstrings but those that are a command's help, no log lines, no SQL),
from the catalogue its values, from the templates of pages their text. What stands in braces is filled in.

Run:  python tools/list_strings.py
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "strings.txt"
_HEAD = "What users of the posture monitor can read, file by file. Made by tools/list_strings.py; what stands in braces is filled in.\n"
_WORDS = re.compile(r"[^\W\d_]{2,}[^\w\s]{0,2} +[\w({\"']|\b0 [^\W\d_]{3,}")
"""Two words in a row, or a number and a word."""
_LABEL = re.compile(r"[A-Z][a-z]+[.:]?")
_CODE = re.compile(
    r"^\s*(SELECT|INSERT|CREATE|UPDATE|DELETE|PRAGMA|DROP|ALTER|VACUUM|BEGIN|FROM|WHERE|AND|ORDER|REPLACE|JOIN)\b|^\s*[<#.]|[;{}]\s*$"
    r"|\bIS NULL\b|\bAS \w+|_utc\b|_id\b|\b(RTSP|HTTP)/1"
)
_SILENT_CALLS = {"compile", "getLogger", "debug", "info", "warning", "exception", "execute", "executemany", "field_serializer", "TypeVar"}
_NOT_SHOWN = {"posture/storage/schema.py", "posture/_support/logs.py"}
_TAG = re.compile(r"<!--.*?-->|\{#.*?#\}|<(style|script)\b.*?</\1>", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_JS_STRING = re.compile(r'"([^"\n]*)"|`([^`]*)`|\'([^\'\n]*)\'')


def is_words(text: str) -> bool:
    """Tell whether a literal is meant for people."""
    return "\r" not in text and not _CODE.search(text) and bool(_WORDS.search(text) or _LABEL.fullmatch(text))


def of_code(source: str) -> Iterator[str]:
    """Yield the words in Python code, in its order."""
    yield from _of_node(ast.parse(source), labels=False)


def _of_node(node: ast.AST, *, labels: bool) -> Iterator[str]:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _SILENT_CALLS:
            return
        case ast.Constant(value=str(text)):
            if is_words(text) or (labels and re.search(r"[^\W\d_]{3,}", text)):
                yield text
            return
        case ast.JoinedStr(values=parts):
            text = "".join(_part(part) for part in parts)
            if is_words(re.sub(r"\{[^}]*\}", "0", text)):
                yield text
            yield from (said for part in parts if isinstance(part, ast.FormattedValue) for said in _of_node(part.value, labels=False))
            return
        case ast.FunctionDef(decorator_list=decorators) if any("command(" in (d := ast.unparse(x)) or "callback(" in d for x in decorators):
            yield re.sub(r"\n +", "\n", ast.get_docstring(node) or "")
        case ast.Dict(keys=keys, values=values):
            said = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
            told = any(is_words(text) for text in said)
            for key, value in zip(keys, values, strict=True):
                yield from _of_node(key, labels=False) if key is not None else ()
                yield from _of_node(value, labels=told)
            return
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        yield from _of_node(child, labels=False)


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    return "{" + (ast.unparse(part.value) if isinstance(part, ast.FormattedValue) else "") + "}"


def of_template(text: str) -> Iterator[str]:
    """Yield the words of a page's template: its text, and what attributes and expressions say."""
    text = _TAG.sub("", text)
    bare = re.sub(r"<[^>]*>", "\n", _STATEMENT.sub("", text))
    lines = (" ".join(line.split()) for line in bare.splitlines())
    yield from (line for line in lines if re.search(r"[^\W\d_]{2,}", re.sub(r"\{\{.*?\}\}", "", line)))
    quoted = (a or b for a, b in re.findall(r'(?:alt|title|aria-label|data-label)="([^"{]+)"|\{[{%][^}]*?"([^"{}]+ [^"{}]+)"', text))
    yield from (said for said in quoted if is_words(said))


def of_script(text: str) -> Iterator[str]:
    """Yield the words of a page's script."""
    yield from (said for found in _JS_STRING.findall(text) if is_words(said := "".join(found)))


def of_toml(value: Any) -> Iterator[str]:
    """Yield the words of a catalogue."""
    if isinstance(value, str) and is_words(value):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from of_toml(inner)


def of_file(path: Path) -> list[str]:
    """Return the words of one file, each once, in its order."""
    text = path.read_text(encoding="utf-8")
    read = {".py": of_code, ".j2": of_template, ".js": of_script, ".toml": lambda t: of_toml(tomllib.loads(t))}[path.suffix]
    return list(dict.fromkeys(read(text)))


def everything() -> str:
    """Return the whole list."""
    out = [_HEAD]
    for path in sorted((ROOT / "posture").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix not in {".py", ".j2", ".js", ".toml"} or name in _NOT_SHOWN:
            continue
        said = of_file(path)
        if said:
            out += [f"\n## {name}\n", *(text.strip("\n").replace("\n", "\n    ") + "\n" for text in said)]
    return "".join(out)


def main() -> None:
    """Write the list anew."""
    OUT.write_text(everything(), encoding="utf-8")
    sys.stdout.write(f"{OUT.relative_to(ROOT)} written\n")


if __name__ == "__main__":
    main()
