"""Where the things are that a job made or used: place, size and checksum. Nothing is copied or sent."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from queue import Queue
from time import time as now
from typing import Any, Callable, Iterator, Mapping, Optional

from . import _limits as limits
from ._config import to_config
from ._errors import OptionError
from ._host import host_name
from ._text import cut_text, hide_credentials
from ._warn import warn_once

KINDS = ("model", "dataset", "checkpoint", "file")
_BLOCK_BYTES = 1024 * 1024


class ArtifactRecorder:
    """Reads files through in a thread of its own and tells what it found. The script never waits for it."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._waiting: Queue[tuple[dict[str, Any], Path]] = Queue(limits.ARTIFACTS_WAITING_MAX)
        self._thread: Optional[threading.Thread] = None
        self._lock = threading.Lock()
        self._hurry = threading.Event()

    def record(self, event: dict[str, Any], path: Optional[Path]) -> None:
        """Tells `event`, with sizes and checksums when there is a `path` to read."""
        if path is None:
            self._tell(event)
            return
        with self._lock:
            if self._waiting.full():
                warn_once("artifacts", f"More than {limits.ARTIFACTS_WAITING_MAX} artifacts wait; «{event['name']}» is left out.")
                return
            self._waiting.put_nowait((event, path))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pilothouse-artifacts", daemon=True)
                self._thread.start()

    def settle(self, timeout_s: float) -> None:
        """Waits for what is under way; after `timeout_s` the rest is told without checksums."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is None:
            return
        timer = threading.Timer(timeout_s, self._hurry.set)
        timer.daemon = True
        timer.start()
        self._waiting.put(({}, Path()))
        thread.join(timeout_s + 2.0)
        timer.cancel()

    def _run(self) -> None:
        while True:
            event, path = self._waiting.get()
            if not event:
                return
            try:
                self._tell({**event, **describe_files(path, self._hurry.is_set)})
            except OSError as error:
                warn_once(
                    f"artifact:{path}", f"artifact(): {path} cannot be read ({error.strerror or error}); told without its size."
                )
                self._tell(event)


def describe_artifact(
    place: Any, *, name: Optional[str], kind: str, metadata: Optional[Mapping[str, Any]], direction: str, step: float
) -> tuple[dict[str, Any], Optional[Path]]:
    """The event, and the path that is to be read for it. Raises OptionError."""
    if kind not in KINDS:
        raise OptionError(f"kind is «{kind}», one of {', '.join(KINDS)} was expected")
    text = os.fspath(place) if isinstance(place, (str, os.PathLike)) else str(place)
    text = text if isinstance(text, str) else os.fsdecode(text)
    remote = "://" in text
    path = None if remote else Path(text).expanduser().absolute()
    event: dict[str, Any] = {
        "name": cut_text(str(name or text.rstrip("/").rpartition("/")[2] or text or "artifact"), limits.NAME_LENGTH_MAX),
        "kind": kind,
        "direction": direction,
        "uri": cut_text(hide_credentials(text) if path is None else str(path), limits.URI_LENGTH_MAX),
        "at": now() * 1000.0,
        "step": step,
        "metadata": to_config(metadata or {}),
    }
    if path is not None:
        event["host"] = host_name()
        if not path.exists():
            warn_once(f"artifact:{path}", f"artifact(): {path} is not there; its place is told without a size.")
            path = None
    return event, path


def describe_files(path: Path, hurried: Callable[[], bool]) -> dict[str, Any]:
    """Size and checksum of a file, or of the files in a folder. Raises OSError."""
    if path.is_file():
        size = path.stat().st_size
        checksum = _checksum(path, hurried) if size <= limits.CHECKSUM_BYTES_MAX else None
        return {"bytes": size, "sha256": checksum, "filesTotal": 1}
    files: list[dict[str, Any]] = []
    total, count, room, whole = 0, 0, limits.CHECKSUM_ALL_BYTES_MAX, hashlib.sha256()
    complete = True
    for file in _list_files(path):
        size = file.stat().st_size
        total, count = total + size, count + 1
        checksum = _checksum(file, hurried) if size <= min(room, limits.CHECKSUM_BYTES_MAX) else None
        room -= size if checksum else 0
        complete = complete and checksum is not None
        relative = file.relative_to(path).as_posix()
        whole.update(f"{relative}\0{checksum}\n".encode("utf-8", "replace"))
        if len(files) < limits.ARTIFACT_FILES_MAX:
            files.append({"path": cut_text(relative, limits.URI_LENGTH_MAX), "bytes": size, "sha256": checksum})
    return {"bytes": total, "sha256": whole.hexdigest() if complete else None, "files": files, "filesTotal": count}


def _list_files(folder: Path) -> Iterator[Path]:
    """All plain files below, in the order of their names. Links are not followed out of the folder."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            file = Path(root) / name
            if file.is_file() and not file.is_symlink():
                yield file


def _checksum(path: Path, hurried: Callable[[], bool]) -> Optional[str]:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            if hurried():
                return None
            found.update(block)
    return found.hexdigest()
