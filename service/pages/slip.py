"""The slip of a letter (办理单), made to be printed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from models.categories import KIND_NAMES
from service.access import OfficeOf, StoreOf
from service.api.common import PathKey
from service.api.petition_models import PetitionFull
from service.api.petition_view import full
from service.office import Office
from service.pages.shell import PageCaller, show
from service.store.accounts import ANALYST, CLERK
from service.store.audit import audited
from service.store.errors import ForbiddenError
from service.store.petitions import petition_of

router = APIRouter(include_in_schema=False)

CHANNELS = {"letter": "来信", "visit": "来访", "call": "来电", "online": "网络", "transfer": "移交"}


@router.get("/letters/{key:int}/slip")
def slip(request: Request, key: PathKey, caller: PageCaller, store: StoreOf, office: OfficeOf) -> HTMLResponse:
    """A letter with what was decided and by whom; printing is a reading, which is audited."""
    if caller.roles.isdisjoint((CLERK, ANALYST)):
        raise ForbiddenError("role", "This needs one of the roles clerk, analyst")
    with audited(store, caller.actor) as work:
        work.audit("petition.print", f"petition:{key}")
        letter = full(work.session, petition_of(work.session, caller.sight, key), caller)
    return show(request, "slip.html", caller, letter=letter, channels=CHANNELS, rows=_rows(letter, office))


def _rows(letter: PetitionFull, office: Office) -> list[tuple[str, str]]:
    """Headings and words of the decided part; what is only suggested is not on the slip."""
    last = letter.decisions[-1] if letter.decisions else None
    if last is None or letter.status == "open":
        return []
    problems = "；".join(f"{code} {_problem(office, code)}" for code in last.discipline)
    return [
        ("来件性质", KIND_NAMES.get(last.kind or "", "未定")),
        ("内容分类", (last.content or "未定").replace("/", " › ")),
        ("监督问题", problems or "未定"),
        ("被反映单位", _unit(office, last.subject_unit)),
        ("承办单位", _unit(office, last.handling_unit)),
        ("紧急程度", "紧急" if last.urgent else "一般"),
        ("拟办意见", last.note or "—"),
        ("办理人", f"{last.by}　{last.created_at.astimezone():%Y-%m-%d %H:%M}"),
    ]


def _problem(office: Office, code: str) -> str:
    return office.discipline[code].name if code in office.discipline else ""


def _unit(office: Office, code: str | None) -> str:
    return f"{office.registry[code].name}（{code}）" if code and code in office.registry else "未定"
