"""The errors of this package. Once a job runs, nothing of it raises into the script but for options that do not exist."""

from __future__ import annotations

from typing import Optional


class PilothouseError(Exception):
    """Base of what this package raises."""


class OptionError(PilothouseError, ValueError):
    """Raised by `init`, `update` and `finish` when an option or an environment variable has no such name or value."""


class ApiError(PilothouseError):
    """Raised by `pilothouse.api()` when the server does not answer, or answers that it cannot.

    status: of the answer; None without one. code, hint: the server's own words, if it gave any.
    """

    def __init__(
        self, message: str, *, status: Optional[int] = None, code: Optional[str] = None, hint: Optional[str] = None
    ) -> None:
        super().__init__(f"{message} {hint}" if hint else message)
        self.status = status
        self.code = code
        self.hint = hint
