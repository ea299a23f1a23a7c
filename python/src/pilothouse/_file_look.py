"""Looks from time to time whether the files of checkpoints are where they were written, and as large.

Only what is known to be so is a fault: a folder that cannot be read, or on another disk than before, says nothing of them.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any, Callable, Optional

from . import _limits as limits
from ._checkpoint_files import fate_of, list_files


class FileLook:
    """Knows what this process wrote or found. `tell` gets the fate of one whenever that has changed, in the thread that looks."""

    def __init__(self, folder: Path, tell: Callable[[dict[str, Any]], None]) -> None:
        self._folder = folder
        self._tell = tell
        #: Held while a checkpoint is written or deleted: a look in between would see half of it.
        self.lock = threading.RLock()
        self._sizes: dict[str, int] = {}
        self._states: dict[str, str] = {}
        self._device: Optional[int] = None
        self._stopped = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def note(self, name: str, size: int) -> None:
        """It has been written, or found, and is so large."""
        with self.lock:
            self._sizes[name] = size
            self._states[name] = "present"
            self._device = self._read_device()
            if len(self._sizes) > limits.FILES_LOOKED_MAX:
                self.forget(next(iter(self._sizes)))
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="pilothouse-files", daemon=True)
                self._thread.start()

    def forget(self, name: str) -> None:
        """It has been deleted, or nobody is to be told of it any more."""
        with self.lock:
            self._sizes.pop(name, None)
            self._states.pop(name, None)

    def stop(self) -> None:
        """The job ends."""
        self._stopped.set()

    def look(self) -> None:
        """Looks once, and tells what has changed."""
        for name in tuple(self._sizes):
            with self.lock:
                size = self._sizes.get(name)
                if size is None:
                    continue
                state, reason = self._judge(self._folder / name, size)
                if self._states.get(name) == state:
                    continue
                self._states[name] = state
                self._tell(fate_of(name, state, reason))

    def _run(self) -> None:
        while not self._stopped.wait(limits.FILES_LOOK_S):
            self.look()

    def _judge(self, path: Path, size: int) -> tuple[str, Optional[str]]:
        device = self._read_device()
        if device is None:
            return "hidden", f"{self._folder} is not there or cannot be read: its disk may not be mounted."
        try:
            found = path.stat().st_size if not path.is_dir() else sum(file.stat().st_size for file in list_files(path))
        except FileNotFoundError:
            if device != self._device:
                return "hidden", f"{self._folder} is on another disk than before: its own may not be mounted."
            return "missing", f"{path} is not there any more."
        except OSError as error:
            return "hidden", f"{path} cannot be looked at ({error.strerror or error})."
        if found != size:
            return "corrupt", f"{path} has {found} bytes instead of {size}."
        return "present", None

    def _read_device(self) -> Optional[int]:
        try:
            os.listdir(self._folder)
            return self._folder.stat().st_dev
        except OSError:
            return None
