"""The configuration of a job, as its script reads and changes it."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

from ._config import to_config, unpack_config
from ._fields import Fields
from ._warn import warn_once


class Config(Fields):
    """What the job was configured with: `job.config.lr`, `job.config["lr"]`, `job.config["optimizer.lr"]`.

    Nested mappings stay nested, here and on the server. Changes are reported.
    """

    def __init__(self, given: Any, changed: Callable[[], None]) -> None:
        super().__init__({} if given is None else unpack_config(given), changed)

    def update(self, *others: Any, allow_val_change: Optional[bool] = None, **values: Any) -> None:
        """Sets several values, from any kind of configuration that `init(config=…)` takes.

        A value that was set to something else before is changed, with one warning unless `allow_val_change` is True.
        """
        new: dict[str, Any] = {}
        for other in others:
            new.update(unpack_config(other))
        new.update(values)
        with self._lock:
            if not allow_val_change:
                _warn_of_changes(self._values, new)
            self._values.update(new)
        self._changed()

    def setdefaults(self, other: Any) -> None:
        """Sets those values that are not set yet."""
        with self._lock:
            self._values.update({key: value for key, value in unpack_config(other).items() if key not in self._values})
        self._changed()

    def replace(self, other: Any) -> None:
        """Puts another configuration in place of this one."""
        with self._lock:
            self.__dict__["_values"] = unpack_config(other)
        self._changed()

    def adopt(self, earlier: Mapping[str, Any]) -> None:
        """Takes what earlier attempts of the job were configured with, where nothing else was said."""
        with self._lock:
            self.__dict__["_values"] = {**earlier, **self._values}

    def to_wire(self) -> dict[str, Any]:
        """The configuration as plain JSON, secrets hidden."""
        return to_config(self.as_dict())


def _warn_of_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for key, value in new.items():
        if key in old and not _is_same(old[key], value):
            warn_once(
                f"config:{key}",
                f"config.update(): «{key}» was {old[key]!r} and is {value!r} now (allow_val_change=True says nothing).",
            )


def _is_same(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # arrays compare to arrays
        return one is other
