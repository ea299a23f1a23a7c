"""Brings numbered reports to the server, in order.

    healthy   the server answers; reports go straight to it
    hanging   a call waits for its answer: it may come yet, but meanwhile what follows is kept on disk, by another thread
    away      it does not, or cannot take them now, or nobody said where it is: each report is kept on disk (in the mailbox, if
              there is one, where somebody collects it). After growing pauses the server is asked, beside; when it
              answers, what waits is sent, oldest first, and then new reports go straight again
    closed    somebody took over what is left (the process ends while a call hangs)

A report keeps its number for ever, whichever way it goes, so one that arrives twice (the answer was lost, a collector was
quicker) changes nothing. When it is sent from disk, `sentAt` is stamped anew: the server measures the clock with it.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import deque
from typing import Any, Callable, Mapping, Optional
from urllib.parse import quote

from . import _limits as limits
from ._copies import Copies
from ._frame import CONTENT_TYPE, stamp_frame
from ._order_feed import OrderFeed
from ._probe import Probe
from ._row import send_row
from ._spool import Spool
from ._transport import Answer, Transport, Unreachable, bare_body
from ._warn import say, warn_once


class Delivery:
    """Delivers the reports of one attempt. `transport` None = no direct way: everything goes to disk.

    `mailbox`: somebody collects what stands there. `clock` is monotonic, `wall` says the time of day; both in seconds.
    """

    def __init__(
        self, uid: str, create: Mapping[str, Any], spool: Spool, transport: Optional[Transport], *, attempt: int,
        announce: bool = True, mailbox: bool = False,
        clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.uid = uid
        #: The server's answer has the last word on both: a claim may lead to a job that another process has made.
        self.attempt = attempt
        #: Page of the job, once the server told it.
        self.page: Optional[str] = None
        #: The server's word on the job's state, from its last answer or the collector's.
        self.state: Optional[str] = None
        #: What earlier attempts of the job left, once the server told it; or why it refuses the job.
        self.resumed: Optional[Mapping[str, Any]] = None
        self.refusal: Optional[Answer] = None
        #: Set when the server has taken or refused the job.
        self.decided = threading.Event()
        self.away = transport is None
        self._create = dict(create)
        self._spool = spool
        self._transport = transport
        self._mailbox = mailbox
        self._clock = clock
        self._wall = wall
        self._announce = announce
        self._created = False
        self._collected = False
        self._refused = False
        self._failures = 0
        self._retry_at = 0.0
        self._away_since: Optional[float] = clock() if self.away else None
        self._deadline: Optional[float] = None
        self._probe = Probe(self._ask)
        self._lock = threading.Lock()
        self._call_began: Optional[float] = None
        self._closed = False
        if transport is None or mailbox:
            spool.begin()

    @property
    def pause_s(self) -> float:
        """How long to gather before the next report: longer while reports become files that nobody takes."""
        if self._away_since is None:
            return limits.FLUSH_S
        away_s = self._clock() - self._away_since
        if away_s < limits.LONG_AWAY_AFTER_S:
            return limits.FLUSH_AWAY_S
        return limits.FLUSH_LONG_AWAY_S if away_s < limits.VERY_LONG_AWAY_AFTER_S else limits.FLUSH_VERY_LONG_AWAY_S

    @property
    def waiting(self) -> int:
        """Reports that have not arrived."""
        return len(self._spool)

    @property
    def known(self) -> bool:
        """True once the server has taken the job."""
        return self._created

    @property
    def offline(self) -> bool:
        """True when there is no direct way to the server."""
        return self._transport is None

    @property
    def left_to_others(self) -> bool:
        """True when somebody collects what waits: there is no reason to wait for the server."""
        return self._mailbox and self.away and (self._collected or self._transport is None)

    def connect(self) -> None:
        """Makes or finds the job. A server that takes its time, or is behind a wall that swallows packets, is not waited for:
        it counts as away until it has answered."""
        if self._transport is None:
            return
        self._probe.start()
        self._probe.wait(limits.FIRST_ANSWER_S)
        self.away, self._away_since = True, self._clock()
        self._is_back()

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
            if self._closed:
                return False
            kept = self._spool.holds(number)  # by `keep_meanwhile`
            if kept and (arrived or self._refused):
                self._spool.remove(number)
            elif not kept and not arrived and not self._refused:
                self._spool.append(number, frame, always=always)
            return True

    @property
    def hangs(self) -> bool:
        """True when a call of the reporting thread waits for its answer, and has done so for a while."""
        began = self._call_began
        return began is not None and self._clock() - began > limits.HANG_S

    def keep_meanwhile(self, outgoing: deque[tuple[int, bytes]], *, always: bool = False) -> None:
        """From another thread, while a call hangs: puts on disk what waits behind it, the report under way first. Should that
        one arrive after all, its file goes away again."""
        with self._lock:
            if self._call_began is None or self._closed or self._refused:
                return
            while outgoing:
                number, frame = outgoing[0]
                if not self._spool.holds(number):
                    self._spool.append(number, frame, always=always)
                outgoing.popleft()

    def catch_up(self, limit_s: float = 2.0, *, at_once: bool = False) -> None:
        """Sends what waits, oldest first, when the server is there (or, `at_once`, without asking before), for about
        `limit_s`. Reads what a collector answered."""
        self._read_ack()
        if self._transport is None or self._closed or not (at_once or self._is_back()):
            return
        lock = self._spool.lock()
        if len(self._spool) and not lock.take():
            return  # somebody is sending it already
        try:
            self._send_waiting(self._clock() + limit_s)
        finally:
            lock.release()

    def open_feed(self, arrived: Callable[[], None]) -> Optional[OrderFeed]:
        """Where commands for this job come from; None when there is no way by which one could."""
        if self._transport is None and not self._mailbox:
            return None
        twin = self._transport.twin() if self._transport is not None else None
        return OrderFeed(self, twin, self._read_orders if self._mailbox else None, arrived)

    def open_copies(self) -> Optional[Copies]:
        """By which copies of checkpoints go to the server; None when there is no direct way."""
        return None if self._transport is None else Copies(self, self._transport.twin(), self._mailbox)

    def _read_orders(self) -> Optional[Mapping[str, Any]]:
        return self._spool.read_orders(self.attempt)

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
        self._spool.finish()
        on_disk, all_waiting = self._spool.on_disk, len(self._spool)
        if on_disk and not self._collected:
            where = f"{_count(on_disk)} in {self._spool.folder}"
            then = " for whoever collects mailboxes, or" if self._mailbox else ";"
            say(f"{where}{then} send with: python -m pilothouse sync {json.dumps(str(self._spool.folder))}")
        if all_waiting > on_disk:
            say(f"{_count(all_waiting - on_disk)} in memory only, could be neither sent nor written to disk and are lost.")
        if self._spool.dropped:
            say(
                f"{_reports(self._spool.dropped)} found no room while the server was away: the points and lines in them are lost."
            )

    def _is_back(self) -> bool:
        """True when the server can be spoken to. While it is away it is asked, now and then and beside."""
        if not self.away:
            return self._clock() >= self._retry_at
        outcome = self._probe.take()
        if outcome is None:
            if self._clock() >= self._retry_at and not self._probe.under_way:
                self._probe.start()
            return False
        answer = self._judge(outcome)
        return answer is not None and self._take_created(answer)

    def _send_waiting(self, until: float) -> None:
        while not self._closed and self._clock() < until and self._ensure_created():
            with self._lock:
                waiting = self._spool.oldest(limits.ROW_REPORTS_MAX, limits.ROW_BYTES_MAX)
            if not waiting:
                break
            now_ms = self._wall() * 1000.0
            frames = [stamp_frame(frame, self.attempt, now_ms) for _, frame in waiting]
            answers = send_row(self._call, f"{self._job_path}/reports", frames)
            settled = self._settle(answers)
            with self._lock:
                if not self._closed:
                    for number, _ in waiting[:settled]:
                        self._spool.remove(number)
            if settled == 0 or settled < len(answers):
                break

    def _settle(self, answers: list[Answer]) -> int:
        """How many of the first reports the server has or will never take."""
        for settled, answer in enumerate(answers):
            if answer.is_later:
                self._judge(answer)
                return settled
            self._note_answer(answer)
        return len(answers)

    def _read_ack(self) -> None:
        """What the collector of the mailbox told, as an answer of the server would have."""
        answer = self._spool.read_ack() if self._mailbox else None
        if answer is None:
            return
        self._collected = True
        if self.away:
            self._away_since = self._clock()  # somebody comes: no reason to write more rarely
        state = answer.get("state")
        self.state = state if isinstance(state, str) else self.state
        if not self._created:
            self._take_names(answer)

    def _ensure_created(self) -> bool:
        if self._created:
            return True
        if self._refused or self._transport is None:
            return False
        answer = self._call("PUT", self._job_path, _encode(self._create), "application/json")
        return answer is not None and self._take_created(answer)

    def _take_created(self, answer: Answer) -> bool:
        """The server's word on the job; one that it does not take as described is made without its details."""
        if answer.status in (400, 413):
            warn_once("create", f"The server does not take the job as described ({answer.reason}); made without its details.")
            again = self._call("PUT", self._job_path, _encode(bare_body(self._create)), "application/json")
            if again is None:
                return False
            answer = again
        if not answer.ok:
            self._refused = True
            self.refusal = answer
            self.decided.set()
            warn_once("refused", f"The server refuses this job; nothing more is sent. {answer.reason}")
            return False
        self._created = True
        self._take_names(answer.body)
        resumed = answer.body.get("resumed")
        self.resumed = resumed if isinstance(resumed, dict) else None
        self.decided.set()
        return True

    def _take_names(self, body: Mapping[str, Any]) -> None:
        attempt, page, uid = body.get("attempt"), body.get("page"), body.get("uid")
        if isinstance(uid, str) and uid:
            self.uid = uid
        if isinstance(attempt, int) and attempt > 0:
            self.attempt = attempt
        path = page if isinstance(page, str) else f"/job/{self.uid}"
        known_url = self._transport.url if self._transport is not None else None
        whole = path if path.startswith(("http://", "https://")) else known_url and known_url + path
        if whole and whole != self.page:
            self.page = whole
            if self._announce:
                say(f"watch this job at {self.page}")

    def _ask(self) -> Answer:
        """In the thread of the probe, on a connection of its own. Making the job again changes nothing. Raises Unreachable."""
        assert self._transport is not None  # nobody asks without
        own = self._transport.twin()
        try:
            return own.call("PUT", self._job_path, _encode(self._create), "application/json")
        finally:
            own.close()

    def _send(self, frame: bytes) -> bool:
        """True when the server has the report or will never take it."""
        answer = self._call("POST", f"{self._job_path}/reports", frame, CONTENT_TYPE)
        if answer is None:
            return False
        self._note_answer(answer)
        return True

    def _note_answer(self, answer: Answer) -> None:
        if answer.ok:
            state = answer.body.get("state")
            self.state = state if isinstance(state, str) else self.state
            for words in _texts_of(answer.body.get("leftOut")):
                warn_once(f"left-out:{words}", f"The server leaves something out. {words}")
        else:
            warn_once(f"report-{answer.status}", f"The server refused a report, which is left out. {answer.reason}")

    @property
    def _job_path(self) -> str:
        return f"/api/jobs/{quote(self.uid)}"

    def _call(self, method: str, path: str, body: bytes, content_type: str) -> Optional[Answer]:
        """One call, its outcome counted: None = try again later."""
        assert self._transport is not None  # offline never calls
        outcome: object
        self._note_call(self._clock())
        try:
            outcome = self._transport.call(method, path, body, content_type, self._time_left())
        except Unreachable as error:
            outcome = error
        finally:
            self._note_call(None)
        return self._judge(outcome)

    def _note_call(self, began: Optional[float]) -> None:
        with self._lock:  # whoever keeps reports meanwhile has done so before anything else is done with them
            self._call_began = began

    def _judge(self, outcome: object) -> Optional[Answer]:
        """Counts how a call ended: None = try again later."""
        kept = "go into the mailbox" if self._mailbox else "are kept on disk"
        if not isinstance(outcome, Answer):
            self._fail(f"The server does not answer ({outcome}); reports {kept} and are sent later.", None)
            return None
        if outcome.is_later:
            self._fail(f"The server takes no reports now; they {kept} and are sent later. {outcome.reason}", outcome)
            return None
        self.away = False
        self._away_since = None
        self._failures = 0
        return outcome

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
        longest_s = limits.RETRY_MAILBOX_S if self._collected else limits.RETRY_LONGEST_S
        pause_s = min(longest_s, limits.RETRY_FIRST_S * 2.0 ** min(self._failures, 10))
        pause_s *= 0.5 + random.random()  # jitter, so that many scripts do not come back at once
        if answer is not None and answer.retry_after_s is not None:
            pause_s = max(pause_s, min(answer.retry_after_s, limits.RETRY_AFTER_LONGEST_S))
        self._failures += 1
        self._retry_at = now + pause_s


def _encode(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, allow_nan=False).encode("utf-8")


def _texts_of(value: Any) -> list[str]:
    return [words for words in value if isinstance(words, str)] if isinstance(value, list) else []


def _count(reports: int) -> str:
    return _reports(reports) + (" waits" if reports == 1 else " wait")


def _reports(count: int) -> str:
    return "1 report" if count == 1 else f"{count} reports"
