"""How a process ends, told apart: by itself, with an exception, by `sys.exit`, by a signal.

    exception leaves the script      failed, with its traceback      KeyboardInterrupt: cancelled
    sys.exit(0 or nothing)           completed                       any other code: failed, 130 and 143: cancelled
    SIGTERM, SIGHUP (no own handler) cancelled, then the signal does what it would have done
    end of the script                completed

`os._exit`, `kill -9` and a crash of the interpreter cannot be seen from inside: a wrapper, a scheduler or silence tells.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any, Callable, Iterator, Optional

from ._report import describe_error

_SIGNALS = ("SIGTERM", "SIGHUP")


@dataclass(frozen=True)
class End:
    """How a job ended, as far as its own process can know."""

    state: str
    exit_code: Optional[int] = None
    signal: Optional[str] = None
    error: Optional[dict[str, Any]] = None

    def event(self, at_ms: float) -> dict[str, Any]:
        """The event on the wire."""
        fields = {"exitCode": self.exit_code, "signal": self.signal, "error": self.error}
        return {"state": self.state, "at": at_ms, **{key: value for key, value in fields.items() if value is not None}}


@dataclass(frozen=True)
class EndWords:
    """What a process says of its end. `decides`: nobody else sees how the job ends. `rank`: its number, if it has one."""

    decides: bool = True
    rank: Optional[int] = None

    def choose(self, how: End, at_ms: float) -> Optional[dict[str, Any]]:
        """The event on the wire; None when there is nothing to say. An error that decides nothing is told with `running`."""
        ranked = {} if self.rank is None else {"rank": self.rank}
        failed = how.state == "failed"
        if self.decides and (failed or not self.rank):
            return {**how.event(at_ms), **ranked}
        if failed and how.error is not None:
            return {"state": "failed" if self.decides else "running", "at": at_ms, "error": how.error, **ranked}
        return None


COMPLETED = End("completed")


def end_by_exception(error: BaseException) -> End:
    """What an exception that leaves the script, or the `with` block of the job, means."""
    if isinstance(error, SystemExit):
        return end_by_exit(error.code)
    if isinstance(error, KeyboardInterrupt):
        return End("cancelled", 130, "SIGINT")
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    return End("failed", 1, None, describe_error(name, _message_of(error), _traceback_of(error)))


def end_by_exit(code: object) -> End:
    """What the argument of `sys.exit` means; 128 + n is how a process tells that signal n ended it."""
    if code is None or code == 0:
        return End("completed", 0)
    if not isinstance(code, int):
        return End("failed", 1, None, describe_error("exit", str(code), None))
    if code - 128 in (signal.SIGINT, signal.SIGTERM):
        return End("cancelled", code, signal.Signals(code - 128).name)
    return End("failed", code & 0xFF, None, describe_error("exit", f"The script ended with exit code {code & 0xFF}.", None))


def end_by_signal(number: int) -> End:
    """A signal that asks a process to end."""
    return End("cancelled", None, signal.Signals(number).name)


class EndWatch:
    """Hooks into the ways a process can end and calls `end(how, timeout_s)` once.

    Hooks that were there stay and are called; handlers of signals that the script set itself are left alone. While the job
    is being ended a Ctrl-C cuts short only what says that it may be interrupted: the end itself is always kept.
    """

    def __init__(self, end: Callable[[End, Optional[float]], None], signal_timeout_s: float) -> None:
        self._end = end
        self._signal_timeout_s = signal_timeout_s
        self._how: Optional[End] = None
        self._pid = os.getpid()
        self._previous_hook: Any = None
        self._previous_exit: Any = None
        #: The exception that had left a script (or a line at the prompt) before this began.
        self._earlier: Any = None
        self._handled: list[int] = []
        self._ending = False
        self._signal_while_ending: Optional[int] = None
        self._holds_interrupts = False
        self._may_interrupt = False
        self._interrupted = False

    def install(self) -> None:
        """Begins to watch. Signals can be watched only when this is the main thread."""
        self._previous_hook, sys.excepthook = sys.excepthook, self._on_exception
        self._previous_exit = sys.exit
        sys.exit = self._on_exit
        self._earlier = getattr(sys, "last_value", None)
        for _ in range(2):  # an interrupt can reach a callback before its first line, and Python goes on with the next
            atexit.register(self._at_exit)
        if threading.current_thread() is not threading.main_thread():
            return
        for name in _SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._on_signal)
                self._handled.append(number)

    def remove(self) -> None:
        """Puts back what still is ours."""
        atexit.unregister(self._at_exit)
        if sys.excepthook == self._on_exception:
            sys.excepthook = self._previous_hook
        if sys.exit == self._on_exit:
            sys.exit = self._previous_exit
        for number in self._handled if threading.current_thread() is threading.main_thread() else ():
            if signal.getsignal(number) == self._on_signal:
                signal.signal(number, signal.SIG_DFL)
        self._handled = []

    def begin_end(self) -> None:
        """The job is being ended: a signal that comes now waits until that is done."""
        self._ending = True
        if self._holds_interrupts or threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._holds_interrupts = True
            signal.signal(signal.SIGINT, self._on_interrupt)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """What is done here may be cut short. Raises KeyboardInterrupt, also for a Ctrl-C that came before."""
        if self._interrupted:
            raise KeyboardInterrupt
        self._may_interrupt = True
        try:
            yield
        finally:
            self._may_interrupt = False

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        """Waits for `event`, `timeout_s` at most or until a Ctrl-C. True when it has come."""
        try:
            with self.interruptible():
                return event.wait(timeout_s)
        except KeyboardInterrupt:
            self._interrupted = True
            return event.is_set()

    def complete_end(self) -> None:
        """The job has been ended; a signal that waited takes its course. Raises KeyboardInterrupt after a Ctrl-C."""
        self.remove()
        self._ending = False
        if self._holds_interrupts:
            self._holds_interrupts = False
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._signal_while_ending is not None:
            os.kill(os.getpid(), self._signal_while_ending)
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
        if os.getpid() == self._pid:
            self._how = end_by_exception(error if error.__traceback__ else error.with_traceback(trace))
        self._previous_hook(kind, error, trace)

    def _on_exit(self, code: Any = None, /) -> Any:
        if os.getpid() == self._pid and threading.current_thread() is threading.main_thread():
            self._how = end_by_exit(code)
        self._previous_exit(code)

    def _at_exit(self) -> None:
        if os.getpid() != self._pid:
            return
        try:
            self._end(self._how or self._unseen_end(), None)
        except KeyboardInterrupt:
            if not self._ending:  # it waited, and the process ends anyway
                return
            raise

    def _unseen_end(self) -> End:
        """No hook ran to its end, which an interrupt can do to it; Python keeps the exception before it calls one."""
        last = getattr(sys, "last_value", None)
        return End("completed", 0) if last is None or last is self._earlier else end_by_exception(last)

    def _on_interrupt(self, number: int, frame: Optional[FrameType]) -> None:
        self._interrupted = True
        if self._may_interrupt:
            self._may_interrupt = False
            raise KeyboardInterrupt

    def _on_signal(self, number: int, frame: Optional[FrameType]) -> None:
        if os.getpid() == self._pid and not self._ending:
            self._end(end_by_signal(number), self._signal_timeout_s)
        elif os.getpid() == self._pid:
            self._signal_while_ending = number
            return
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _traceback_of(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except Exception:
        return ""
