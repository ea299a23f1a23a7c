"""What a script can be told, as it is told to the server: nothing else is offered on the page."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from ._checkpoints import Checkpoints
from ._parameter import Parameter


def describe_controls(
    parameters: Iterable[Parameter], checkpoints: Optional[Checkpoints], can_evaluate: bool
) -> dict[str, Any]:  # fmt: skip
    """Kinds of commands that it takes, how it goes back, and its parameters with their values."""
    declared = [parameter.declare() for parameter in parameters]
    kinds = ["pause", "resume", "stop"]
    if declared:
        kinds += ["set", "schedule", "cancelSchedule"]
    rollback = None
    if checkpoints is not None:
        kinds += ["checkpoint", "deleteCheckpoint", "copy"]
        if checkpoints.can_load:
            kinds.append("rollback")
            rollback = {"way": checkpoints.way, "covers": checkpoints.covers}
    if can_evaluate:
        kinds.append("evaluate")
    return {"kinds": kinds, "rollback": rollback, "parameters": declared}
