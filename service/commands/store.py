"""The store for the commands: opened by the settings that the service uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus.errors import FenbanError

if TYPE_CHECKING:
    from service.settings import Settings
    from service.store.engine import Store


def read_settings(**given: object) -> Settings:
    """The settings of the environment, with what the command line gives over them.

    Raises:
        FenbanError: a setting is wrong; says which.
    """
    from pydantic import ValidationError

    from service.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = "; ".join(f"{one['loc'][0]}: {one['msg']}" for one in error.errors())
        raise FenbanError(f"settings (options or FENBAN_… in the environment): {faults}") from error


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store, closed again at the end.

    Raises:
        FenbanError: it cannot be opened, or fails in the middle of the work; what was committed stays.
    """
    from sqlalchemy.exc import DBAPIError

    from service.store.engine import open_store

    store = open_store(settings.database_url)
    try:
        yield store
    except DBAPIError as error:
        # Its own words may quote what was to be written.
        kind = type(error.orig).__name__
        raise FenbanError(f"the database failed in the middle of the work ({kind}); run this again") from error
    finally:
        store.close()
