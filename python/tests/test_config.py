"""Configurations of any kind become plain JSON objects."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import enum
import json
import math
import pathlib
from typing import Any

import numpy
import omegaconf
import pydantic
import pytest
from check_server import CheckServer

import pilothouse
from pilothouse._config import to_config


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Inner:
    rate: float = 0.1


@dataclasses.dataclass
class Outer:
    inner: Inner = dataclasses.field(default_factory=Inner)
    names: tuple[str, ...] = ("a", "b")


class Plain:
    def __init__(self) -> None:
        self.depth = 3
        self._hidden = 4


class LikePydantic:
    def model_dump(self) -> dict[str, Any]:
        return {"lr": 0.5}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": 1, "b": {"c": [1, 2.5, None, True]}}, {"a": 1, "b": {"c": [1, 2.5, None, True]}}),
        (argparse.Namespace(lr=0.1, sub=argparse.Namespace(x=1)), {"lr": 0.1, "sub": {"x": 1}}),
        (Outer(), {"inner": {"rate": 0.1}, "names": ["a", "b"]}),
        (Plain(), {"depth": 3}),
        (LikePydantic(), {"lr": 0.5}),
        ({"nan": math.nan, "inf": -math.inf}, {"nan": "nan", "inf": "-inf"}),
        ({1: "one", None: 2}, {"1": "one", "None": 2}),
        ({"path": pathlib.PurePosixPath("/a/b"), "color": Color.RED}, {"path": "/a/b", "color": "RED"}),
        ({"set": {3, 1, 2}, "day": datetime.date(2020, 1, 2)}, {"set": [1, 2, 3], "day": "2020-01-02"}),
        ({"big": 2**60, "huge": 10**5000}, {"big": str(2**60), "huge": hex(10**5000)}),
        ({"np": numpy.float32(0.5), "arr": numpy.arange(3)}, {"np": 0.5, "arr": [0, 1, 2]}),
        ({"api_key": "x", "hub_token": "y", "eos_token": "<s>", "max_tokens": 5, "password": ""},
         {"api_key": "(hidden)", "hub_token": "(hidden)", "eos_token": "<s>", "max_tokens": 5, "password": ""}),
        ([1, 2], {"config": [1, 2]}),
    ],
)  # fmt: skip
def test_a_configuration_becomes_json(given: Any, expected: dict[str, Any]) -> None:
    found = to_config(given)
    assert found == expected
    json.dumps(found, allow_nan=False)


def test_a_configuration_that_holds_itself_ends() -> None:
    config: dict[str, Any] = {"a": 1}
    config["self"] = config
    assert to_config(config) == {"a": 1, "self": "…"}


def test_a_value_that_refuses_to_be_text_does_no_harm() -> None:
    class Rude:
        def __repr__(self) -> str:
            raise RuntimeError

    assert to_config({"rude": [Rude()]}) == {"rude": ["<Rude>"]}


def test_an_oversized_configuration_keeps_its_small_parts() -> None:
    config = to_config({"small": 1, "long": ["x" * 16_000] * 100})
    assert config == {"small": 1}


def test_a_large_array_is_text() -> None:
    assert isinstance(to_config({"a": numpy.zeros(1000)})["a"], str)


def test_omegaconf_is_resolved_where_it_can_be() -> None:
    config = omegaconf.OmegaConf.create({"lr": 0.1, "double": "${lr}", "list": [1, 2]})
    assert to_config(config) == {"lr": 0.1, "double": 0.1, "list": [1, 2]}
    broken = omegaconf.OmegaConf.create({"lr": "${nowhere}"})
    assert to_config(broken) == {"lr": "${nowhere}"}
    assert to_config({"inside": config}) == {"inside": {"lr": 0.1, "double": 0.1, "list": [1, 2]}}


def test_pydantic_models_are_read() -> None:
    model = pydantic.create_model("Config", lr=(float, 0.1))
    assert to_config(model()) == {"lr": 0.1}


def test_the_configuration_reaches_the_server(connected: CheckServer) -> None:
    with pilothouse.init(config=Outer()):
        create = connected.wait_for(lambda s: list(s.jobs.values()))[0]
    assert create["config"] == {"inner": {"rate": 0.1}, "names": ["a", "b"]}
