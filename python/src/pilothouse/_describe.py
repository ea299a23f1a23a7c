"""`python -m pilothouse describe`: which arguments a script takes, told by its own parser, and what is wrong with some.

The script runs up to where it asks for its arguments, and ends there: a parser of argparse (or one built on it) is told
from every other by who made it, and Hydra by who asks it. What the script prints goes to standard error. The answer is one
JSON object on standard output, between two marks; its shape is `scriptDescription` of the control room.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import runpy
import sys
import sysconfig
import traceback
from pathlib import Path
from types import FrameType
from typing import Any, Callable, Dict, NoReturn, Optional, Sequence

from ._describe_argparse import describe_parser
from ._describe_hydra import describe_hydra
from ._describe_scan import scan_script

BEGIN = "<<<pilothouse describe"
END = "pilothouse describe>>>"
#: Of what a script tells, the rest is cut: bounds of the control room, which takes no more.
TEXT_MAX, KEY_MAX, LIST_MAX, FIELDS_MAX, ERRORS_MAX, CONFIG_MAX = 8_192, 512, 500, 2_000, 100, 500_000
TRACE_LINES = 12

Answer = Dict[str, Any]
Parse = Callable[..., Any]


def describe(script: Path, words: Sequence[str], more: Sequence[Sequence[str]] = ()) -> NoReturn:
    """Prints the answer and ends the process, with 0. more: arguments of further jobs, of which only mistakes are told."""
    channel = _Channel()
    found = scan_script(script)
    if not found.reads:
        channel.give({**_nothing(script, found.recognised), "recognised": found.recognised})
    _Watch(channel, words, more).install()
    _prepare(script, words)
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as ended:
        channel.give(_fault(f"The script ended with {_name_exit(ended)} before it read its arguments.", output=None))
    except BaseException as error:  # whatever it is, it is the answer
        hint = {"hint": "Choose the interpreter that has it."} if isinstance(error, ModuleNotFoundError) else {}
        channel.give(_fault(_name_error(error), **hint, output=_shorten_trace(error)))
    channel.give(_fault("The script came to its end and never read any arguments.", "Write them as free ones, if it takes some."))


class _Channel:
    """Standard output as it was; from then on the script has none, and no standard input either."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out = os.dup(1)
        os.set_inheritable(self._out, False)
        os.dup2(2, 1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        self._process = os.getpid()

    def give(self, answer: Answer) -> NoReturn:
        """Ends the process at once: nothing else of the script runs, whatever it has caught, started or left to do."""
        if os.getpid() == self._process:
            text = json.dumps(_bound(answer), ensure_ascii=True, allow_nan=False)
            data = f"{BEGIN}\n{text}\n{END}\n".encode()
            while data:
                data = data[os.write(self._out, data) :]
        os._exit(0)


class _Watch:
    """Sees when a parser is asked to parse what stands on the command line."""

    def __init__(self, channel: _Channel, words: Sequence[str], more: Sequence[Sequence[str]]) -> None:
        self._channel = channel
        self._more = more
        self._words = list(words)
        self._own = False
        self._before: Optional[argparse.ArgumentParser] = None

    def install(self) -> None:
        make = argparse.ArgumentParser.__init__

        def begin(parser: argparse.ArgumentParser, *args: Any, **more: Any) -> None:
            make(parser, *args, **more)
            # On the object: libraries that build on argparse have methods of their own.
            for name in ("parse_args", "parse_known_args"):
                vars(parser)[name] = self._make_hook(parser, name)

        argparse.ArgumentParser.__init__ = begin  # type: ignore[assignment,method-assign]

    def _make_hook(self, parser: argparse.ArgumentParser, name: str) -> Parse:
        def hook(args: Optional[Sequence[str]] = None, *rest: Any, **more: Any) -> Any:
            original: Parse = getattr(type(parser), name).__get__(parser)
            frame = sys._getframe(1)
            if self._own or not self._is_asked(args, frame):
                return original(args, *rest, **more)
            if name == "parse_known_args" and not parser.add_help and self._before is None:
                # It looks for one word, as that of a file, before the parser that has all of them.
                self._before = parser
                return original(args, *rest, **more)
            self._own = True
            return self._answer(parser, self._words if args is None else [str(word) for word in args], name, frame)

        return hook

    def _answer(self, parser: argparse.ArgumentParser, words: Sequence[str], name: str, frame: FrameType) -> NoReturn:
        try:
            task = _find_task(frame)
            answer = (
                describe_hydra(task, words, self._more)
                if task is not None
                else describe_parser(parser, words, self._more, keeps_unknown=name == "parse_known_args", before=self._before)
            )
        except BaseException as error:  # also of a library that ends the process
            answer = _fault(f"Its arguments could not be told: {_name_error(error)}", output=_shorten_trace(error))
        self._channel.give({**_empty(), **answer})

    def _is_asked(self, args: Optional[Sequence[str]], frame: FrameType) -> bool:
        """False for a parser that somebody uses for something else than this command line."""
        if args is None:
            return True
        given = [str(word) for word in args]
        if given and given == self._words:
            return True
        left = iter(self._words)
        return all(word in left for word in given) and _is_of_project(frame)


def _find_task(frame: Optional[FrameType]) -> Optional[Dict[str, Any]]:
    """What `hydra.main` decorates, and with what, where it is Hydra that asks."""
    while frame is not None:
        if frame.f_globals.get("__name__") in ("hydra.main", "hydra._internal.utils") and "task_function" in frame.f_locals:
            return {name: frame.f_locals.get(name) for name in ("task_function", "config_path", "config_name", "args_parser")}
        frame = frame.f_back
    return None


def _is_of_project(frame: Optional[FrameType]) -> bool:
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in ("argparse", "jsonargparse"):
        frame = frame.f_back
    if frame is None:
        return False
    file = os.path.realpath(frame.f_code.co_filename)
    paths = sysconfig.get_paths()
    libraries = {os.path.realpath(paths[name]) + os.sep for name in ("stdlib", "purelib", "platlib")}
    return not any(file.startswith(folder) for folder in libraries) and f"{os.sep}site-packages{os.sep}" not in file


def _prepare(script: Path, words: Sequence[str]) -> None:
    """As if the script had been started by itself, and without anything that would report."""
    for name in [name for name in os.environ if name.startswith("PILOTHOUSE_")]:
        del os.environ[name]
    os.environ.update({"PILOTHOUSE_MODE": "disabled", "WANDB_MODE": "disabled"})
    sys.argv = [str(script), *words]
    folder = str(script.resolve().parent)
    if sys.path and sys.path[0] in ("", os.getcwd()):
        sys.path[0] = folder
    else:
        sys.path.insert(0, folder)


def _empty() -> Answer:
    return {
        "kind": "none",
        "recognised": None,
        "library": None,
        "python": platform.python_version(),
        "description": None,
        "fault": None,
        "commands": [],
        "fields": [],
        "groups": [],
        "config": None,
        "errors": [],
        "others": {"checked": 0, "errors": []},
        "notes": [],
    }


def _fault(message: str, hint: str = "Mend the script, or write its arguments as free ones.", **more: Any) -> Answer:
    return {**_empty(), "fault": {"message": message, "hint": hint, "output": None, **more}}


def _nothing(script: Path, recognised: Optional[str]) -> Answer:
    if recognised is not None:
        words = f"{script.name} takes its arguments by {recognised}, which cannot be looked into."
    else:
        words = f"Neither {script.name} nor what it imports of the project mentions argparse, Hydra or jsonargparse."
    return {**_empty(), "notes": [f"{words} It was not run. Arguments can be written as free ones."]}


def _name_exit(ended: SystemExit) -> str:
    if ended.code is None or isinstance(ended.code, int):
        return f"exit code {ended.code or 0}"
    return f"«{ended.code}»"


def _name_error(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "It was interrupted."
    if isinstance(error, EOFError):
        return "The script reads from standard input before its arguments, and there is none here."
    if isinstance(error, ModuleNotFoundError):
        return f"{error}: this interpreter has no such module."
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _shorten_trace(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals.get("__name__") in (__name__, "runpy"):
        trace = trace.tb_next
    lines = "".join(traceback.format_exception(type(error), error, trace)).splitlines()
    return "\n".join(lines[-TRACE_LINES:])


def _bound(answer: Answer) -> Answer:
    """Cuts what is longer than is taken, and says so of lists."""
    notes = [str(note) for note in answer["notes"]]
    for name, most in (("fields", FIELDS_MAX), ("groups", FIELDS_MAX), ("commands", LIST_MAX), ("errors", ERRORS_MAX)):
        if len(answer[name]) > most:
            notes.append(f"There are {len(answer[name])} {name}; the first {most} are shown.")
            answer[name] = answer[name][:most]
    config = answer["config"]
    if config is not None and len(config.encode()) > CONFIG_MAX:
        notes.append("The composed configuration is too long to be shown.")
        answer["config"] = None
    cut = {name: _cut(value, name) for name, value in answer.items() if name not in ("config", "notes")}
    return {**cut, "config": answer["config"], "notes": [note[:TEXT_MAX] for note in notes[:ERRORS_MAX]]}


KEYS = frozenset(("key", "name", "off", "group", "command", "chosen", "recognised", "library", "python"))


def _cut(value: Any, name: str) -> Any:
    if isinstance(value, str):
        clean = value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
        return clean[: KEY_MAX if name in KEYS else TEXT_MAX]
    if isinstance(value, dict):
        return {key: _cut(one, key) for key, one in value.items()}
    if isinstance(value, list):
        most = LIST_MAX if name in ("choices", "options") else FIELDS_MAX
        return [_cut(one, "key" if name == "options" else name) for one in value[:most]]
    return value
