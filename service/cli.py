"""The command `fenban`: parses the words of the command line and calls the command's function."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from corpus.errors import FenbanError
from service.commands import (
    audit,
    backup,
    corpus,
    evaluate,
    feedback,
    findings,
    intake,
    models,
    repeats,
    report,
    serve,
    tag,
    train,
    units,
    user,
    worker,
)

COMMANDS = (
    tag,
    findings,
    repeats,
    report,
    serve,
    worker,
    intake,
    user,
    feedback,
    train,
    evaluate,
    models,
    audit,
    backup,
    units,
    corpus,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when it did its work, 1 when it could not, 2 for a wrong call, 130 when interrupted."""
    options = build_parser().parse_args(arguments)
    try:
        result: int = options.run(options)
        sys.stdout.flush()
        return result
    except FenbanError as error:
        print(f"fenban: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output went away; give the interpreter nothing left to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("fenban: interrupted", file=sys.stderr)
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; the commands load what they need only when they run."""
    parser = argparse.ArgumentParser(prog="fenban", description="Reads petitions and suggests categories and units.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(subparsers)
    return parser


if __name__ == "__main__":
    sys.exit(main())
