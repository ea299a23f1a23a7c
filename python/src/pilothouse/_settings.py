"""What the environment says. The one module that reads PILOTHOUSE_* variables, ranks and the data folder."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Optional

from ._claim import Place, is_child_of_reporter, read_place
from ._errors import OptionError

MODES = ("online", "offline", "disabled")


@dataclass(frozen=True)
class Settings:
    """Where and as what to report."""

    mode: str
    #: Address of the server; None = `server.json` in the data folder says it.
    url: Optional[str]
    token: Optional[str]
    token_file: Optional[Path]
    #: Adopt this job and attempt: a launcher or `pilothouse run` made them.
    job: Optional[str]
    attempt: Optional[int]
    project: Optional[str]
    data_folder: Path
    #: Folder on a shared file system in which somebody collects reports.
    mailbox: Optional[Path]
    #: True when a wrapper (`pilothouse run`) already captures what the script prints, samples host and GPUs, and tells
    #: how it ended.
    wrapped: bool
    #: Where the wrapper looks for what the SDK has to say to it.
    wrapper_file: Optional[Path]
    #: Which of the processes of a distributed job this is.
    place: Place
    #: True when a script that reports has started this one.
    child: bool
    #: True when the scheduler has started the job anew: the attempt that a launcher exported is over.
    requeued: bool


def read_settings(environ: Mapping[str, str], mode: Optional[str] = None) -> Settings:
    """Reads the environment. `mode`: the option of `init`, which goes before PILOTHOUSE_MODE.

    Raises OptionError when a variable has no such value.
    """
    attempt = _text(environ, "PILOTHOUSE_ATTEMPT")
    if attempt is not None and not (attempt.isdigit() and int(attempt) > 0):
        raise OptionError(f"PILOTHOUSE_ATTEMPT is «{attempt}», a number from 1 on was expected")
    url, token_file = _text(environ, "PILOTHOUSE_URL"), _text(environ, "PILOTHOUSE_TOKEN_FILE")
    mailbox = _text(environ, "PILOTHOUSE_MAILBOX")
    if url is not None and not url.startswith(("http://", "https://")):
        raise OptionError(f"PILOTHOUSE_URL is «{url}», http://… or https://… was expected")
    child = is_child_of_reporter(environ, os.getpid())
    wrapper_file = _text(environ, "PILOTHOUSE_WRAPPER_FILE")
    return Settings(
        mode=_choose("mode", mode, _text(environ, "PILOTHOUSE_MODE") or "online"),
        url=url.rstrip("/") if url else None,
        token=_text(environ, "PILOTHOUSE_TOKEN"),
        token_file=Path(token_file) if token_file else None,
        job=_text(environ, "PILOTHOUSE_JOB"),
        attempt=int(attempt) if attempt else None,
        project=_text(environ, "PILOTHOUSE_PROJECT"),
        data_folder=find_data_folder(environ),
        mailbox=Path(mailbox) if mailbox else None,
        wrapped=_read_output(_text(environ, "PILOTHOUSE_OUTPUT")),
        wrapper_file=Path(wrapper_file) if wrapper_file else None,
        place=Place(0, 0, False) if child else read_place(environ),
        child=child,
        requeued=environ.get("SLURM_RESTART_COUNT", "0").strip() not in ("", "0"),
    )


def find_data_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path:
    """PILOTHOUSE_DATA, else the place where this system keeps data of programs."""
    named = _text(environ, "PILOTHOUSE_DATA")
    if named:
        return Path(named)
    if platform == "darwin":
        return Path(os.path.expanduser("~")) / "Library" / "Application Support" / "pilothouse"
    shared = _text(environ, "XDG_DATA_HOME")
    return (Path(shared) if shared else Path(os.path.expanduser("~")) / ".local" / "share") / "pilothouse"


def _text(environ: Mapping[str, str], name: str) -> Optional[str]:
    return environ.get(name, "").strip() or None


def _choose(name: str, option: Optional[str], fallback: str) -> str:
    chosen = fallback if option is None else option
    if chosen not in MODES:
        raise OptionError(f"{name} is «{chosen}», one of {', '.join(MODES)} was expected")
    return chosen


def _read_output(output: Optional[str]) -> bool:
    if output not in (None, "sdk", "wrapper"):
        raise OptionError(f"PILOTHOUSE_OUTPUT is «{output}», one of sdk, wrapper was expected")
    return output == "wrapper"
