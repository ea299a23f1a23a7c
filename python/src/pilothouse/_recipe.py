"""What is needed to start the same thing again: command line, folder, commit, Python, packages, environment."""

from __future__ import annotations

import os
import platform
import re
import sys
from importlib import metadata
from typing import Any, Mapping, Optional, Sequence

from ._config import HIDDEN
from ._limits import GIT_TIMEOUT_S
from ._text import clean_text, cut_text, hide_credentials
from ._tool import ToolError, run_tool

_SECRET_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|COOKIE|PRIVATE|SIGNATURE|DSN|SESSION|CERT|(DATABASE|REDIS|MONGO|BROKER)_UR[IL]",
    re.IGNORECASE,
)
_SECRET_OPTION = re.compile(
    r"(api[-_]?key|secret|passw(or)?d|credentials?|(^|[-_.])(access|auth|hub|hf|api|bearer)[-_]token|^-*token)$", re.IGNORECASE
)
_PACKAGES_MAX = 2_000
_VALUE_MAX = 4 * 1024


def collect_recipe(environ: Mapping[str, str], command: Sequence[str], folder: str) -> dict[str, Any]:
    """The whole recipe. Takes up to some seconds where git is slow: call it from a background thread."""
    recipe: dict[str, Any] = {
        "command": hide_arguments(command),
        "workingDirectory": clean_text(folder),
        "environment": choose_environment(environ),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": list_packages(),
    }
    git = read_git(folder)
    if git is not None:
        recipe["git"] = git
    return recipe


def command_line() -> list[str]:
    """The command that started this process, the interpreter first."""
    original: Sequence[str] = getattr(sys, "orig_argv", None) or ["python", *sys.argv]
    return [sys.executable or original[0], *original[1:]]


def choose_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables whose names do not sound like a secret, credentials in URLs left out."""
    return {
        clean_text(name): cut_text(hide_credentials(value), _VALUE_MAX)
        for name, value in sorted(environ.items())
        if not _SECRET_NAME.search(name)
    }


def hide_arguments(command: Sequence[str]) -> list[str]:
    """The command with the values of options such as `--api-key` hidden."""
    shown: list[str] = []
    hide_next = False
    for argument in command:
        name, separator, _ = argument.partition("=")
        secret = bool(_SECRET_OPTION.search(name)) and (argument.startswith("-") or bool(separator))
        if hide_next and not argument.startswith("-"):
            shown.append(HIDDEN)
        else:
            shown.append(f"{name}={HIDDEN}" if secret and separator else clean_text(hide_credentials(argument)))
        hide_next = secret and not separator
    return shown


def list_packages() -> dict[str, str]:
    """Installed distributions and their versions."""
    packages: dict[str, str] = {}
    for distribution in metadata.distributions():
        try:
            name, version = distribution.metadata["Name"], distribution.version
        except Exception:  # noqa: S112 - a broken installation of something else
            continue
        if name and version and len(packages) < _PACKAGES_MAX:
            packages.setdefault(str(name), str(version))
    return dict(sorted(packages.items(), key=lambda item: item[0].lower()))


def read_git(folder: str) -> Optional[dict[str, Any]]:
    """Commit, branch, remote and whether tracked files were changed. None without git, a repository or a commit.

    Each call of git may take `GIT_TIMEOUT_S`; where only the status is too slow, the commit comes without `dirty`.
    """
    status = _git(folder, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    if status is None:
        commit = _git(folder, "rev-parse", "HEAD")
        return None if commit is None else {"commit": commit.strip()}
    fields = dict(line[2:].split(" ", 1) for line in status.splitlines() if line.startswith("# ") and " " in line[2:])
    commit, branch = fields.get("branch.oid", ""), fields.get("branch.head")
    if not re.fullmatch(r"[0-9a-f]{7,64}", commit):
        return None
    remote = _git(folder, "config", "--get", "remote.origin.url")
    return {
        "commit": commit,
        "branch": None if branch == "(detached)" else branch,
        "remote": hide_credentials(remote.strip()) if remote else None,
        "dirty": any(not line.startswith("#") for line in status.splitlines()),
    }


def _git(folder: str, *arguments: str) -> Optional[str]:
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        return run_tool(["git", "-C", folder, *arguments], GIT_TIMEOUT_S, environ)
    except ToolError:
        return None
