"""Brings numbered reports to the server, in order.

    healthy   the server answers; reports go straight to it
    away      it does not, or cannot take them now: each report is kept on disk, and after a growing pause the oldest is
              tried again; when it arrives, all others follow
    closed    somebody took over what is left (the process ends while a call hangs)

A report keeps its number for ever, so one that arrives twice (the answer was lost) changes nothing. When it is sent from
disk, `sentAt` is stamped anew: the server measures the clock with it.
"""

from __future__ import annotations

import json
import random
import threading
import time
from typing import Any, Callable, Mapping, Optional
from urllib.parse import quote

from . import _limits as limits
from ._frame import CONTENT_TYPE, restamp_frame
from ._spool import Spool
from ._transport import Answer, Transport, Unreachable
from ._warn import say, warn_once

# Not about the report itself: who asks, how often, or the state of the server. It may be taken later.
_LATER = (401, 403, 407, 408, 421, 423, 425, 429)
_BARE = ("kind", "name", "project", "createdAt", "attempt", "state")


class Delivery:
    """Delivers the reports of one attempt. `transport` None = offline: everything goes to disk."""

    def __init__(
        self, uid: str, create: Mapping[str, Any], spool: Spool, transport: Optional[Transport], *, attempt: int,
        announce: bool = True, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.uid = uid
        #: The server's answer has the last word on both: a claim may lead to a job that another process has made.
        self.attempt = attempt
        #: Page of the job, once the server told it.
        self.page: Optional[str] = None
        #: The server's word on the job's state, from its last answer.
        self.state: Optional[str] = None
        self.away = transport is None
        self._create = dict(create)
        self._spool = spool
        self._transport = transport
        self._clock = clock
        self._announce = announce
        self._created = False
        self._refused = False
        self._failures = 0
        self._retry_at = 0.0
        self._away_since: Optional[float] = clock() if self.away else None
        self._deadline: Optional[float] = None
        self._lock = threading.Lock()
        self._closed = False
        if transport is None:
            spool.begin()

    @property
    def pause_s(self) -> float:
        """How long to gather before the next report: longer while reports become files."""
        if self._away_since is None:
            return limits.FLUSH_S
        away_s = self._clock() - self._away_since
        return limits.FLUSH_AWAY_S if away_s < limits.LONG_AWAY_AFTER_S else limits.FLUSH_LONG_AWAY_S

    @property
    def waiting(self) -> int:
        """Reports that have not arrived."""
        return len(self._spool)

    def connect(self) -> None:
        """Makes or finds the job, if that is not done and due."""
        if self._transport is not None and not self._created and self._clock() >= self._retry_at:
            self._ensure_created()

    def deliver(self, number: int, frame: bytes, *, always: bool = False) -> bool:
        """Sends a report, or keeps it. `always`: even beyond the bound of what is kept. False after `close`."""
        if self._refused:
            return True
        with self._lock:
            if self._closed:
                return False
        direct = self._transport is not None and not self.away and not len(self._spool)
        arrived = direct and self._ensure_created() and self._send(frame)
        with self._lock:
            if not arrived and not self._closed and not self._refused:
                self._spool.append(number, frame, always=always)
            return not self._closed

    @property
    def known(self) -> bool:
        """True once the server has taken the job."""
        return self._created

    def catch_up(self, limit_s: float = 2.0, *, at_once: bool = False) -> None:
        """Sends what waits, oldest first, if it is time to try (or `at_once`) and for about `limit_s`."""
        if self._transport is None or self._closed or (self._clock() < self._retry_at and not at_once):
            return
        until = self._clock() + limit_s
        while not self._closed and self._clock() < until and self._ensure_created():
            with self._lock:
                waiting = self._spool.first()
            if waiting is None:
                break
            number, frame = waiting
            if not self._send(restamp_frame(frame, sentAt=time.time() * 1000.0, attempt=self.attempt)):
                break
            with self._lock:
                if not self._closed:
                    self._spool.remove(number)

    def hurry(self, deadline: float) -> None:
        """The process ends: calls may last until `deadline` on the clock, and a pause under way is over."""
        self._deadline = deadline
        self._retry_at = 0.0

    def close(self) -> None:
        """Ends delivery from another thread while a call may hang."""
        with self._lock:
            self._closed = True

    def keep(self, number: int, frame: bytes) -> None:
        """Puts a report on disk after `close`."""
        with self._lock:
            self._spool.append(number, frame, always=True)

    def forget_connection(self) -> None:
        """After a fork the connection and the files are the parent's."""
        self._closed = True
        if self._transport is not None:
            self._transport.forget()

    def tell_rest(self) -> None:
        """Says at the end what did not arrive, and what to do about it."""
        on_disk, all_waiting = self._spool.on_disk, len(self._spool)
        if on_disk:
            where = f"{on_disk} reports wait in {self._spool.folder}"
            say(f"{where}; send them with: python -m pilothouse sync {json.dumps(str(self._spool.folder))}")
        if all_waiting > on_disk:
            say(f"{all_waiting - on_disk} reports could be neither sent nor written to disk and are lost.")

    def _ensure_created(self) -> bool:
        if self._created:
            return True
        if self._refused or self._transport is None:
            return False
        answer = self._put(self._create)
        if answer is not None and answer.status in (400, 413):
            warn_once("create", f"The server does not take the job as described ({answer.reason}); made without its details.")
            answer = self._put({key: self._create[key] for key in _BARE if key in self._create})
        if answer is None:
            return False
        if not answer.ok:
            self._refused = True
            warn_once("refused", f"The server refuses this job; nothing more is sent. {answer.reason}")
            return False
        self._adopt(answer.body)
        return True

    def _put(self, body: Mapping[str, Any]) -> Optional[Answer]:
        """The server's word on the job; None when it gave none that counts."""
        content = json.dumps(body, allow_nan=False).encode("utf-8")
        return self._call("PUT", f"/api/jobs/{quote(self.uid)}", content, "application/json")

    def _adopt(self, body: Mapping[str, Any]) -> None:
        self._created = True
        attempt, page, uid = body.get("attempt"), body.get("page"), body.get("uid")
        if isinstance(uid, str) and uid:
            self.uid = uid
        if isinstance(attempt, int) and attempt > 0:
            self.attempt = attempt
        if self._transport is not None and self._transport.url:
            self.page = self._transport.url + (page if isinstance(page, str) else f"/job/{self.uid}")
            if self._announce:
                say(f"watch this job at {self.page}")

    def _send(self, frame: bytes) -> bool:
        """True when the server has the report or will never take it."""
        answer = self._call("POST", f"/api/jobs/{quote(self.uid)}/reports", frame, CONTENT_TYPE)
        if answer is None:
            return False
        if answer.ok:
            state = answer.body.get("state")
            self.state = state if isinstance(state, str) else self.state
        else:
            warn_once(f"report-{answer.status}", f"The server refused a report, which is left out. {answer.reason}")
        return True

    def _call(self, method: str, path: str, body: bytes, content_type: str) -> Optional[Answer]:
        """One call, its outcome counted: None = try again later."""
        assert self._transport is not None  # offline never calls
        try:
            answer = self._transport.call(method, path, body, content_type, self._time_left())
        except Unreachable as error:
            self._fail(f"The server does not answer ({error}); reports are kept on disk and sent later.", None)
            return None
        if answer.status >= 500 or answer.status in _LATER:
            self._fail(f"The server takes no reports now; they are kept on disk and sent later. {answer.reason}", answer)
            return None
        self.away = False
        self._away_since = None
        self._failures = 0
        return answer

    def _time_left(self) -> Optional[float]:
        if self._deadline is None:
            return None
        return max(0.2, min(limits.ANSWER_TIMEOUT_S, self._deadline - self._clock()))

    def _fail(self, text: str, answer: Optional[Answer]) -> None:
        warn_once("away", text)
        self.away = True
        now = self._clock()
        if self._away_since is None:
            self._away_since = now
        pause_s = min(limits.RETRY_LONGEST_S, limits.RETRY_FIRST_S * 2.0 ** min(self._failures, 10))
        pause_s *= 0.5 + random.random()  # jitter, so that many scripts do not come back at once
        if answer is not None and answer.retry_after_s is not None:
            pause_s = max(pause_s, min(answer.retry_after_s, limits.RETRY_AFTER_LONGEST_S))
        self._failures += 1
        self._retry_at = now + pause_s
