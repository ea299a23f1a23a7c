"""What a parser of argparse, or of a library built on it, says of its arguments, and of some words for it."""

from __future__ import annotations

import argparse
import decimal
import enum
import json
import pathlib
import re
import shlex
import sys
import typing
from typing import Any, Dict, List, NoReturn, Optional, Sequence, Tuple, Union

from ._describe_others import check_others

Field = Dict[str, Any]
#: Types that turn text into a value and do nothing else. Any other is the script's own and is not called.
HARMLESS: Tuple[Any, ...] = (int, float, str, bool, complex, decimal.Decimal, pathlib.Path, pathlib.PurePath, json.loads)
SEVERAL = ("*", "+", argparse.REMAINDER)
#: Arguments that show something and end.
SHOWING = ("_HelpAction", "_VersionAction", "_ActionPrintConfig", "_ActionHelpClassPath", "PrintCompletionAction", "ActionFail")
USUAL_GROUPS = ("positional arguments", "optional arguments", "options")
REQUIRED = re.compile(r"arguments are required: (.*)", re.S)


class _Refusal(Exception):
    """Where a parser would print its usage and end the process."""


def describe_parser(
    parser: argparse.ArgumentParser,
    words: Sequence[str],
    more: Sequence[Sequence[str]] = (),
    *,
    keeps_unknown: bool = False,
    before: Optional[argparse.ArgumentParser] = None,
) -> Dict[str, Any]:
    """
    more: arguments of further jobs. keeps_unknown: words that it does not know are no mistake. before: a parser that was asked
    first for a few of them.
    """
    is_json = any(one.__module__.split(".")[0] == "jsonargparse" for one in type(parser).__mro__)
    commands, fields, notes = [], _list_fields(parser, None, is_json), []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, one in _list_commands(action):
                helps = {choice.dest: choice.help for choice in action._choices_actions}
                commands.append({"name": name, "help": helps.get(name)})
                fields += _list_fields(one, name, is_json)
    if before is not None and before is not parser:
        known = {field["key"] for field in fields}
        fields += [field for field in _list_fields(before, None, is_json) if field["key"] not in known]
    if keeps_unknown:
        notes.append("The script goes on with words that its parser does not know.")
    library = _name_library("jsonargparse") if is_json else None
    return {
        "kind": "jsonargparse" if is_json else "argparse",
        "library": library,
        "description": parser.description,
        "commands": commands,
        "fields": fields,
        "errors": _check(parser, words, keeps_unknown, is_json),
        "others": check_others(more, lambda one: _check(parser, one, keeps_unknown, is_json)),
        "notes": notes,
    }


def _name_library(name: str) -> str:
    version = getattr(sys.modules.get(name), "__version__", "")
    return f"{name} {version}".strip()


def _list_commands(action: Any) -> List[Tuple[str, argparse.ArgumentParser]]:
    """Each parser once, under its first name."""
    found: Dict[int, Tuple[str, argparse.ArgumentParser]] = {}
    for name, parser in action._name_parser_map.items():
        found.setdefault(id(parser), (name, parser))
    return list(found.values())


def _list_fields(parser: argparse.ArgumentParser, command: Optional[str], is_json: bool) -> List[Field]:
    titles = {}
    for group in parser._action_groups:
        for action in group._group_actions:
            if group.title and group.title not in USUAL_GROUPS:
                titles[action.dest] = group.title
    required: Any = getattr(parser, "required_args", ()) if is_json else ()
    fields = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or type(action).__name__ in SHOWING:
            continue
        if action.help == argparse.SUPPRESS or type(action).__name__ == "_ActionConfigLoad":
            continue
        field = _read_json_action(action) if is_json else _read_action(action)
        default = _find_default(parser, action)
        fields.append(
            {
                "name": action.dest.replace("_", "-") if not action.option_strings else field["key"].lstrip("-"),
                "off": None,
                "optional": False,
                "choices": None,
                **field,
                "default": _show(default, field),
                "required": bool(action.required) or action.dest in required,
                "help": _read_help(parser, action),
                "group": titles.get(action.dest),
                "command": command,
            }
        )
    return fields


def _read_action(action: argparse.Action) -> Field:
    key = _choose_key(action)
    off = next((word for word in action.option_strings if word.startswith("--no-")), None)
    if off is not None and off != key and action.nargs == 0:
        return {"key": key, "form": "switch", "off": off, "type": "boolean", "many": False}
    if isinstance(action, argparse._CountAction):
        return {"key": key, "form": "count", "type": "integer", "many": False}
    if action.nargs == 0:
        return {"key": key, "form": "flag", "type": "boolean", "many": False}
    several = action.nargs in SEVERAL or (isinstance(action.nargs, int) and action.nargs > 1)
    kind, choices = _read_type(action)
    appends = isinstance(action, argparse._AppendAction)
    form = "append" if appends else "option" if action.option_strings else "place"
    return {"key": key, "form": form, "type": kind, "many": several or appends, "choices": choices}


def _choose_key(action: argparse.Action) -> str:
    long = [word for word in action.option_strings if word.startswith("--") and not word.startswith("--no-")]
    return (long or list(action.option_strings) or [action.dest])[0]


def _read_type(action: argparse.Action) -> Tuple[str, Optional[List[str]]]:
    if action.choices is not None:
        choices = action.choices
        if isinstance(choices, range) and len(choices) > 100:
            return "integer", None
        return "choice", [str(one.value) if isinstance(one, enum.Enum) else str(one) for one in choices]
    if action.type is int:
        return "integer", None
    if action.type is float:
        return "number", None
    # Functions that people write for it: str2bool, parse_bool, string_to_bool.
    name = getattr(action.type, "__name__", "")
    return ("boolean", None) if "bool" in name.lower() and action.type is not bool else ("text", None)


def _read_json_action(action: argparse.Action) -> Field:
    """Every argument of jsonargparse is a word and a value, lists and objects as JSON."""
    form = "option" if action.option_strings else "place"
    hint = getattr(action, "_typehint", None)
    if hint is None:
        plain = _read_action(action)
        return {**plain, "form": plain["form"] if form == "option" else form}
    kind, choices, optional = _read_hint(hint)
    return {
        "key": _choose_key(action),
        "form": form,
        "type": kind,
        "many": False,
        "choices": choices,
        "optional": optional,
    }


def _read_hint(hint: Any) -> Tuple[str, Optional[List[str]], bool]:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated if hasattr(typing, "Annotated") else False:
        return _read_hint(args[0])
    if origin is Union or type(hint).__name__ == "UnionType":
        rest = [one for one in args if one is not type(None)]
        kind, choices, _ = _read_hint(rest[0]) if len(rest) == 1 else ("any", None, False)
        return kind, choices, len(rest) < len(args)
    if origin is not None and str(origin) == "typing.Literal":
        return "choice", [str(one) for one in args], False
    plain = origin or hint
    if isinstance(plain, type):
        if issubclass(plain, enum.Enum):
            return "choice", list(plain.__members__), False
        for kinds, kind in (((bool,), "boolean"), ((int,), "integer"), ((float,), "number"), ((str, pathlib.PurePath), "text")):
            if issubclass(plain, kinds):
                return kind, None, False
        if issubclass(plain, dict):
            return "object", None, False
        if issubclass(plain, (list, tuple, set)):
            return "list", None, False
    return "any", None, False


def _find_default(parser: argparse.ArgumentParser, action: argparse.Action) -> Any:
    default = parser._defaults.get(action.dest, action.default)
    return None if default is argparse.SUPPRESS or type(default).__name__ == "_UnsetType" else default


def _show(value: Any, field: Field) -> Optional[str]:
    if field["form"] in ("flag", "switch"):
        # A flag is set or not, whatever it stores.
        return "true" if value is True and field["form"] == "switch" else "false"
    if value is None:
        return None
    if field["many"]:
        parts = value if isinstance(value, (list, tuple)) else [value]
        return " ".join(shlex.quote(_show_one(part)) for part in parts)
    return _show_one(value)


def _show_one(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (list, tuple, dict)):
        try:
            return json.dumps(value, default=str)
        except (TypeError, ValueError):
            return repr(value)
    if callable(value):
        return str(getattr(value, "__name__", value))
    return str(value)


def _read_help(parser: argparse.ArgumentParser, action: argparse.Action) -> Optional[str]:
    if not action.help:
        return None
    try:
        return str(parser._get_formatter()._expand_help(action))
    except Exception:  # a «%» that was not meant
        return action.help


def _check(
    parser: argparse.ArgumentParser, words: Sequence[str], keeps_unknown: bool, is_json: bool
) -> List[Dict[str, Optional[str]]]:
    """What the parser says of the words. It stops at the first mistake."""
    _disarm(parser, is_json)
    try:
        if is_json:
            parser.parse_args(list(words))
        else:
            unknown = parser.parse_known_args(list(words))[1]
            if unknown and not keeps_unknown:
                return [{"key": None, "message": f"unrecognized arguments: {' '.join(unknown)}"}]
    except argparse.ArgumentError as error:
        return _split_required(parser, error.argument_name, error.message)
    except _Refusal as refusal:
        return _split_required(parser, None, str(refusal))
    except Exception as error:  # a type or a library that did not expect it
        return [{"key": None, "message": f"{type(error).__name__}: {error}"}]
    return []


def _split_required(parser: argparse.ArgumentParser, name: Optional[str], message: str) -> List[Dict[str, Optional[str]]]:
    keys = {word: _choose_key(action) for one in _list_parsers(parser) for action in one._actions for word in _name(action)}
    missing = REQUIRED.search(message)
    if missing:
        names = [part.strip() for part in missing.group(1).split(",")]
        return [{"key": keys.get(part.split("/")[0], part), "message": "needs a value"} for part in names]
    found = name or (re.search(r'(?:[Kk]ey|[Oo]ption|argument) [\'"«]?([\w.-]+)', message) or [None, None])[1]
    for word in (found or "").split("/"):
        for one in (word, f"--{word}"):
            if one in keys:
                return [{"key": keys[one], "message": message}]
    return [{"key": None, "message": message}]


def _name(action: argparse.Action) -> List[str]:
    metavars = [action.metavar] if isinstance(action.metavar, str) else []
    return [*action.option_strings, *([] if action.option_strings else [action.dest, *metavars])]


def _list_parsers(parser: argparse.ArgumentParser) -> List[argparse.ArgumentParser]:
    found = [parser]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [one for _, child in _list_commands(action) for one in _list_parsers(child)]
    return found


def _disarm(parser: argparse.ArgumentParser, is_json: bool) -> None:
    """Nothing of the script runs with values that somebody has typed: neither its own types nor its own actions."""

    def refuse(message: str = "", *rest: Any, **more: Any) -> NoReturn:
        raise _Refusal(str(message))

    for one in _list_parsers(parser):
        vars(one)["error"] = refuse
        vars(one)["exit"] = lambda status=0, message=None: refuse(message or "It would end here.")
        if is_json:
            continue  # its types are type hints, which it reads itself
        one.exit_on_error = False
        for action in one._actions:
            if action.type is not None and action.type not in HARMLESS:
                action.type = str
                action.choices = None if isinstance(action.choices, range) else action.choices
            if type(action).__module__ != "argparse" and not isinstance(action, argparse._SubParsersAction):
                action.__class__ = argparse._StoreConstAction if action.nargs == 0 else argparse._StoreAction
                action.const = None
