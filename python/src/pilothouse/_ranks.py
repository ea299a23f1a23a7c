"""Has all ranks of a distributed job carry out the same orders between the same two steps.

Every K control points rank 0 tells the others how many orders there are: one small broadcast, over CPUs, on a process group of
its own. K is chosen so that this happens about once a second.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Optional, Sequence

from . import _limits as limits


class Ranks:
    """The ranks of `torch.distributed`. Every rank calls the same methods in the same order."""

    def __init__(self, distributed: Any) -> None:
        self._dist = distributed
        self._group = distributed.new_group(backend="gloo")
        self.rank: int = distributed.get_rank()
        self._every = 1
        self._began = time.monotonic()

    def share(self, orders: Sequence[Any], left: int = 0) -> tuple[list[Any], int]:
        """Rank 0's orders, on every rank, and how many control points may pass until the next call.

        left: how many of those of the last call have not passed: all of them while the job is paused, which says nothing of how
            long one takes.
        """
        passed, now = self._every - left, time.monotonic()
        if self.rank == 0 and passed > 0:
            step_s = (now - self._began) / passed
            every = int(limits.RANKS_EVERY_S / step_s) if step_s > 0 else limits.RANKS_STEPS_MAX
            self._every = max(1, min(every, limits.RANKS_STEPS_MAX, self._every * 8))
        self._began = now
        import torch  # the script has loaded it already

        head = torch.tensor([len(orders), self._every], dtype=torch.int64)
        self._dist.broadcast(head, src=0, group=self._group)
        count, self._every = (int(number) for number in head.tolist())
        if count == 0:
            return [], self._every
        held: list[Any] = [list(orders) if self.rank == 0 else None]
        self._dist.broadcast_object_list(held, src=0, group=self._group)
        return held[0], self._every

    def gather(self, value: Any) -> list[Any]:
        """What every rank gives, on every rank."""
        found: list[Any] = [None] * self._dist.get_world_size()
        self._dist.all_gather_object(found, value, group=self._group)
        return found


def find_ranks() -> Optional[Ranks]:
    """The ranks that the script has joined; None when it is alone, or its ranks speak another way."""
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return Ranks(distributed) if distributed.get_world_size() > 1 else None
