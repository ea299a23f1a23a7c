"""A value that people may change while the script runs. The rules are those of `checkParameter` in the contract."""

from __future__ import annotations

import json
import math
from typing import Any, Callable, Optional, Sequence, Union

from . import _limits as limits
from ._errors import OptionError
from ._text import cut_text

Value = Union[float, int, bool, str]
TYPES = ("number", "integer", "choice", "switch")


class Parameter:
    """A parameter of a job. Made by `job.parameter`.

    `lr.value`, `lr()`, `float(lr)`: what it is now. It changes at control points only: in `job.control` or between two steps of
    `job.steps`.
    """

    def __init__(
        self, key: str, value: Any, *, kind: Optional[str], min: Optional[float], max: Optional[float], step: Optional[float],  # noqa: A002
        log: bool, choices: Sequence[Any], unit: Optional[str], description: Optional[str], apply: Optional[Callable[[Any], Any]],
        changed: Callable[[Parameter, Value], None],
    ) -> None:  # fmt: skip
        self.key = cut_text(str(key).strip(), limits.NAME_LENGTH_MAX)
        self.type = kind or _guess_type(value, choices)
        self.min, self.max, self.step, self.log = _bound("min", min), _bound("max", max), _bound("step", step), bool(log)
        self.choices = [_plain(choice) for choice in choices]
        self.unit, self.description = unit, description
        self._apply = apply
        self._changed = changed
        self._check_declaration()
        self._value: Value = self._read(value)

    @property
    def value(self) -> Any:
        """What it is now."""
        return self._value

    def __call__(self) -> Any:
        return self._value

    def __float__(self) -> float:
        return float(self._value)

    def __int__(self) -> int:
        return int(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return f"Parameter({self.key!r}, {self._value!r})"

    def set(self, value: Any) -> None:
        """The script itself gives it another value, and puts it into effect.

        Raises OptionError for a value that it does not take; what `apply` raises is raised.
        """
        new = self._read(value)
        if new != self._value:
            self.put(new)
            self._changed(self, new)

    def put(self, value: Value) -> None:
        """Puts a value into effect. When `apply` raises, it is as before, as far as `apply` can bring that about."""
        before = self._value
        if self._apply is not None:
            try:
                self._apply(value)
            except BaseException:
                self._put_back(before)
                raise
        self._value = value

    def put_again(self) -> None:
        """Puts the value that it has into effect once more: something else may have undone it."""
        if self._apply is not None:
            self._apply(self._value)

    def check(self, value: Any) -> Optional[str]:
        """What was expected instead of a value that it does not take; None for one that it does."""
        if self.type == "switch":
            return None if isinstance(value, bool) else "true or false"
        if self.type == "choice":
            same = (choice == value and isinstance(choice, bool) == isinstance(value, bool) for choice in self.choices)
            return None if any(same) else f"one of {', '.join(json.dumps(choice) for choice in self.choices)}"
        return self._check_number(value)

    def declare(self) -> dict[str, Any]:
        """What the server and the page are told."""
        return {
            "key": self.key, "type": self.type, "min": self.min, "max": self.max, "step": self.step, "log": self.log,
            "choices": self.choices, "unit": self.unit and cut_text(str(self.unit), 64),
            "description": self.description and cut_text(str(self.description), limits.CAPTION_LENGTH_MAX), "value": self._value,
        }  # fmt: skip

    def _check_number(self, value: Any) -> Optional[str]:
        name = "a whole number" if self.type == "integer" else "a number"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            return name
        if self.type == "integer" and not float(value).is_integer():
            return name
        if (self.min is not None and value < self.min) or (self.max is not None and value > self.max):
            low = "" if self.min is None else f" from {self.min}"
            return f"{name}{low}{'' if self.max is None else f' to {self.max}'}"
        return None

    def _read(self, value: Any) -> Value:
        plain = _plain(value)
        if self.type == "number" and isinstance(plain, int) and not isinstance(plain, bool):
            plain = float(plain)
        if self.type == "integer" and isinstance(plain, float) and plain.is_integer():
            plain = int(plain)
        expected = self.check(plain)
        if expected is not None:
            raise OptionError(f"parameter «{self.key}» cannot be {value!r}: {expected} is expected")
        return plain

    def read(self, value: Any) -> Value:
        """The value as this parameter has it. Raises OptionError."""
        return self._read(value)

    def _put_back(self, value: Value) -> None:
        try:
            if self._apply is not None:
                self._apply(value)
        except Exception:  # noqa: S110 - the first fault is the one that is told
            pass

    def _check_declaration(self) -> None:
        if not self.key:
            raise OptionError("a parameter needs a name")
        if self.type not in TYPES:
            raise OptionError(f"parameter «{self.key}»: the type is «{self.type}», one of {', '.join(TYPES)} was expected")
        if self.type == "choice" and not self.choices:
            raise OptionError(f"parameter «{self.key}» is a choice, and needs choices")
        if any(isinstance(choice, str) and len(choice) > limits.PARAMETER_TEXT_MAX for choice in self.choices):
            raise OptionError(f"parameter «{self.key}»: a choice has at most {limits.PARAMETER_TEXT_MAX} characters")
        if len(self.choices) > limits.PARAMETER_CHOICES_MAX:
            raise OptionError(f"parameter «{self.key}» has more than {limits.PARAMETER_CHOICES_MAX} choices")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise OptionError(f"parameter «{self.key}»: min is above max")
        if self.log and (self.min is not None and self.min <= 0):
            raise OptionError(f"parameter «{self.key}» is logarithmic: its min has to be above 0")


def _guess_type(value: Any, choices: Sequence[Any]) -> str:
    if choices:
        return "choice"
    plain = _plain(value)
    if isinstance(plain, bool):
        return "switch"
    return "integer" if isinstance(plain, int) else "number"


def _plain(value: Any) -> Value:
    """A numpy or torch scalar as the number that it is."""
    if isinstance(value, (bool, int, float, str)):
        return value
    item = getattr(value, "item", None)
    found = item() if callable(item) else value
    if isinstance(found, (bool, int, float, str)):
        return found
    raise OptionError(f"a parameter is a number, a text, True or False, not {value!r}")


def _bound(name: str, value: Any) -> Optional[float]:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise OptionError(f"{name} is {value!r}, a number was expected")
    if name == "step" and value <= 0:
        raise OptionError(f"step is {value!r}, a number above 0 was expected")
    return value
