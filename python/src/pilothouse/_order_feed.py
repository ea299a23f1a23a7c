"""Brings orders from the server, or from whoever collects the mailbox, to the control points of the script."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional
from urllib.parse import quote

from . import _limits as limits
from ._transport import Transport, Unreachable
from ._warn import warn_once

if TYPE_CHECKING:
    from ._delivery import Delivery


@dataclass(frozen=True)
class Order:
    """A command as it has arrived."""

    id: int
    kind: str
    body: Mapping[str, Any]
    #: On the monotonic clock, seconds.
    expires: float


class OrderFeed:
    """A thread that waits for orders, each of which it gives once. `arrived` is called, in that thread, when some have."""

    def __init__(
        self, delivery: Delivery, transport: Optional[Transport], mailbox: Optional[Callable[[], Optional[Mapping[str, Any]]]],
        arrived: Callable[[], None],
    ) -> None:  # fmt: skip
        self._delivery = delivery
        self._transport = transport
        self._mailbox = mailbox
        self._arrived = arrived
        self._orders: deque[Order] = deque(maxlen=limits.ORDERS_WAITING_MAX)
        self._seen: set[int] = set()
        self._last = 0
        self._stopped = threading.Event()
        #: Names of checkpoints that are pinned: no rule of the script deletes them.
        self.pinned: frozenset[str] = frozenset()
        self._thread = threading.Thread(target=self._run, name="pilothouse-orders", daemon=True)

    def start(self) -> None:
        """Begins to wait."""
        self._thread.start()

    def stop(self) -> None:
        """The job ends: nothing more is waited for."""
        self._stopped.set()

    def take(self) -> list[Order]:
        """The orders that have arrived since the last call, in the order in which they were given."""
        return [self._orders.popleft() for _ in range(len(self._orders))]

    def _run(self) -> None:
        pause_s = limits.ORDERS_RETRY_FIRST_S
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                heard = self._listen()
            except Exception as error:  # whatever it is, the job goes on and asks again
                warn_once("orders", f"Commands could not be fetched: {type(error).__name__}: {error}")
                heard = False
            if heard and time.monotonic() - began > limits.ORDERS_QUICK_S:
                pause_s = limits.ORDERS_RETRY_FIRST_S
                continue
            pause_s = limits.ORDERS_RETRY_FIRST_S if heard else min(pause_s * 1.5, self._longest_s)
            self._stopped.wait(pause_s)

    @property
    def _longest_s(self) -> float:
        return limits.ORDERS_RETRY_LONGEST_S if self._mailbox is None else limits.ORDERS_LOOK_S

    def _listen(self) -> bool:
        """One look into the mailbox, or one question. True when the server answered."""
        found = self._mailbox() if self._mailbox is not None else None
        if found is not None:
            self._receive(found)
        delivery = self._delivery
        if self._transport is None or not delivery.known or (delivery.away and self._mailbox is not None):
            return False
        return self._ask(self._transport)

    def _ask(self, transport: Transport) -> bool:
        delivery = self._delivery
        query = f"attempt={delivery.attempt}&after={self._last}&waitMs={int(limits.ORDERS_WAIT_S * 1000)}"
        path = f"/api/jobs/{quote(delivery.uid)}/commands/next?{query}"
        try:
            answer = transport.call("GET", path, b"", "application/json", limits.ORDERS_WAIT_S + limits.CONNECT_TIMEOUT_S)
        except Unreachable:
            return False
        if not answer.ok:
            return False
        self._receive(answer.body)
        return not answer.body.get("isOver")

    def _receive(self, answer: Mapping[str, Any]) -> None:
        pinned = answer.get("pinned")
        if isinstance(pinned, list):
            self.pinned = frozenset(str(name) for name in pinned)
        fresh = 0
        for command in answer.get("commands") or ():
            order = _read_order(command)
            if order is None or order.id in self._seen:
                continue
            self._seen.add(order.id)
            self._last = max(self._last, order.id)
            self._orders.append(order)
            fresh += 1
        if fresh:
            self._arrived()


def _read_order(command: Any) -> Optional[Order]:
    if not isinstance(command, dict):
        return None
    number, kind, body, left_ms = (command.get(name) for name in ("id", "kind", "body", "expiresInMs"))
    if not isinstance(number, int) or not isinstance(kind, str) or not isinstance(body, dict):
        return None
    left_s = left_ms / 1000.0 if isinstance(left_ms, (int, float)) else 0.0
    return Order(number, kind, body, time.monotonic() + left_s)
