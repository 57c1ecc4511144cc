"""What the routes share: types of fields, documented refusals, pages, writes that are done once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from corpus.encoding import repair
from service.access import Anyone, StoreOf
from service.store.account_tables import IdempotencyRow
from service.store.audit import Work, audited
from service.store.base import now
from service.store.engine import Store
from service.store.errors import ConflictError, RefusedError

LARGEST_KEY = 2**63 - 1
REMEMBERED = timedelta(hours=24)
"""How long the answer to a write with an Idempotency-Key is kept."""
REPLAYED = "Idempotent-Replayed"
"""The header of an answer that was given before: nothing was done this time."""


def _written(value: object) -> object:
    if not isinstance(value, str) or not _WRITTEN.match(value):
        raise ValueError("write it as 2025-03-02, a moment as 2025-03-02T08:00:00Z")
    return value


_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt]|$)")

Clean = Annotated[str, AfterValidator(lambda text: repair(text)[0])]
"""A text without lone surrogates and NUL."""
Short = Annotated[Clean, Field(max_length=200)]
Key = Annotated[int, Field(ge=1, le=LARGEST_KEY, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Day = Annotated[date, BeforeValidator(_written)]
"""A day as 2025-03-02; numbers, which could stand for seconds, are refused."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
"""A moment with its time zone, as ISO 8601 writes it."""
PathKey = Annotated[int, Path(ge=1, le=LARGEST_KEY)]
Limit = Annotated[int, Query(ge=1, le=200, description="how many at most")]
Cursor = Annotated[
    str | None, Query(max_length=100, description="`next` of the page before; left out for the first page")
]


class Body(BaseModel):
    """A request's body; fields that the contract does not know are told, not swallowed."""

    model_config = ConfigDict(extra="forbid")


class Done(BaseModel):
    """The write was done."""

    done: bool = True


PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
DESCRIPTIONS = {
    400: "the body cannot be read",
    401: "nobody is signed in",
    403: "this account may not do it, or the CSRF token is missing",
    404: "there is no such thing, or it is not this account's to see",
    409: "somebody else was there first, or the state does not allow it; `code` says which",
    413: "the request is too large",
    422: "the request does not fit the contract, or cannot be done as it stands",
    429: "too many requests; Retry-After says when to come back",
    503: "something is not there, try again later; `code` says what: database, model or disk",
}


def refusals(*statuses: int, signed_in: bool = True) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route's refusals; those that any route may give are added."""
    always = (400, 413, 422, 429, 503) + ((401, 403) if signed_in else ())
    return {
        status: {"description": DESCRIPTIONS[status], "content": PROBLEM} for status in sorted({*always, *statuses})
    }


def no_repeated_values(request: Request) -> None:
    """Refuses a query that gives one parameter twice: which of the two counts would be anybody's guess."""
    names = [name for name, _ in request.query_params.multi_items()]
    if len(set(names)) < len(names):
        raise RefusedError("repeated", "A parameter of the query is given more than once; give it once")


def cursor_of(*numbers: int) -> str:
    """A cursor that stands for these numbers."""
    return base64.urlsafe_b64encode(".".join(map(str, numbers)).encode()).decode().rstrip("=")


def numbers_of(cursor: str | None, count: int) -> tuple[int, ...] | None:
    """The numbers that a cursor stands for. Raises RefusedError for a cursor that is none of ours."""
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        numbers = tuple(int(part) for part in text.split(".") if part.isascii() and part.isdigit())
    except (binascii.Error, ValueError):
        numbers = ()
    if len(numbers) != count or any(number > LARGEST_KEY for number in numbers):
        raise RefusedError("cursor", "This cursor is not one of ours; leave it out for the first page")
    return numbers


@dataclass(frozen=True, slots=True)
class Write:
    """A caller's write. With an Idempotency-Key it is done once, however often it is sent."""

    store: Store
    account_key: int
    actor: str
    key: str | None
    request_hash: str

    def once(self, act: Callable[[Work], BaseModel], status: int = 200) -> JSONResponse:
        """Does it and answers; answers as before where it was done before.

        Raises:
            ConflictError: the same was written at this very moment.
            RefusedError: the key was used for another request.
        """
        try:
            with audited(self.store, self.actor) as work:
                earlier = self._earlier(work.session)
                if earlier is not None:
                    return _replayed(earlier)
                body = act(work).model_dump(mode="json")
                self._remember(work.session, status, body)
        except (IntegrityError, RefusedError) as error:
            # Sent again while the first was under way, it was in its own way: the first has ended by now.
            answer = self._answered_meanwhile()
            if answer is not None:
                return answer
            if isinstance(error, RefusedError):
                raise
            raise ConflictError("same_moment", "The same was written at the same moment; read and try again") from error
        return JSONResponse(body, status)

    def secret(self, act: Callable[[Work], BaseModel], status: int = 200) -> JSONResponse:
        """Does it and answers with something that must not be kept, so that the key cannot help."""
        return Write(self.store, self.account_key, self.actor, None, "").once(act, status)

    def _earlier(self, session: Session) -> IdempotencyRow | None:
        if self.key is None:
            return None
        row = session.get(IdempotencyRow, (self.account_key, self.key))
        if row is not None and row.request_hash != self.request_hash:
            raise RefusedError("idempotency_key", "This Idempotency-Key was used for another request; make a new one")
        return row

    def _answered_meanwhile(self) -> JSONResponse | None:
        with self.store.read() as session:
            earlier = self._earlier(session)
            return None if earlier is None else _replayed(earlier)

    def _remember(self, session: Session, status: int, body: dict[str, Any]) -> None:
        if self.key is None:
            return
        session.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now() - REMEMBERED))
        session.add(
            IdempotencyRow(
                account_key=self.account_key,
                idempotency_key=self.key,
                request_hash=self.request_hash,
                status=status,
                body=body,
            )
        )


def _replayed(earlier: IdempotencyRow) -> JSONResponse:
    return JSONResponse(earlier.body, earlier.status, headers={REPLAYED: "true"})


async def write_of(
    request: Request,
    caller: Anyone,
    store: StoreOf,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=200, description="any text; the same text, the same write")
    ] = None,
) -> Write:
    """The caller's write."""
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(await request.body())
    return Write(store, caller.key, caller.actor, idempotency_key, digest.hexdigest())


WriteOf = Annotated[Write, Depends(write_of)]
