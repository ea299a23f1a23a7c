"""`python -m pilothouse sync`: sends what waits on disk. `describe`: tells which arguments a script takes."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Optional, Sequence

from . import __version__
from ._describe import describe
from ._endpoint import find_endpoint
from ._errors import OptionError
from ._settings import read_settings
from ._sync import sync_all
from ._transport import Transport


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """0 when everything arrived or was told, 1 when something is left or was refused, 2 when the call was wrong."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    # A parser would make something of what follows, as of «--».
    at = given.index("--overrides") if given[:1] == ["describe"] and "--overrides" in given else len(given)
    options = _parser().parse_args(given[:at])
    if options.command == "describe":
        if not options.script.is_file():
            print(f"pilothouse: no such file: {options.script}", file=sys.stderr)
            return 2
        return describe(options.script, given[at + 1 :], options.more)
    environ = dict(os.environ)
    if options.url:
        environ["PILOTHOUSE_URL"] = options.url
    if options.token_file:
        environ["PILOTHOUSE_TOKEN_FILE"] = options.token_file
    try:
        settings = read_settings(environ, "online")
    except OptionError as error:
        print(f"pilothouse: {error}", file=sys.stderr)
        return 2
    folders = [Path(folder) for folder in options.folder] or [settings.data_folder / "spool"]
    missing = [str(folder) for folder in folders if options.folder and not folder.is_dir()]
    if missing:
        print(f"pilothouse: no such folder: {', '.join(missing)}", file=sys.stderr)
        return 2
    return _sync(folders, Transport(lambda: find_endpoint(settings)))


def _sync(folders: list[Path], transport: Transport) -> int:
    whole, runs = True, 0
    for outcome in sync_all(folders, transport, lambda text: print(f"pilothouse: {text}", file=sys.stderr)):
        runs += 1
        whole = whole and not (outcome.trouble or outcome.refused or outcome.left)
        counts = f"{outcome.sent} sent, {outcome.refused} refused, {outcome.left} left"
        print(f"{outcome.folder}: {counts}{': ' + outcome.trouble if outcome.trouble else ''}")
    if not runs:
        print("Nothing waits.")
    return 0 if whole else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pilothouse", description="Tools beside the SDK.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    sync = commands.add_parser("sync", help="send the reports of runs that were offline or lost their server")
    sync.add_argument("folder", nargs="*", help="run folders, or folders above them; default: all in the data folder")
    sync.add_argument("--url", help="address of the server; default: PILOTHOUSE_URL, else the server of the data folder")
    sync.add_argument("--token-file", help="file with the token; default: as the SDK finds it")
    told = commands.add_parser("describe", help="run the beginning of a script and tell, as JSON, which arguments it takes")
    told.add_argument("script", type=Path)
    told.add_argument("--more", type=json.loads, default=[], help="JSON: further lists of arguments, to be checked, too")
    told.add_argument("--overrides", nargs=argparse.REMAINDER, help="its arguments, to be checked; all that follows")
    return parser


if __name__ == "__main__":
    sys.exit(main())
