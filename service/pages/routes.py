"""The pages' addresses. What a page shows it asks of /v1, where every right is checked again."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service.access import Caller, OfficeOf
from service.api.common import PathKey
from service.pages.shell import PageCaller, caller_or_none, show
from service.pages.vocabulary import vocabulary_of
from service.store.accounts import ADMIN, CLERK

router = APIRouter(include_in_schema=False)

ADMIN_PAGES = {"accounts": "账号", "models": "模型", "units": "单位", "schemes": "分类"}


@router.get("/")
def start(request: Request) -> Response:
    """To the queue, to what the account may open, or to the sign-in page."""
    caller = caller_or_none(request)
    return RedirectResponse("/sign-in" if caller is None else _first_page(caller), 303)


def _first_page(caller: Caller) -> str:
    if CLERK in caller.roles:
        return "/queue"
    return "/admin/accounts" if ADMIN in caller.roles else "/statistics"


@router.get("/try")
def try_page(request: Request) -> HTMLResponse:
    """One pasted letter, nothing stored."""
    return show(request, "try.html")


@router.get("/sign-in")
def sign_in_page(request: Request) -> HTMLResponse:
    """Name and password."""
    return show(request, "sign_in.html")


@router.get("/setup")
def setup_page(request: Request) -> HTMLResponse:
    """The one-time link: the first account, or an invited one's password."""
    return show(request, "setup.html")


@router.get("/queue")
def queue_page(request: Request, caller: PageCaller) -> HTMLResponse:
    """Petitions with filters, search and counts."""
    return show(request, "queue.html", caller)


@router.get("/letters/{key:int}")
def letter_page(request: Request, key: PathKey, caller: PageCaller) -> HTMLResponse:
    """One letter to decide."""
    return show(request, "letter.html", caller, key=key)


@router.get("/intake")
def intake_page(request: Request, caller: PageCaller) -> HTMLResponse:
    """A letter typed in."""
    return show(request, "intake.html", caller)


@router.get("/matters")
def matters_page(request: Request, caller: PageCaller) -> HTMLResponse:
    """Petitions that stand together."""
    return show(request, "matters.html", caller)


@router.get("/uploads")
def uploads_page(request: Request, caller: PageCaller) -> HTMLResponse:
    """Whole files, with progress."""
    return show(request, "uploads.html", caller)


@router.get("/reports")
def reports_page(request: Request, caller: PageCaller) -> HTMLResponse:
    """A report with its findings."""
    return show(request, "reports.html", caller)


@router.get("/statistics")
def statistics_page(request: Request, caller: PageCaller) -> HTMLResponse:
    """How often clerks decide as was suggested."""
    return show(request, "statistics.html", caller)


@router.get("/admin/{tab}")
def admin_page(request: Request, tab: str, caller: PageCaller) -> HTMLResponse:
    """Accounts, models, units and schemes."""
    if tab not in ADMIN_PAGES:
        return show(request, "missing.html", caller)
    return show(request, f"admin_{tab}.html", caller, tab=tab, tabs=ADMIN_PAGES)


@router.get("/vocabulary.json")
def vocabulary(_caller: PageCaller, office: OfficeOf) -> Response:
    """What can be chosen, with pinyin and initials; a browser keeps it for a while."""
    return Response(
        vocabulary_of(office), media_type="application/json", headers={"Cache-Control": "private, max-age=300"}
    )
