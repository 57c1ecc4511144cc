"""What all pages share: templates, the signed-in caller, the way to the sign-in page, files that browsers may keep."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.types import Scope

from service.access import COOKIE, Caller, identify
from service.store.accounts import ADMIN, ANALYST, CLERK
from service.store.errors import UnauthenticatedError

PAGE = Path(__file__).parent.parent / "page"
templates = Jinja2Templates(directory=PAGE / "templates")

PLACES = (
    ("/queue", "待办", {CLERK, ANALYST}),
    ("/intake", "录入", {CLERK}),
    ("/matters", "重复件", {CLERK, ANALYST}),
    ("/uploads", "批量", {CLERK, ANALYST}),
    ("/reports", "读报告", {CLERK, ANALYST}),
    ("/statistics", "统计", {ANALYST, ADMIN}),
    ("/admin/accounts", "管理", {ADMIN}),
)
"""Address, name and roles of what the head of every page leads to."""


class PageFiles(StaticFiles):
    """Scripts and styles: a browser may keep them, and asks each time whether they are still the same."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or 304 where the browser has it."""
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = "no-cache"
        return answer


def caller_or_none(request: Request) -> Caller | None:
    """Who is signed in with this browser."""
    try:
        return identify(request, None, request.cookies.get(COOKIE))
    except UnauthenticatedError:
        return None


def page_caller(request: Request) -> Caller:
    """Who is signed in; anybody else is sent to sign in and comes back afterwards."""
    caller = caller_or_none(request)
    if caller is None:
        following = urlencode({"next": request.url.path})
        raise HTTPException(303, "Sign in first", {"Location": f"/sign-in?{following}"})
    return caller


PageCaller = Annotated[Caller, Depends(page_caller)]


def show(request: Request, template: str, caller: Caller | None = None, **context: Any) -> HTMLResponse:
    """A page; its head leads to what the caller's roles open."""
    places = [(path, name) for path, name, roles in PLACES if caller is not None and not roles.isdisjoint(caller.roles)]
    section = f"/{request.url.path.split('/')[1]}"
    here = "/queue" if section == "/letters" else section
    shared = {"caller": caller, "places": places, "here": here}
    return templates.TemplateResponse(request, template, {**shared, **context})
