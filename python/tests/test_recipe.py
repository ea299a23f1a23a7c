"""The recipe: what is needed to start the same thing again, and no secret."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse._recipe import choose_environment, collect_recipe, command_line, hide_arguments, list_packages, read_git


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-b", "trunk")
    (tmp_path / "train.py").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_commit_branch_remote_and_changes_are_read(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "https://user:secret@example.org/x.git")
    found = read_git(str(repository))
    assert found is not None
    assert len(found["commit"]) == 40
    assert (found["branch"], found["remote"], found["dirty"]) == ("trunk", "https://example.org/x.git", False)
    (repository / "train.py").write_text("2")
    git(repository, "checkout", "--detach")
    changed = read_git(str(repository))
    assert changed == {**found, "branch": None, "dirty": True}


def test_a_folder_without_a_repository_has_no_git(tmp_path: Path) -> None:
    assert read_git(str(tmp_path)) is None


def test_a_repository_without_a_commit_has_no_git(tmp_path: Path) -> None:
    git(tmp_path, "init")
    assert read_git(str(tmp_path)) is None


def test_a_machine_without_git_has_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert read_git(str(repository)) is None


def test_secrets_of_the_environment_are_left_out() -> None:
    given = {
        "HOME": "/h", "CUDA_VISIBLE_DEVICES": "0", "WANDB_API_KEY": "x", "HF_TOKEN": "x", "MY_PASSWORD": "x",
        "AWS_SECRET_ACCESS_KEY": "x", "DATABASE_URL": "x", "PILOTHOUSE_TOKEN": "x", "PROXY": "http://u:p@proxy:80/",
        "ODD": "a\udc80",
    }  # fmt: skip
    expected = {"HOME": "/h", "CUDA_VISIBLE_DEVICES": "0", "PROXY": "http://proxy:80/", "ODD": "a?"}
    assert choose_environment(given) == expected


def test_secrets_of_the_command_are_hidden() -> None:
    given = ["python", "t.py", "--api-key=abc", "--token", "abc", "--lr", "0.1", "--max-tokens", "5", "db.password=x", "token"]
    assert hide_arguments(given) == [
        "python", "t.py", "--api-key=(hidden)", "--token", "(hidden)", "--lr", "0.1", "--max-tokens", "5",
        "db.password=(hidden)", "token",
    ]  # fmt: skip


def test_the_whole_recipe_is_collected(repository: Path) -> None:
    recipe = collect_recipe({"A": "b"}, ["python", "train.py"], str(repository))
    assert recipe["command"] == ["python", "train.py"]
    assert recipe["workingDirectory"] == str(repository)
    assert recipe["environment"] == {"A": "b"}
    assert recipe["git"]["branch"] == "trunk"
    assert recipe["python"].startswith("CPython 3.")
    assert command_line()[0] == sys.executable
    assert "pytest" in list_packages()
