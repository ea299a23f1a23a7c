"""Whether a script reads arguments in a way that can be told, seen in its text alone: one that does not is not run at all."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional

#: Their parsers can be asked.
READS = re.compile(
    r"\b(argparse|ArgumentParser|parse_args|parse_known_args|jsonargparse|LightningCLI|HfArgumentParser|auto_cli)\b"
    r"|\bhydra\s*\.\s*main\b|\bfrom\s+hydra\s+import\b|\b(import|from)\s+simple_parsing\b"
)
#: These are known by name, and no more.
OTHERS = re.compile(r"^\s*(?:import|from)\s+(click|typer|fire|tyro|absl|docopt|cyclopts|plac|draccus|optparse)\b", re.M)
FILES_MAX = 200
FILE_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True)
class Found:
    """reads: its arguments can be told. recognised: it takes them by this library, which cannot be asked."""

    reads: bool
    recognised: Optional[str]


def scan_script(script: Path) -> Found:
    """Looks into the script and what it imports of its own folder, at most so many files."""
    waiting, seen = [script], {script}
    recognised: Optional[str] = None
    while waiting and len(seen) <= FILES_MAX:
        file = waiting.pop(0)
        text = _read(file)
        if READS.search(text):
            return Found(True, None)
        other = OTHERS.search(text)
        if other and recognised is None:
            recognised = other.group(1)
        for found in _list_imports(text, file.parent, script.parent):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return Found(False, recognised)


def _read(file: Path) -> str:
    try:
        with open(file, "rb") as stream:
            return stream.read(FILE_BYTES_MAX).decode("utf-8", "replace")
    except OSError:
        return ""


def _list_imports(text: str, here: Path, top: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return  # running it says what is wrong
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield from _find_module(top, name.name)
        elif isinstance(node, ast.ImportFrom):
            folder = top
            if node.level:
                folder = here
                for _ in range(node.level - 1):
                    folder = folder.parent
            yield from _find_module(folder, node.module or "")
            for name in node.names:
                yield from _find_module(folder, f"{node.module}.{name.name}" if node.module else name.name)


def _find_module(folder: Path, name: str) -> Iterator[Path]:
    parts = [part for part in name.split(".") if part]
    if not parts:
        return
    place = folder.joinpath(*parts)
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            yield file
