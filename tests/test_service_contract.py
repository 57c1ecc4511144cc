"""The whole OpenAPI, asked with whatever it allows and with what it does not: no 5xx, no undocumented answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from service.app import create_app
from service.settings import Settings

pytestmark = pytest.mark.long

SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi())


@pytest.fixture(scope="module")
def address(service) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        # The stream of a job that waits would last as long as the test does.
        patch.setattr("service.api.jobs.LONGEST_STREAM_SECONDS", 0.5)
        yield from served(service)


def served(service) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(service.app, port=0, lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@SCHEMA.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_documented(case, service, address: str) -> None:
    # A new account for every case: some cases switch accounts off or revoke keys.
    service.count = getattr(service, "count", 0) + 1
    client = service.client(f"everything {service.count}", "clerk", "analyst", "admin")
    headers = {"Authorization": client.headers["authorization"]}
    # Labels, cursors and tokens that no schema can describe are refused with 422 or 409, and suggestions are open.
    case.call_and_validate(address, headers=headers, excluded_checks=[positive_data_acceptance, ignored_auth])
