"""What scripts say of their arguments: real parsers, real Hydra, and scripts that behave badly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any, Sequence

import pytest

SOURCES = Path(__file__).parents[1] / "src"
BEGIN, END = "<<<pilothouse describe\n", "\npilothouse describe>>>\n"
Answer = dict[str, Any]


class Project:
    """A folder in which scripts are written and asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))

    def ask(self, *words: str, script: str = "train.py", more: Sequence[Sequence[str]] = ()) -> Answer:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), "HOME": str(self.folder), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "pilothouse", "describe", script, "--more", json.dumps(more), "--overrides", *words]
        done = subprocess.run(command, cwd=self.folder, env=environment, check=False, capture_output=True, timeout=120)
        out = done.stdout.decode()
        assert (done.returncode, out[: len(BEGIN)], out[-len(END) :]) == (0, BEGIN, END), done.stderr.decode()
        assert not (self.folder / "ran").exists(), "the training ran"
        answer: Answer = json.loads(out[len(BEGIN) : -len(END)])
        return answer


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def fields_of(answer: Answer) -> dict[str, Answer]:
    return {field["key"]: field for field in answer["fields"]}


def pick(field: Answer, *names: str) -> list[Any]:
    return [field[name] for name in names]


ARGPARSE = """
    import argparse
    print("junk before the parser")

    def str2bool(text):
        open("ran", "w")
        return text == "yes"

    class Loud(argparse.Action):
        def __call__(self, *args, **more):
            open("ran", "w")

    parser = argparse.ArgumentParser(description="Trains a model")
    parser.add_argument("data", help="where the images lie")
    parser.add_argument("--lr", "-l", type=float, default=1e-3, help="learning rate (%(default)s), 100% tuned")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--sizes", nargs="+", type=int, default=[64, 128])
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--slow", action="store_false", dest="fast")
    parser.add_argument("-v", action="count", default=0)
    parser.add_argument("--optimizer", choices=["adam", "sgd"], required=True)
    parser.add_argument("--tag", action="append")
    parser.add_argument("--hidden", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version="1")
    parser.add_argument("--formula", type=eval, default=3)
    parser.add_argument("--log", type=argparse.FileType("w"), default="-")
    parser.add_argument("--loud", action=Loud)
    group = parser.add_argument_group("Precision")
    group.add_argument("--half", type=str2bool, default=False)
    options = parser.parse_args()
    open("ran", "w")
"""


def test_a_parser_of_argparse_tells_all_of_its_arguments(project: Project) -> None:
    project.write("train.py", ARGPARSE)
    answer = project.ask("there", "--optimizer", "adam")
    assert pick(answer, "kind", "description", "fault", "errors") == ["argparse", "Trains a model", None, []]
    fields = fields_of(answer)
    table = {key: pick(field, "form", "type", "many", "default", "required") for key, field in fields.items()}
    assert table == {
        "data": ["place", "text", False, None, True],
        "--lr": ["option", "number", False, "0.001", False],
        "--steps": ["option", "integer", False, "100", False],
        "--sizes": ["option", "integer", True, "64 128", False],
        "--fast": ["flag", "boolean", False, "false", False],
        "--slow": ["flag", "boolean", False, "false", False],
        "-v": ["count", "integer", False, "0", False],
        "--optimizer": ["option", "choice", False, None, True],
        "--tag": ["append", "text", True, None, False],
        "--formula": ["option", "text", False, "3", False],
        "--log": ["option", "text", False, "-", False],
        "--loud": ["option", "text", False, None, False],
        "--half": ["option", "boolean", False, "false", False],
    }
    assert fields["--optimizer"]["choices"] == ["adam", "sgd"]
    assert fields["--lr"]["help"] == "learning rate (%(default)s), 100% tuned"
    assert fields["data"]["help"] == "where the images lie"
    assert pick(fields["--half"], "group", "name") == ["Precision", "half"]


@pytest.mark.parametrize(
    ("words", "key", "message"),
    [
        (["x"], "--optimizer", "needs a value"),
        (["--optimizer=adam"], "data", "needs a value"),
        (["x", "--optimizer=adam", "--lr=$(touch ran)"], "--lr", "invalid float value: '$(touch ran)'"),
        (["x", "--optimizer=rms"], "--optimizer", "invalid choice: 'rms'"),
        (["x", "--optimizer=adam", "--nope"], None, "unrecognized arguments: --nope"),
    ],
)
def test_what_the_parser_refuses_is_told_by_its_argument(
    project: Project, words: list[str], key: str | None, message: str
) -> None:
    project.write("train.py", ARGPARSE)
    (error,) = project.ask(*words)["errors"]
    assert error["key"] == key
    assert message in error["message"]


@pytest.mark.parametrize(
    "value", ["$(touch ran)", "`touch ran`", "a\nb", "'\"", "--", "-x", "open('ran', 'w')", "ran", "\u2028é"]
)
def test_values_are_taken_as_text_and_run_nothing(project: Project, value: str) -> None:
    project.write("train.py", ARGPARSE)
    keys = ("--formula", "--log", "--loud", "--half", "--tag")
    assert project.ask("x", "--optimizer=adam", *(f"{key}={value}" for key in keys))["errors"] == []


def test_commands_have_arguments_of_their_own(project: Project) -> None:
    project.write(
        "train.py",
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--seed", type=int)
        commands = parser.add_subparsers(dest="command", required=True)
        fit = commands.add_parser("fit", aliases=["train"], help="learn")
        fit.add_argument("--steps", type=int, required=True)
        commands.add_parser("test").add_argument("--split", default="val")
        parser.parse_args()
        open("ran", "w")
        """,
    )
    answer = project.ask("fit")
    assert answer["commands"] == [{"name": "fit", "help": "learn"}, {"name": "test", "help": None}]
    assert [pick(field, "key", "command") for field in answer["fields"]] == [
        ["--seed", None],
        ["--steps", "fit"],
        ["--split", "test"],
    ]
    assert answer["errors"] == [{"key": "--steps", "message": "needs a value"}]
    assert project.ask("--seed=1", "fit", "--steps=2")["errors"] == []


def test_a_parser_that_looks_for_one_word_first_is_not_taken_for_the_whole(project: Project) -> None:
    project.write(
        "train.py",
        """
        import argparse
        first = argparse.ArgumentParser(add_help=False)
        first.add_argument("--config")
        known, rest = first.parse_known_args()
        parser = argparse.ArgumentParser()
        parser.add_argument("--lr", type=float, default=0.5)
        parser.parse_args(rest)
        open("ran", "w")
        """,
    )
    answer = project.ask("--config=a.yaml", "--lr=1")
    assert (list(fields_of(answer)), answer["errors"]) == (["--lr", "--config"], [])


def test_arguments_of_a_module_that_the_script_imports_are_found(project: Project) -> None:
    project.write(
        "lib/cli.py",
        "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--lr')\nread = parser.parse_args\n",
    )
    project.write("train.py", "from lib.cli import read\nread()\nopen('ran', 'w')\n")
    assert list(fields_of(project.ask())) == ["--lr"]


def test_other_parsers_in_a_script_go_on_as_they_would(project: Project) -> None:
    project.write(
        "train.py",
        """
        import argparse
        tool = argparse.ArgumentParser()
        tool.add_argument("--depth", type=int)
        assert tool.parse_args(["--depth", "3"]).depth == 3
        parser = argparse.ArgumentParser()
        parser.add_argument("--lr")
        try:
            parser.parse_args()
        except BaseException:
            pass
        finally:
            open("ran", "w")
        """,
    )
    assert list(fields_of(project.ask())) == ["--lr"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import argparse, sys\nsys.exit(3)", "ended with exit code 3"),
        ("import argparse, sys\nsys.exit('no data')", "ended with «no data»"),
        ("import argparse\nraise ValueError('bad')", "ValueError: bad"),
        ("import argparse\nimport no_such_module", "this interpreter has no such module"),
        ("import argparse\ninput()", "reads from standard input"),
        ("import argparse\ndef (", "SyntaxError"),
        ("import argparse", "never read any arguments"),
        (
            "import argparse, os\nif os.fork() == 0:\n    argparse.ArgumentParser().parse_args()\nos.wait()",
            "never read any arguments",
        ),
        ("import argparse\nraise KeyboardInterrupt", "interrupted"),
        ("import argparse\ndef f(): f()\nf()", "RecursionError"),
    ],
)
def test_a_script_that_gets_not_so_far_says_why(project: Project, text: str, message: str) -> None:
    project.write("train.py", text)
    answer = project.ask()
    assert answer["kind"] == "none"
    assert message in answer["fault"]["message"]


def test_threads_and_exit_handlers_do_not_hold_the_answer(project: Project) -> None:
    project.write(
        "train.py",
        """
        import argparse, atexit, threading
        atexit.register(lambda: open("ran", "w"))
        threading.Thread(target=threading.Event().wait).start()
        argparse.ArgumentParser().parse_args()
        """,
    )
    assert project.ask()["kind"] == "argparse"


@pytest.mark.parametrize(("text", "recognised"), [("print(open('ran', 'w'))", None), ("import click\nopen('ran', 'w')", "click")])
def test_a_script_without_a_parser_that_can_be_asked_is_not_run(project: Project, text: str, recognised: str | None) -> None:
    project.write("train.py", text)
    answer = project.ask()
    assert pick(answer, "kind", "recognised", "fault") == ["none", recognised, None]
    assert "was not run" in answer["notes"][0]


def test_a_script_sees_no_settings_of_pilothouse(project: Project) -> None:
    project.write(
        "train.py",
        """
        import argparse, os
        parser = argparse.ArgumentParser()
        parser.add_argument("--seen", default=",".join(name for name in os.environ if name.startswith("PILOTHOUSE")))
        parser.parse_args()
        """,
    )
    assert fields_of(project.ask())["--seen"]["default"] == "PILOTHOUSE_MODE"


def test_long_answers_are_cut_and_say_so(project: Project) -> None:
    project.write(
        "train.py",
        """
        import argparse
        parser = argparse.ArgumentParser()
        for number in range(3000):
            parser.add_argument(f"--n{number}", help="x" * 20_000 if number == 0 else None, default="\\0\\ud800")
        parser.add_argument("--of", choices=[str(n) for n in range(900)])
        parser.parse_args()
        """,
    )
    answer = project.ask()
    assert (len(answer["fields"]), len(answer["fields"][0]["help"])) == (2000, 8192)
    assert answer["notes"] == ["There are 3001 fields; the first 2000 are shown."]


def test_jsonargparse_tells_types_from_hints(project: Project) -> None:
    project.write(
        "train.py",
        """
        from enum import Enum
        from typing import List, Literal, Optional
        from jsonargparse import auto_cli

        class Mode(Enum):
            fast = 1
            slow = 2

        def train(data: str, lr: float = 0.1, steps: Optional[int] = None, mode: Mode = Mode.fast, on: bool = True,
                  sizes: List[int] = [1, 2], kind: Literal["a", "b"] = "a", more: dict = {}):
            '''Trains.

            Args:
                lr: how fast
            '''
            open("ran", "w")

        auto_cli(train)
        """,
    )
    answer = project.ask("x", "--lr=fast")
    assert answer["kind"] == "jsonargparse"
    assert answer["library"].startswith("jsonargparse 4.")
    table = {key: pick(field, "form", "type", "default", "optional") for key, field in fields_of(answer).items()}
    table.pop("--config", None)
    assert table == {
        "data": ["place", "text", None, False],
        "--lr": ["option", "number", "0.1", False],
        "--steps": ["option", "integer", None, True],
        "--mode": ["option", "choice", "fast", False],
        "--on": ["option", "boolean", "true", False],
        "--sizes": ["option", "list", "[1, 2]", False],
        "--kind": ["option", "choice", "a", False],
        "--more": ["option", "object", "{}", False],
    }
    (error,) = answer["errors"]
    assert error["key"] == "--lr"
    assert project.ask("x", "--sizes=[1,3]", "--steps=null", "--on=false", "--mode=slow")["errors"] == []


def test_the_command_line_of_lightning_tells_its_commands(project: Project) -> None:
    project.write(
        "train.py",
        """
        from lightning.pytorch import LightningModule
        from lightning.pytorch.cli import LightningCLI

        class Model(LightningModule):
            def __init__(self, width: int = 64, rate: float = 0.1):
                super().__init__()

        LightningCLI(Model)
        open("ran", "w")
        """,
    )
    answer = project.ask("fit", "--model.width=many")
    assert {"fit", "validate", "test", "predict"} <= {command["name"] for command in answer["commands"]}
    fields = {(field["command"], field["key"]): field for field in answer["fields"]}
    assert pick(fields["fit", "--model.width"], "type", "default") == ["integer", "64"]
    assert pick(fields["fit", "--trainer.max_epochs"], "type", "optional") == ["integer", True]
    assert answer["errors"][0]["key"] == "--model.width"


def test_of_a_sweep_each_job_is_checked(project: Project) -> None:
    project.write("train.py", ARGPARSE)
    right = ["x", "--optimizer", "adam"]
    more = [[*right, "--lr", "1"], [*right, "--lr", "fast"], ["x", "--optimizer", "none"], right]
    answer = project.ask(*right, more=more)
    assert (answer["errors"], answer["others"]["checked"]) == ([], 4)
    assert [(one["job"], one["key"]) for one in answer["others"]["errors"]] == [(1, "--lr"), (2, "--optimizer")]
