"""Configurations of any kind become plain JSON objects."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sys
from enum import Enum
from pathlib import PurePath
from typing import Any, Iterable, Mapping

from ._limits import CONFIG_BYTES_MAX
from ._text import clean_text, cut_text
from ._warn import warn_once

_DEPTH_MAX = 32
_TEXT_MAX = 16 * 1024
_ARRAY_MAX = 64
_INT_MAX = 2**53
_SECRET = re.compile(
    r"(api_?key|passw(or)?d|secret|credential|private_key|(^|_)(hub|access|auth|bearer|api|hf)_token$)", re.IGNORECASE
)
HIDDEN = "(hidden)"


def to_config(value: Any) -> dict[str, Any]:
    """Reads a configuration: mapping, Namespace, dataclass, OmegaConf, pydantic, attrs, absl flags, or any object with
    attributes. What JSON has no word for becomes text; values of keys that name a secret are hidden.
    """
    found = _unpack(value, 0, ())
    config = found if isinstance(found, dict) else {"config": found}
    size = len(json.dumps(config).encode("utf-8"))
    if size <= CONFIG_BYTES_MAX:
        return config
    warn_once("config", f"The configuration has {size} bytes of JSON, {CONFIG_BYTES_MAX} are possible: long parts left out.")
    return _shrink(config)


def unpack_config(value: Any) -> dict[str, Any]:
    """The top level of a configuration of any kind, its values as they are."""
    mapping = _as_mapping(value)
    if mapping is not None:
        return {clean_text(str(name)): item for name, item in mapping.items()}
    if hasattr(value, "__dict__") and not callable(value):
        return {name: item for name, item in vars(value).items() if not name.startswith("_")}
    return {"config": value}


def to_json(value: Any) -> Any:
    """Any value as JSON has it: finite numbers, text, lists and objects."""
    return _unpack(value, 0, ())


def _unpack(value: Any, depth: int, above: tuple[int, ...]) -> Any:
    if value is None or isinstance(value, (bool, str, int, float)):
        return _plain(value)
    if id(value) in above or depth > _DEPTH_MAX:
        return "…"
    inside = (*above, id(value))
    mapping = _as_mapping(value)
    if mapping is not None:
        return _unpack_mapping(mapping, depth, inside)
    if isinstance(value, (list, tuple)):
        return [_unpack(item, depth + 1, inside) for item in value]
    if isinstance(value, (set, frozenset)):
        return [_unpack(item, depth + 1, inside) for item in sorted(value, key=str)]
    return _unpack_other(value, depth, inside)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, str):
        return cut_text(str(value), _TEXT_MAX)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(float(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value) if abs(value) <= _INT_MAX else cut_text(_int_text(value), _TEXT_MAX)
    return value


def _int_text(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # longer than the interpreter turns into decimals
        return hex(value)


def _as_mapping(value: Any) -> Any:
    """The value's named parts, or None when it has none."""
    if isinstance(value, Mapping) and not _is_omegaconf(value):
        return value
    if _is_omegaconf(value):
        return _read_omegaconf(value)
    if isinstance(value, (type, Enum, PurePath)):
        return None
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    for reader in ("model_dump", "flag_values_dict"):
        parts = _call(value, reader)
        if isinstance(parts, Mapping):
            return parts
    if hasattr(value, "__attrs_attrs__"):
        return {part.name: getattr(value, part.name, None) for part in value.__attrs_attrs__}
    if hasattr(value, "__fields__"):  # pydantic before 2
        return {name: getattr(value, name, None) for name in value.__fields__}
    if type(value).__name__ in ("Namespace", "SimpleNamespace"):
        return vars(value)
    return None


def _is_omegaconf(value: Any) -> bool:
    return type(value).__module__.startswith("omegaconf")


def _read_omegaconf(value: Any) -> Any:
    tool = getattr(sys.modules.get("omegaconf"), "OmegaConf", None)
    for resolve in (True, False):  # an interpolation that cannot be resolved stays as it is written
        try:
            parts = tool.to_container(value, resolve=resolve) if tool is not None else None
            return parts if isinstance(parts, Mapping) else None
        except Exception:  # noqa: S112 - any error of the user's resolvers
            continue
    return None


def _call(value: Any, name: str) -> Any:
    method = getattr(value, name, None)
    try:
        return method() if callable(method) else None
    except Exception:
        return None


def _unpack_mapping(mapping: Mapping[Any, Any], depth: int, inside: tuple[int, ...]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, item in mapping.items():
        key = clean_text(str(name))
        hidden = isinstance(item, str) and item and _SECRET.search(key)
        parts[key] = HIDDEN if hidden else _unpack(item, depth + 1, inside)
    return parts


def _unpack_other(value: Any, depth: int, inside: tuple[int, ...]) -> Any:
    size = getattr(value, "size", None)
    if isinstance(size, int) and size <= _ARRAY_MAX:  # numpy scalars and small arrays
        listed = _call(value, "tolist")
        if listed is not None and listed is not value:
            return _unpack(listed, depth + 1, inside)
    if type(value).__name__ == "Tensor" and _call(value, "numel") == 1:
        return _unpack(_call(value, "item"), depth + 1, inside)
    if hasattr(value, "__dict__") and depth == 0 and not callable(value):
        return _unpack_mapping({k: v for k, v in vars(value).items() if not k.startswith("_")}, depth, inside)
    if isinstance(value, Enum):
        return value.name
    try:
        return cut_text(str(value), _TEXT_MAX)
    except Exception:
        return f"<{type(value).__name__}>"


def _shrink(config: dict[str, Any]) -> dict[str, Any]:
    """Keeps whole top-level parts, the small ones first, as long as they fit."""
    kept: dict[str, Any] = {}
    room = CONFIG_BYTES_MAX - 1024
    sizes: Iterable[tuple[int, str]] = sorted((len(json.dumps({k: v}).encode("utf-8")), k) for k, v in config.items())
    for size, key in sizes:
        if size <= room:
            kept[key] = config[key]
            room -= size
    return kept
