"""What Hydra composes for a script: its groups, its values and their types, and what is wrong with some overrides."""

from __future__ import annotations

import contextlib
import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ._describe_others import check_others

Error = Dict[str, Optional[str]]
Field = Dict[str, Any]
#: What stands between dots of a key that an override can name.
PART = re.compile(r"^(?:[A-Za-z_$][\w$-]*|0|[1-9]\d*)$", re.A)
#: `${name:…}` calls a function; those of OmegaConf and Hydra look something up and no more.
CALL = re.compile(r"\$\{\s*([^\s:{}]+)\s*:")
LOOKING_UP = ("oc.env", "oc.decode", "oc.select", "oc.dict.keys", "oc.dict.values", "oc.create", "oc.deprecated", "hydra")
WHOLE = re.compile(r"^\$\{[^{}]*\}$")
MANDATORY = re.compile(r"You must specify '([^']+)'")


def describe_hydra(task: Dict[str, Any], words: Sequence[str], more: Sequence[Sequence[str]] = ()) -> Dict[str, Any]:
    """
    task: what `hydra.main` was given, and its parser, as they stand when the script calls it. more: arguments of further jobs.
    """
    args, fault = _read_words(task["args_parser"], words)
    version = getattr(import_module("hydra"), "__version__", "")
    answer: Dict[str, Any] = {"kind": "hydra", "library": f"hydra-core {version}", "errors": fault, "notes": []}
    name = args.config_name or task["config_name"]
    with _open_hydra(task["task_function"], args.config_path or task["config_path"], args.config_dir) as loader:
        _Composer(loader, name, answer).describe(list(args.overrides))

        def check(given: Sequence[str]) -> List[Error]:
            read, wrong = _read_words(task["args_parser"], given)
            return wrong or _Composer(loader, name, {"errors": [], "notes": []}).find_errors(list(read.overrides))

        answer["others"] = check_others(more, check)
    return answer


def _read_words(parser: Any, words: Sequence[str]) -> Tuple[Any, List[Error]]:
    class Refusal(Exception):
        pass

    def refuse(message: str) -> None:
        raise Refusal(message)

    vars(parser)["error"] = refuse
    try:
        args, unknown = parser.parse_known_args(list(words))
    except Refusal as refusal:
        return parser.parse_args([]), [{"key": None, "message": str(refusal)}]
    return args, [{"key": None, "message": f"unrecognized arguments: {' '.join(unknown)}"}] if unknown else []


@contextlib.contextmanager
def _open_hydra(task_function: Any, config_path: Optional[str], config_dir: Optional[str]) -> Iterator[Any]:
    """Hydra as `hydra.main` would begin it for this function."""
    hydra, base = import_module("hydra"), import_module("hydra.version")
    global_hydra = import_module("hydra.core.global_hydra").GlobalHydra
    global_hydra.instance().clear()
    script = Path(task_function.__code__.co_filename)
    more: Dict[str, Any] = {"job_name": script.stem}
    if hasattr(base, "getbase"):
        more["version_base"] = str(base.getbase())
    if config_path is None:
        opened = hydra.initialize(config_path=None, **more)
    elif config_path.startswith("pkg://"):
        opened = hydra.initialize_config_module(config_path[len("pkg://") :], **more)
    else:
        opened = hydra.initialize_config_dir(os.path.abspath(script.parent / config_path), **more)
    with opened:
        loader = global_hydra.instance().config_loader()
        if config_dir is not None:
            # What a loader searches is settled when it is made, and its last place is that of ConfigStore.
            places = loader.get_search_path().get_path()
            loader.get_search_path().append("command-line", os.path.abspath(config_dir))
            places.insert(-1, places.pop())
            loader = type(loader)(loader.get_search_path())
            global_hydra.instance().hydra.config_loader = loader
        yield loader


class _Composer:
    def __init__(self, loader: Any, name: Optional[str], answer: Dict[str, Any]) -> None:
        self._loader = loader
        self._name = name
        self._answer = answer
        self._errors: List[Error] = answer["errors"]
        self._oc = import_module("omegaconf").OmegaConf

    def describe(self, words: Sequence[str]) -> None:
        good = [word for word in words if self._parse(word)]
        groups = [word for word in good if self._is_group(word)]
        full, good = self._compose_what_fits(good)
        groups = [word for word in groups if word in good]
        base = full if groups == good else self._try(groups)
        default = base if not groups else self._try([])
        if base is None or full is None:
            self._answer.update(groups=self._list_groups({}, {}, self._list_all_groups("")), fields=[])
            return
        choices = self._read_choices(full)
        defaults = {} if default is None else self._read_choices(default)
        others = [name for name in self._list_all_groups("") if name not in {_bare(key) for key in choices}]
        self._answer["groups"] = self._list_groups(defaults, choices, others)
        self._fill_runtime(full)
        self._answer["fields"], hidden = self._list_fields(base)
        if hidden:
            names = "One value has a name" if hidden == 1 else f"{hidden} values have names"
            self._answer["notes"].append(f"{names} that no override can spell, and is left out.")
        self._check(full, words)
        shown = self._oc.masked_copy(full, [key for key in full if key != "hydra"])
        self._answer["config"] = self._oc.to_yaml(shown)

    def find_errors(self, words: Sequence[str]) -> List[Error]:
        """What is wrong with these overrides; nothing else is told of them."""
        full, _ = self._compose_what_fits([word for word in words if self._parse(word)])
        if full is not None:
            self._fill_runtime(full)
            self._check(full, words)
        return self._errors

    def _parse(self, word: str) -> bool:
        overrides = import_module("hydra.core.override_parser.overrides_parser")
        try:
            found = overrides.OverridesParser.create(config_loader=self._loader).parse_override(word)
        except Exception as error:
            self._errors.append({"key": _key_of(word), "message": _first_lines(error)})
            return False
        if found.is_sweep_override():
            self._errors.append({"key": _key_of(word), "message": "This is a sweep, not one value."})
            return False
        return True

    def _is_group(self, word: str) -> bool:
        return "=" in word and self._loader.get_group_options(_bare(_key_of(word))) != []

    def _compose(self, words: Sequence[str]) -> Any:
        return import_module("hydra").compose(self._name, overrides=list(words), return_hydra_config=True)

    def _try(self, words: Sequence[str]) -> Any:
        try:
            return self._compose(words)
        except Exception:
            return None

    def _compose_what_fits(self, words: Sequence[str]) -> Tuple[Any, List[str]]:
        """With all overrides, or with those that are taken one after another; the others are told as errors."""
        with contextlib.suppress(Exception):
            return self._compose(words), list(words)
        good: List[str] = []
        composed = self._try([])
        for word in words:
            try:
                composed = self._compose([*good, word])
                good.append(word)
            except Exception as error:
                # Before a group is chosen that has to be, nothing can be composed, whatever the word.
                if composed is not None or not MANDATORY.search(str(error)):
                    self._errors.append({"key": _key_of(word), "message": _first_lines(error)})
                else:
                    good.append(word)
        if composed is None:
            try:
                composed = self._compose(good)
            except Exception as error:
                mandatory = MANDATORY.search(str(error))
                self._errors.append({"key": mandatory.group(1) if mandatory else None, "message": _first_lines(error)})
        return composed, good

    def _read_choices(self, config: Any) -> Dict[str, Optional[str]]:
        choices = config.hydra.runtime.choices
        return {
            key: None if choices[key] is None else str(choices[key])
            for key in choices
            if key != "hydra" and not key.startswith("hydra/")
        }

    def _list_all_groups(self, parent: str) -> List[str]:
        found: List[str] = []
        for name in self._loader.list_groups(parent):
            group = f"{parent}/{name}" if parent else name
            if group != "hydra":
                found += ([group] if self._loader.get_group_options(group) else []) + self._list_all_groups(group)
        return found

    def _list_groups(
        self, defaults: Dict[str, Optional[str]], choices: Dict[str, Optional[str]], others: Sequence[str]
    ) -> List[Dict[str, Any]]:
        mandatory = {error["key"] for error in self._errors}
        groups: List[Dict[str, Any]] = [
            {"key": key if key in defaults or not defaults else f"+{key}", "default": defaults.get(key), "chosen": chosen}
            for key, chosen in choices.items()
        ]
        groups += [{"key": name if name in mandatory else f"+{name}", "default": None, "chosen": None} for name in others]
        for group in groups:
            group["options"] = self._loader.get_group_options(_bare(group["key"]))
        groups.sort(key=lambda group: (group["key"].startswith("+"), group["key"]))
        return groups

    def _fill_runtime(self, config: Any) -> None:
        """Values that are known once it runs, so that what refers to them is no mistake."""
        self._oc.set_readonly(config, None)
        self._oc.set_readonly(config.hydra, False)
        with import_module("omegaconf").open_dict(config.hydra):
            for key, value in (("runtime.output_dir", "outputs"), ("job.id", "0"), ("job.num", 0)):
                if self._oc.is_missing(config.hydra[key.split(".")[0]], key.split(".")[1]):
                    self._oc.update(config.hydra, key, value)
        import_module("hydra.core.hydra_config").HydraConfig.instance().set_config(config)

    def _list_fields(self, config: Any) -> Tuple[List[Field], int]:
        fields, hidden = [], 0
        for path, parent, key in self._walk(config, ()):
            if all(PART.match(part) for part in path):
                fields.append(self._read_field(".".join(path), parent, key))
            else:
                hidden += 1
        return fields, hidden

    def _walk(self, node: Any, path: Tuple[str, ...]) -> Iterator[Tuple[Tuple[str, ...], Any, Any]]:
        dictionary = import_module("omegaconf").DictConfig
        for key in list(node.keys()):
            if not path and key == "hydra":
                continue
            child = node._get_node(key)
            here = (*path, str(getattr(key, "name", key)))
            is_open = isinstance(child, dictionary) and not (child._is_none() or child._is_missing() or child._is_interpolation())
            if is_open and len(child) > 0:
                yield from self._walk(child, here)
            else:
                yield here, node, key

    def _read_field(self, path: str, parent: Any, key: Any) -> Field:
        node = parent._get_node(key)
        kind, choices = _read_kind(node)
        missing = node._is_missing()
        return {
            "key": path,
            "name": path,
            "form": "assign",
            "off": None,
            "type": kind,
            "many": False,
            "optional": bool(node._is_optional()),
            "default": None if missing or node._is_none() else self._show(node),
            "choices": choices,
            "required": missing,
            "help": None,
            "group": path.rpartition(".")[0] or None,
            "command": None,
        }

    def _show(self, node: Any) -> str:
        if node._is_interpolation():
            return str(node._value())
        value = self._oc.to_container(node) if self._oc.is_config(node) else node._value()
        return _to_plain(value) if not isinstance(value, (list, dict)) else _to_hydra(value)

    def _check(self, config: Any, words: Sequence[str]) -> None:
        """Values that are missing, and references that lead nowhere."""
        called = {name for word in words for name in CALL.findall(word)}
        own = sorted(name for name in called if name not in LOOKING_UP)
        if own:
            names = ", ".join(own)
            words = f"References are not followed: {names} is a function of the script, and is not called with what was typed."
            self._answer["notes"].append(words)
        for path, parent, key in self._walk(config, ()):
            node, name = parent._get_node(key), ".".join(path)
            if node._is_missing():
                if all(error["key"] != name for error in self._errors):
                    self._errors.append({"key": name, "message": "needs a value (???)"})
            elif not own and (node._is_interpolation() or self._oc.is_config(node)):
                try:
                    found = parent[key]
                    if self._oc.is_config(found):
                        self._oc.to_container(found, resolve=True)
                except Exception as error:
                    self._errors.append({"key": name, "message": _first_lines(error)})


def _key_of(word: str) -> str:
    return word.partition("=")[0]


def _bare(key: str) -> str:
    """The group in a key: `+db@source` is of `db`."""
    return key.lstrip("+~").partition("@")[0]


def _first_lines(error: BaseException) -> str:
    """What happened and, of the cause, why; without the lines that only tell where in the library."""
    lines: List[str] = []
    for one in (error, error.__cause__):
        for line in str(one or "").partition("Config search path:")[0].splitlines():
            text = line.strip()
            if (
                text
                and text not in [*lines, "None"]
                and not re.match(r"(full_key|object_type|reference_type|See https?:|Set the env)", text)
            ):
                lines.append(text)
    return "\n".join(lines[:8])


def _read_kind(node: Any) -> Tuple[str, Optional[List[str]]]:
    nodes = import_module("omegaconf")
    if isinstance(node, nodes.ListConfig):
        return "list", None
    if isinstance(node, nodes.DictConfig):
        return "object", None
    if isinstance(node, nodes.EnumNode):
        return "choice", [one.name for one in node.enum_type]
    named = (
        ("BooleanNode", "boolean"),
        ("IntegerNode", "integer"),
        ("FloatNode", "number"),
        ("StringNode", "text"),
        ("PathNode", "text"),
    )
    for name, kind in named:
        if hasattr(nodes, name) and isinstance(node, getattr(nodes, name)):
            return kind, None
    if node._is_interpolation():
        # With words around it, it becomes a text; alone it may become anything.
        return "any" if WHOLE.match(str(node._value())) else "text", None
    if node._is_missing():
        return "any", None
    value = node._value()
    for plain, kind in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "text")):
        if isinstance(value, plain):
            return kind, None
    return "any", None


def _to_plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(getattr(value, "name", value))


def _to_hydra(value: Any) -> str:
    """In the grammar of overrides."""
    if value is None:
        return "null"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_to_hydra(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_to_hydra(one)}" for key, one in value.items()) + "}"
    if isinstance(value, str):
        if re.match(r"^(?!(?:true|false|null|[+-]?(?:inf|nan))$)[a-z_/][\w/.@%?|+-]*$", value, re.I | re.A):
            return value
        # Backslashes count double only before a quote, and the closing one is one.
        text = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), value)
        return f"'{text}'"
    return _to_plain(value)
