"""Where the SDK reports to, and with which token."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse._begin import make_uid
from pilothouse._endpoint import Endpoint, NoServer, find_endpoint
from pilothouse._settings import find_data_folder, read_settings


def write_server(folder: Path, url: str = "http://127.0.0.1:4080", token: str = "local") -> None:  # noqa: S107
    (folder / "server.json").write_text(f'{{"url": "{url}"}}')
    (folder / "report.token").write_text(f"{token}\n")


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"PILOTHOUSE_DATA": "/d", "XDG_DATA_HOME": "/x"}, "linux", "/d"),
        ({"XDG_DATA_HOME": "/x"}, "linux", "/x/pilothouse"),
        ({}, "linux", "~/.local/share/pilothouse"),
        ({"XDG_DATA_HOME": "/x"}, "darwin", "~/Library/Application Support/pilothouse"),
    ],
)
def test_the_data_folder_is_where_the_system_keeps_data(environ: dict[str, str], platform: str, folder: str) -> None:
    assert find_data_folder(environ, platform) == Path(folder).expanduser()


def test_the_server_of_the_data_folder_is_found(tmp_path: Path) -> None:
    write_server(tmp_path)
    found = find_endpoint(read_settings({"PILOTHOUSE_DATA": str(tmp_path)}))
    assert found == Endpoint("http://127.0.0.1:4080", "local")
    assert "local" not in repr(found)


@pytest.mark.parametrize(
    ("variables", "token"),
    [
        ({}, "local"),
        ({"PILOTHOUSE_URL": "http://localhost:4080"}, "local"),
        ({"PILOTHOUSE_URL": "http://localhost:4081"}, None),
        ({"PILOTHOUSE_URL": "https://elsewhere.example"}, None),
        ({"PILOTHOUSE_URL": "https://elsewhere.example", "PILOTHOUSE_TOKEN": "mine"}, "mine"),
    ],
)
def test_the_local_token_goes_to_the_local_server_only(tmp_path: Path, variables: dict[str, str], token: str | None) -> None:
    write_server(tmp_path)
    assert find_endpoint(read_settings({"PILOTHOUSE_DATA": str(tmp_path), **variables})).token == token


def test_a_token_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")
    settings = read_settings({"PILOTHOUSE_URL": "http://a/", "PILOTHOUSE_TOKEN_FILE": str(file)})
    assert find_endpoint(settings) == Endpoint("http://a", "one")
    file.write_text("two\n")
    assert find_endpoint(settings) == Endpoint("http://a", "two")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 5}', '{"url": "file:///etc"}'])
def test_a_broken_server_file_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    with pytest.raises(NoServer, match=r"no server\.json"):
        find_endpoint(read_settings({"PILOTHOUSE_DATA": str(tmp_path)}))


def test_uids_are_unlike() -> None:
    assert len({make_uid() for _ in range(1000)}) == 1000
