"""Runs the few programs that are asked something: git, nvidia-smi, sysctl, vm_stat, ps."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any, Mapping, Optional, Sequence


class ToolError(OSError):
    """Raised when a program is not installed, is too slow or ends with an error; the message says which."""


def run_tool(command: Sequence[str], timeout_s: float, environ: Optional[Mapping[str, str]] = None) -> str:
    """What `command` prints. Raises ToolError."""
    name = command[0]
    if shutil.which(name) is None:
        raise ToolError(f"{name} is not installed")
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, env=environ, check=False, **_plain_fork()
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ToolError(f"{name} did not answer within {timeout_s:g} s") from None
    except OSError as error:
        raise ToolError(f"{name} cannot be run: {error}") from error
    text = str(done.stdout, "utf-8", "replace")
    if done.returncode != 0:
        raise ToolError(f"{name} ended with code {done.returncode}: {text.strip()[:200]}")
    return text


def _plain_fork() -> dict[str, Any]:
    """Options that keep `subprocess` from using vfork.

    With vfork it blocks all signals for a moment. When the child ends within it, the kernel does not throw SIGCHLD away
    but interrupts the script's thread, whose write to a full pipe then comes out short; an unbuffered `sys.stdout`
    (`python -u`) does not notice and loses the rest of the text. Naming the user that runs us anyway makes it fork.
    """
    if hasattr(os, "getresuid") and len(set(os.getresuid())) == 1:
        return {"user": os.getuid()}
    return {}
