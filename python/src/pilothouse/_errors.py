"""The errors that `init` raises. Once a job runs, nothing of this package raises into the script."""

from __future__ import annotations


class PilothouseError(Exception):
    """Base of what this package raises."""


class OptionError(PilothouseError, ValueError):
    """Raised by `init`, `update` and `finish` when an option or an environment variable has no such name or value."""
