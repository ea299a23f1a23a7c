"""Named values that a script reads and sets as items or as attributes."""

from __future__ import annotations

import threading
from typing import Any, Callable, Iterator, Mapping, MutableMapping


class Fields(MutableMapping[str, Any]):
    """A mapping whose values are attributes, too. `changed` is called after each change, without arguments.

    A name with «/» or «.» that is no key itself leads into nested mappings: `fields["optimizer.lr"]`.
    """

    def __init__(self, values: Mapping[str, Any], changed: Callable[[], None]) -> None:
        self.__dict__["_values"] = dict(values)
        self.__dict__["_changed"] = changed
        self.__dict__["_lock"] = threading.RLock()

    def as_dict(self) -> dict[str, Any]:
        """A copy of everything that was set."""
        with self._lock:
            return dict(self._values)

    def get_path(self, name: str) -> Any:
        """The value under a key, or at a path into nested mappings. Raises KeyError."""
        with self._lock:
            if name in self._values:
                return self._values[name]
            value: Any = self._values
            for part in name.replace("/", ".").split("."):
                if not isinstance(value, Mapping) or part not in value:
                    raise KeyError(name)
                value = value[part]
            return value

    def __getitem__(self, name: str) -> Any:
        return self.get_path(name)

    def __setitem__(self, name: str, value: Any) -> None:
        with self._lock:
            self._values[str(name)] = value
        self._changed()

    def __delitem__(self, name: str) -> None:
        with self._lock:
            del self._values[name]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict())

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no «{name}»; there are {', '.join(map(str, self)) or 'none'}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self)!r})"
