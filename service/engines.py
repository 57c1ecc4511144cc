"""The engine of a command that reads whole tables: processes of this machine, or Apache Spark."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import FenbanError, InputError
from service.reading import check_out

if TYPE_CHECKING:
    from models.spark.petitions import Petitions
    from models.spark.stages import Stages
    from models.spark.worker import Settings

LOCAL, SPARK = "local", "spark"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the choice of the engine to a command."""
    parser.add_argument("--engine", choices=(LOCAL, SPARK), default=LOCAL, help="processes of this machine, or Spark")
    parser.add_argument("--master", help="Spark's: local[N] or the address of a cluster; by default all cores")
    parser.add_argument("--work", type=Path, help="Spark's: folder that keeps finished stages, to take up a broken run")


def is_spark(options: argparse.Namespace) -> bool:
    """Whether Spark was chosen.

    Raises:
        FenbanError: its options without it.
    """
    if options.engine != SPARK and (options.master or options.work):
        raise FenbanError("--master and --work belong to --engine spark")
    return bool(options.engine == SPARK)


def tag(options: argparse.Namespace, table: bool) -> int:
    """`fenban tag` on Spark; an --out without suffix is a folder of jsonl files."""
    from corpus.writers import write_rows

    parts = not options.out.suffix
    _check(options, [] if parts else [options.out])
    if parts and options.out.exists():
        raise InputError(options.out, "exists already; name a new folder")
    with _run(options, options.input) as run:
        from models.spark.stages import rows_in_order
        from models.spark.tagging import tag_files, write_parts

        petitions, tagged = tag_files(run.stages, run.files, run.settings, table=table)
        lost = _told(petitions)
        if parts:
            write_parts(tagged, options.out)
        else:
            write_rows(options.out, rows_in_order(tagged))
    print(f"fenban: {petitions.count} petitions tagged, {lost} rows not read: {options.out}", file=sys.stderr)
    return 0


def repeats(options: argparse.Namespace) -> int:
    """`fenban repeats` on Spark."""
    from corpus.writers import write_rows

    with _run(options, [*options.against, *options.input]) as run:
        from models.spark.petitions import files_in, read_files
        from models.spark.repeat_output import matter_values, pair_values
        from models.spark.repeats import find_repeats
        from models.spark.stages import rows_in_order

        petitions, stages = read_files(run.stages, run.files, len(files_in(options.against, _own(options))))
        _told(petitions)
        found, stages = find_repeats(stages, petitions, run.settings)
        found = found if options.threshold is None else found.at(options.threshold)
        count = write_rows(options.out, rows_in_order(matter_values(stages, petitions, found, run.settings)))
        if options.pairs is not None:
            write_rows(options.pairs, rows_in_order(pair_values(stages, petitions, found, run.settings)))
    print(f"fenban: {count} matters in {petitions.count} petitions: {options.out}", file=sys.stderr)
    return 0


@dataclass(frozen=True)
class Run:
    """What a run begins with: its first stage, what workers load, and the files to read."""

    stages: Stages
    settings: Settings
    files: list[Path]


@contextmanager
def _run(options: argparse.Namespace, inputs: Iterable[Path]) -> Iterator[Run]:
    from models.spark.session import MASTER, spark_session
    from models.spark.stages import Stages, files_fingerprint, settings_of, work_folder

    settings = settings_of(options.models, options.county)
    with (
        _tidied_when_stopped(),
        work_folder(options.work, options.out) as work,
        spark_session(work, options.master or MASTER) as session,
    ):
        from models.spark.petitions import files_in

        for path in _own(options):
            if work.resolve() in path.resolve().parents:
                raise InputError(path, f"lies in the work folder {work}; name another place")
        files = files_in(inputs, _own(options))
        yield Run(Stages(session, work, files_fingerprint(files, settings)), settings, files)


def _own(options: argparse.Namespace) -> list[Path]:
    """What a run writes, which is no input of it though it may lie among them."""
    return [path for path in (options.out, options.work, getattr(options, "pairs", None)) if path is not None]


@contextmanager
def _tidied_when_stopped() -> Iterator[None]:
    """A run that is stopped (SIGTERM) ends as from within, so that no letters stay behind in a work folder."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check(options: argparse.Namespace, outs: Iterable[Path]) -> None:
    for out in outs:
        check_out(out, options.input)
    if not options.out.parent.is_dir():
        raise InputError(options.out, f"the folder {options.out.parent} does not exist")


def _told(petitions: Petitions) -> int:
    """Tells what could not be read; gives the number of rows that were lost.

    Raises:
        FenbanError: nothing could be read.
    """
    for _, problem in petitions.problems:
        print(f"fenban: {problem}", file=sys.stderr)
    if petitions.count == petitions.older:
        raise FenbanError("no petition could be read; nothing was written")
    return sum(not kept for kept, _ in petitions.problems)
