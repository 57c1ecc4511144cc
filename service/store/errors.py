"""What the store refuses. The HTTP side turns each into an answer; `code` is what a page translates."""

from __future__ import annotations

from typing import Any

from corpus.errors import FenbanError


class RefusedError(FenbanError):
    """A request that cannot be done as it stands; `facts` are shown to the caller."""

    status = 422

    def __init__(self, code: str, reason: str, **facts: Any) -> None:
        self.code = code
        self.facts = facts
        super().__init__(reason)


class UnauthenticatedError(RefusedError):
    """Nobody is signed in, or not with these words."""

    status = 401


class ForbiddenError(RefusedError):
    """The account may not do this."""

    status = 403


class NotFoundError(RefusedError):
    """It does not exist, or this account may not know that it does."""

    status = 404

    def __init__(self, what: str) -> None:
        super().__init__("not_found", f"There is no such {what}, or it is not yours to see")


class ConflictError(RefusedError):
    """Somebody else was there first."""

    status = 409


class UnavailableError(RefusedError):
    """It cannot be done now, through no fault of the caller."""

    status = 503


class TooManyError(RefusedError):
    """Too often in too short a time."""

    status = 429

    def __init__(self, reason: str, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__("too_many", reason)
