"""The options of `init` and `update`, checked and turned into fields of a job."""

from __future__ import annotations

import functools
import inspect
import math
from typing import Any, Callable, Mapping, Optional, Sequence, TypeVar

from . import _limits as limits
from ._config import to_config
from ._errors import OptionError
from ._text import cut_text
from ._warn import warn_once

Function = TypeVar("Function", bound=Callable[..., Any])

#: Option → name on the wire.
_NAMES = {"project": "project", "name": "name", "model": "model", "model_type": "modelType", "dataset": "dataset"}
_NAMES.update({"group": "group", "job_type": "jobType"})
_TOTALS = {"total_steps": "totalSteps", "total_epochs": "totalEpochs"}
_OBJECTS = {"config": "config", "summary": "summary"}


#: Options of W&B's `init` that have no meaning here.
TOLERATED = frozenset(
    (
        "entity", "dir", "reinit", "save_code", "settings", "force", "anonymous", "allow_val_change", "sync_tensorboard",
        "tensorboard", "monitor_gym", "magic", "config_exclude_keys", "config_include_keys", "resume_from", "fork_from",
    )
)  # fmt: skip


def name_options(tolerated: frozenset[str] = frozenset()) -> Callable[[Function], Function]:
    """Makes a misspelt option raise OptionError with the list of allowed ones. Those `tolerated` are left out; it is said."""
    return lambda function: _check_options(function, tolerated)


def _check_options(function: Function, tolerated: frozenset[str]) -> Function:
    allowed = [name for name in inspect.signature(function).parameters if name != "self"]

    @functools.wraps(function)
    def checked(*positional: Any, **options: Any) -> Any:
        for name in [name for name in options if name in tolerated]:
            if options.pop(name) is not None:
                warn_once(f"option:{name}", f"{function.__name__}(): «{name}» has no meaning here and is left out.")
        unknown = [name for name in options if name not in allowed]
        if unknown:
            raise OptionError(f"no such option: {', '.join(unknown)}; there are {', '.join(allowed)}")
        return function(*positional, **options)

    return checked  # type: ignore[return-value]  # the same signature


def to_fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a job on the wire, from those options that are not None. Raises OptionError."""
    fields: dict[str, Any] = {}
    for option, value in options.items():
        if value is None:
            continue
        if option in _NAMES:
            fields[_NAMES[option]] = _read_name(option, value)
        elif option in _TOTALS:
            fields[_TOTALS[option]] = _read_total(option, value)
        elif option in _OBJECTS:
            fields[_OBJECTS[option]] = to_config(value)
        elif option == "tags":
            fields["tags"] = _read_list(option, value, limits.TAGS_MAX, limits.TAG_LENGTH_MAX)
        elif option == "stages":
            fields["stages"] = _read_list(option, value, limits.STAGES_MAX, limits.NAME_LENGTH_MAX)
        elif option == "notes":
            fields["notes"] = cut_text(str(value), limits.NOTES_LENGTH_MAX)
    return fields


def _read_name(option: str, value: Any) -> str:
    text = cut_text(str(value).strip(), limits.NAME_LENGTH_MAX)
    if not text:
        raise OptionError(f"{option} is empty, a name was expected")
    return text


def _read_total(option: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise OptionError(f"{option} is {value!r}, a number above 0 was expected") from error
    if not (math.isfinite(number) and number > 0):
        raise OptionError(f"{option} is {value!r}, a number above 0 was expected")
    return int(number) if number.is_integer() else number


def _read_list(option: str, value: Any, count_max: int, length_max: int) -> list[str]:
    if isinstance(value, str) or not isinstance(value, (Sequence, set, frozenset)):
        raise OptionError(f"{option} is {value!r}, a list of names was expected")
    names = list(dict.fromkeys(cut_text(str(item).strip(), length_max) for item in value))
    if not all(names):
        raise OptionError(f"{option} holds an empty name")
    if len(names) > count_max:
        raise OptionError(f"{option} has {len(names)} names, at most {count_max} are possible")
    return names


def read_number(value: Optional[float], least: float = 0.0) -> Optional[float]:
    """A finite number from `least` on, or None."""
    try:
        number = float(value)  # type: ignore[arg-type]  # anything may come here
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and number >= least else None
