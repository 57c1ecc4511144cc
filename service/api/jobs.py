"""Jobs: a table or an archive of documents is sent in, worked on by `fenban worker`, and fetched again as a table."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from service.access import Anyone, Caller, Reader, StoreOf
from service.api.common import REPLAYED, Body, Cursor, Limit, PathKey, Write, cursor_of, numbers_of, refusals
from service.api.job_models import JobOut, JobPage, JobProblemPage, job_out, problem_out
from service.jobs.tidy import result_file
from service.jobs.uploads import KINDS, discard, kept
from service.store.accounts import ADMIN, CLERK
from service.store.audit import Work, audited
from service.store.engine import Store
from service.store.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from service.store.job_tables import CANCELLED, ENDED
from service.store.jobs import IMPORT, Upload, add_job, cancel, job_of, list_jobs, problems_of

PATH = "/v1/jobs"
EVENT_SECONDS = 0.5
LONGEST_STREAM_SECONDS = 600.0
"""After so long the stream ends; a browser's EventSource opens it again by itself."""
MEDIA_TYPE = "application/octet-stream"
router = APIRouter(prefix=PATH, tags=["jobs"])

IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=200, description="any text; the same text, the same job")
]


class JobForm(Body):
    """What a job is to do: suggest, find problems in reports, or take petitions into the store.

    `reserved: no` says that its sender has looked: nothing in it falls under Art. 15.
    """

    kind: Literal["tag", "findings", "import"] = "tag"
    format: Literal["xlsx", "csv", "jsonl"] = "xlsx"
    reserved: Literal["no"] | None = None


FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "; ".join(f"for {kind}: {', '.join(KINDS[kind])}" for kind in KINDS),
                        },
                        "kind": {"type": "string", "enum": sorted(KINDS), "default": "tag"},
                        "format": {"type": "string", "enum": ["xlsx", "csv", "jsonl"], "default": "xlsx"},
                        "reserved": {"type": "string", "enum": ["no"]},
                    },
                }
            }
        },
    }
}


async def sent_form(request: Request, _caller: Reader) -> AsyncIterator[tuple[JobForm, UploadFile]]:
    """The form of an upload; it is read only after the caller is known."""
    async with request.form(max_files=1, max_fields=10, max_part_size=1_000) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise RefusedError("upload_missing", "Send the file as the field `file` of multipart/form-data")
        fields = [(name, value) for name, value in form.multi_items() if name != "file"]
        try:
            asked = TypeAdapter(JobForm).validate_python(dict(fields))
        except ValidationError as error:
            places = ", ".join(str(one["loc"][0]) for one in error.errors() if one["loc"][0] in JobForm.model_fields)
            raise RefusedError("form", f"Fields that are wrong or not known: {places or 'others'}") from error
        yield asked, file


def own_job(key: PathKey, caller: Anyone, store: StoreOf) -> JobOut:
    """A job of the caller's, or any for an administrator."""
    with store.read() as session:
        return job_out(*job_of(session, key, _whose(caller)))


def _whose(caller: Caller) -> int | None:
    return None if ADMIN in caller.roles else caller.key


OwnJob = Annotated[JobOut, Depends(own_job)]
Sent = Annotated[tuple[JobForm, UploadFile], Depends(sent_form)]


@router.post("", status_code=201, response_model=JobOut, responses=refusals(400, 409), openapi_extra=FORM)
def create(
    request: Request, caller: Reader, store: StoreOf, sent: Sent, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Takes a file in and puts the job in the queue. The file is deleted as soon as the job has ended."""
    form, file = sent
    options = form.model_dump(exclude={"kind"}, exclude_none=True)
    if form.kind == IMPORT:
        if CLERK not in caller.roles:
            raise ForbiddenError("role", f"Taking petitions in needs the role {CLERK}")
        options["unit"] = caller.units[0] if caller.units else None
    folder = request.app.state.settings.uploads
    with kept(folder, form.kind, file.filename or "", file.file) as upload:

        def act(work: Work) -> JobOut:
            job = add_job(work, caller.key, form.kind, options, upload)
            return job_out(*job_of(work.session, job.key, caller.key))

        write = Write(store, caller.key, caller.actor, idempotency_key, _digest(form, upload))
        answer = write.once(act, 201)
        if REPLAYED in answer.headers:
            discard(folder, upload)
    return answer


def _digest(form: JobForm, upload: Upload) -> str:
    words = (PATH, form.model_dump_json(), upload.name, upload.sha256)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


@router.get("", responses=refusals())
def jobs(caller: Anyone, store: StoreOf, cursor: Cursor = None, limit: Limit = 50) -> JobPage:
    """One's own jobs, the newest first; an administrator sees all."""
    before = numbers_of(cursor, 1)
    with store.read() as session:
        found = list_jobs(session, _whose(caller), before[0] if before else None, limit)
    shown = [job_out(*one) for one in found]
    return JobPage(jobs=shown, next=cursor_of(shown[-1].key) if len(shown) == limit else None)


@router.get("/{key}", responses=refusals(404))
def job(found: OwnJob) -> JobOut:
    """One job with its progress."""
    return found


@router.get("/{key}/events", response_class=EventSourceResponse, responses=refusals(404))
async def events(found: OwnJob, request: Request, store: StoreOf) -> AsyncIterator[ServerSentEvent]:
    """Progress as server-sent events, each a whole job, until it has ended."""
    shown: JobOut | None = None
    loop = asyncio.get_running_loop()
    until = loop.time() + LONGEST_STREAM_SECONDS
    while not request.app.state.stopping and loop.time() < until:
        latest = await run_in_threadpool(_latest, store, found.key)
        if latest != shown:
            shown = latest
            yield ServerSentEvent(data=latest, event="progress", id=str(latest.done))
        if latest.state in ENDED:
            return
        await asyncio.sleep(EVENT_SECONDS)


def _latest(store: Store, key: int) -> JobOut:
    with store.read() as session:
        return job_out(*job_of(session, key, None))


@router.get("/{key}/problems", responses=refusals(404))
def problems(key: PathKey, caller: Reader, store: StoreOf, cursor: Cursor = None, limit: Limit = 50) -> JobProblemPage:
    """Rows that could not be read or were read after a repair, with file, row and reason."""
    after = numbers_of(cursor, 1)
    with store.read() as session:
        job_of(session, key, caller.key)
        rows = problems_of(session, key, after[0] if after else 0, limit)
    shown = [problem_out(row) for row in rows]
    return JobProblemPage(problems=shown, next=cursor_of(shown[-1].number) if len(shown) == limit else None)


@router.get(
    "/{key}/result",
    response_class=FileResponse,
    responses={
        **refusals(404, 409),
        200: {"description": "the file", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    },
)
def result(key: PathKey, request: Request, caller: Reader, store: StoreOf) -> FileResponse:
    """The result as a file, for its sender only; fetching it is audited."""
    with store.read() as session:
        found = job_out(*job_of(session, key, caller.key))
    if found.state not in ENDED:
        raise ConflictError("job_runs", "The job has not ended yet; its state and progress are under /v1/jobs/{key}")
    path = result_file(request.app.state.settings, key, found.format)
    if found.state == CANCELLED or not path.is_file():
        raise NotFoundError("result: the job was cancelled or failed, or the result's time is over")
    with audited(store, caller.actor) as work:
        work.audit("job.result", f"job:{key}", count=found.done - found.problems)
    return FileResponse(path, filename=f"fenban-{key}.{found.format}", media_type=MEDIA_TYPE)


@router.post("/{key}/cancellation", response_model=JobOut, responses=refusals(404, 409))
def cancel_job(key: PathKey, caller: Anyone, store: StoreOf, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Ends a job; what it has done so far is deleted."""

    def act(work: Work) -> JobOut:
        job_of(work.session, key, _whose(caller))
        cancel(work, key)
        work.session.expire_all()
        return job_out(*job_of(work.session, key, None))

    digest = hashlib.sha256(f"cancel {key}".encode()).hexdigest()
    return Write(store, caller.key, caller.actor, idempotency_key, digest).once(act)
