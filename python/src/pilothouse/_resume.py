"""Going on with a job that was there before."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Optional

from . import _limits as limits
from ._delivery import Delivery
from ._errors import OptionError
from ._spool_files import write_whole
from ._warn import warn_once

#: Option → what the server is asked for.
_ON_THE_WIRE = {"allow": "allow", "must": "must", "never": "never", "auto": "allow"}
_UID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}")


def read_resume(resume: Any, uid: Optional[str]) -> Optional[str]:
    """The option as a word: `allow`, `must`, `never`, `auto` or None. True means `allow` with an id, `auto` without one.

    Raises OptionError.
    """
    if resume is None or resume is False:
        return None
    if resume is True:
        return "allow" if uid else "auto"
    if resume not in _ON_THE_WIRE:
        raise OptionError(f"resume is {resume!r}, one of {', '.join(_ON_THE_WIRE)} or True was expected")
    if resume in ("must", "never") and not uid:
        raise OptionError(f'resume="{resume}" needs the id of a job: init(id=…, resume="{resume}")')
    return str(resume)


def check_uid(uid: Any) -> Optional[str]:
    """An id that the wire takes. Raises OptionError."""
    if uid is None:
        return None
    if not isinstance(uid, str) or not _UID.fullmatch(uid):
        raise OptionError(f"id is {uid!r}; 4 to 64 letters, digits, «-» or «_», beginning with a letter or digit were expected")
    return uid


def wire_word(resume: str) -> str:
    """The option as the server knows it."""
    return _ON_THE_WIRE[resume]


class LastRun:
    """Remembers the job of the same script in the same folder while it runs, for `resume="auto"`: what is still there was
    not completed."""

    def __init__(self, data_folder: Path, project: Optional[str]) -> None:
        what = json.dumps([os.getcwd(), sys.argv[0] if sys.argv else "", project])
        self._file = data_folder / "resume" / (hashlib.sha256(what.encode("utf-8", "replace")).hexdigest()[:24] + ".json")

    def read(self) -> Optional[str]:
        """The job that was not completed; None without one."""
        try:
            uid = json.loads(self._file.read_text(encoding="utf-8")).get("uid")
        except (OSError, ValueError, AttributeError):
            return None
        return uid if isinstance(uid, str) and _UID.fullmatch(uid) else None

    def write(self, uid: str) -> None:
        """A job begins."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self._file, json.dumps({"uid": uid}).encode("utf-8"))
        except OSError as error:
            warn_once(
                "resume-file",
                f'{self._file} cannot be written ({error.strerror or error}); resume="auto" will not find this job.',
            )

    def forget(self) -> None:
        """The job was completed."""
        try:
            self._file.unlink()
        except OSError:  # not there
            pass


def await_word(delivery: Delivery, resume: str) -> None:
    """Waits for the server's word on the job. Raises OptionError when it refuses it."""
    if not delivery.decided.wait(limits.RESUME_TIMEOUT_S) and delivery.refusal is None:
        warn_once("resume", f'resume="{resume}": the server does not answer; reporting goes on, and steps are counted from 1.')
        return
    if delivery.refusal is not None:
        raise OptionError(f'init(id="{delivery.uid}", resume="{resume}"): {delivery.refusal.reason}')
