"""What Hydra composes for a script, and what is wrong with overrides: the real Hydra."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_describe import Answer, Project, fields_of, pick

SCRIPT = """
    import hydra
    from omegaconf import OmegaConf

    OmegaConf.register_new_resolver("eval", eval)

    @hydra.main(version_base=None, config_path="conf", config_name="config")
    def main(config):
        open("ran", "w")

    if __name__ == "__main__":
        main()
"""
CONFIG = """
    defaults:
      - model: small
      - db@source: lite
      - _self_
    lr: 0.001
    steps: 100
    name: "a b"
    half: true
    nothing: null
    sizes: [1, "x y"]
    data: ???
    again: ${lr}
    out: ${hydra:runtime.output_dir}/${hydra:job.num}
    optimizer:
      betas: {first: 0.9}
      "odd key": 1
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.write("train.py", SCRIPT)
    project.write("conf/config.yaml", CONFIG)
    project.write("conf/model/small.yaml", "width: 64")
    project.write("conf/model/large.yaml", "width: 640")
    project.write("conf/db/lite.yaml", "file: x.db")
    project.write("conf/db/pg.yaml", "host: there")
    project.write("conf/model/head/linear.yaml", "bias: true")
    return project


def groups_of(answer: Answer) -> dict[str, list[Any]]:
    return {group["key"]: pick(group, "options", "default", "chosen") for group in answer["groups"]}


def test_groups_values_and_what_is_missing_are_told(project: Project) -> None:
    answer = project.ask()
    assert pick(answer, "kind", "fault") == ["hydra", None]
    assert groups_of(answer) == {
        "model": [["large", "small"], "small", "small"],
        "db@source": [["lite", "pg"], "lite", "lite"],
        "+model/head": [["linear"], None, None],
    }
    table = {key: pick(field, "type", "default", "required") for key, field in fields_of(answer).items()}
    assert table == {
        "model.width": ["integer", "64", False],
        "source.file": ["text", "x.db", False],
        "lr": ["number", "0.001", False],
        "steps": ["integer", "100", False],
        "name": ["text", "a b", False],
        "half": ["boolean", "true", False],
        "nothing": ["any", None, False],
        "sizes": ["list", "[1,'x y']", False],
        "data": ["any", None, True],
        "again": ["any", "${lr}", False],
        "out": ["text", "${hydra:runtime.output_dir}/${hydra:job.num}", False],
        "optimizer.betas.first": ["number", "0.9", False],
    }
    assert answer["errors"] == [{"key": "data", "message": "needs a value (???)"}]
    assert answer["notes"] == ["One value has a name that no override can spell, and is left out."]


def test_a_chosen_group_brings_its_own_values(project: Project) -> None:
    answer = project.ask("model=large", "db@source=pg", "data=x", "lr=1", "+model/head=linear", "+new.key='a=b, c'", "~half")
    assert answer["errors"] == []
    assert groups_of(answer)["model"] == [["large", "small"], "small", "large"]
    assert groups_of(answer)["+model/head"] == [["linear"], None, "linear"]
    fields = fields_of(answer)
    # What is set is no default.
    assert [fields["model.width"]["default"], fields["lr"]["default"]] == ["640", "0.001"]
    assert "lr: 1\n" in answer["config"]
    assert "key: a=b, c\n" in answer["config"]
    assert "half" not in answer["config"]


@pytest.mark.parametrize(
    ("word", "key", "message"),
    [
        ("foo=1", "foo", "Could not override 'foo'"),
        ("model=huge", "model", "Available options in 'model':\nlarge\nsmall"),
        ("lr=[1", "lr", "no viable alternative"),
        ("lr=1,2", "lr", "This is a sweep"),
        ("=1", "", ""),
        ("again=${nope}", "again", "Interpolation key 'nope' not found"),
        ("--nope", None, "unrecognized arguments: --nope"),
        ("lr=$(touch ran)", "lr", ""),
        ("lr='open", "lr", ""),
    ],
)
def test_each_override_that_is_refused_is_told_by_its_key(project: Project, word: str, key: str | None, message: str) -> None:
    answer = project.ask("data=x", word, *(["steps=7"] if key is not None else []))
    (error,) = answer["errors"]
    assert error["key"] == key
    assert message in error["message"]
    assert key is None or "steps: 7\n" in answer["config"]


def test_functions_of_the_script_are_not_called_with_what_was_typed(project: Project) -> None:
    answer = project.ask("data=x", "name=${eval:\"open('ran','w')\"}", "again=${oc.env:HOME}")
    assert answer["errors"] == []
    assert "eval is a function of the script" in answer["notes"][1]


def test_types_of_structured_configurations_are_told_and_held(project: Project) -> None:
    project.write(
        "train.py",
        """
        from dataclasses import dataclass, field
        from enum import Enum
        from typing import List, Optional

        import hydra
        from hydra.core.config_store import ConfigStore
        from omegaconf import MISSING

        class Mode(Enum):
            fast = 1
            slow = 2

        @dataclass
        class Sgd:
            lr: float = 0.1
            steps: Optional[int] = None
            mode: Mode = Mode.fast
            tags: List[str] = field(default_factory=list)

        @dataclass
        class Config:
            defaults: list = field(default_factory=lambda: [{"optimizer": MISSING}])
            optimizer: Sgd = MISSING
            seed: int = MISSING

        store = ConfigStore.instance()
        store.store(name="config", node=Config)
        store.store(group="optimizer", name="sgd", node=Sgd)

        @hydra.main(version_base="1.3", config_path=None, config_name="config")
        def main(config):
            open("ran", "w")

        main()
        """,
    )
    nothing = project.ask()
    assert groups_of(nothing) == {"optimizer": [["sgd"], None, None]}
    assert [error["key"] for error in nothing["errors"]] == ["optimizer"]
    assert [error["key"] for error in project.ask("optimizer=nope")["errors"]] == ["optimizer", "optimizer"]
    answer = project.ask("optimizer=sgd", "optimizer.lr=x", "optimizer.mode=medium", "seed=1.5")
    assert [error["key"] for error in answer["errors"]] == ["optimizer.lr", "optimizer.mode", "seed"]
    table = {key: pick(field, "type", "default", "optional", "choices", "required") for key, field in fields_of(answer).items()}
    assert table == {
        "optimizer.lr": ["number", "0.1", False, None, False],
        "optimizer.steps": ["integer", None, True, None, False],
        "optimizer.mode": ["choice", "fast", False, ["fast", "slow"], False],
        "optimizer.tags": ["list", "[]", False, None, False],
        "seed": ["integer", None, False, None, True],
    }


def test_another_configuration_can_be_named(project: Project) -> None:
    project.write("conf/other.yaml", "only: 1")
    project.write("elsewhere/third.yaml", "third: 3")
    assert list(fields_of(project.ask("--config-name", "other", "only=2"))) == ["only"]
    assert list(fields_of(project.ask("--config-dir", "elsewhere", "--config-name", "third"))) == ["third"]


def test_a_configuration_that_is_not_there_is_said(project: Project) -> None:
    (project.folder / "conf/config.yaml").unlink()
    (error,) = project.ask()["errors"]
    assert "Cannot find primary config 'config'" in error["message"]
    project.write("train.py", SCRIPT.replace('"conf"', '"nowhere"'))
    assert "nowhere" in str(project.ask())


def test_of_a_sweep_each_job_is_composed(project: Project) -> None:
    right = ["data=x", "model=small"]
    more = [["data=x", "model=large"], ["data=x", "model=huge"], ["model=small"], [*right, "lr=1,2"], [*right, "lr=0.1"]]
    answer = project.ask(*right, more=more)
    assert (answer["errors"], answer["others"]["checked"]) == ([], 5)
    wrong = {one["job"]: (one["key"], one["message"]) for one in answer["others"]["errors"]}
    assert {job: key for job, (key, _) in wrong.items()} == {1: "model", 2: "data", 3: "lr"}
    assert "huge" in str(wrong[1][1])


def test_of_many_wrong_jobs_the_first_are_told(project: Project) -> None:
    more = [["data=x", f"model=none{at}"] for at in range(60)]
    others = project.ask("data=x", more=more)["others"]
    # As many as there is time for on a slow machine.
    assert 1 < others["checked"] <= 20
    assert [one["job"] for one in others["errors"]] == list(range(others["checked"]))
