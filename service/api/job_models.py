"""Jobs as the interface shows them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from service.api.common import Key
from service.chinese import in_chinese
from service.store.job_tables import DONE, FAILED, JobResult, JobRow, UploadRow


class JobOut(BaseModel):
    """A job. `total` is null until its rows were counted; `problems` counts those among `done` that were not read.

    `error_zh` is `error` for clerks.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": 7,
                "kind": "tag",
                "state": "running",
                "name": "三季度来信.xlsx",
                "size": 1_204_233,
                "format": "xlsx",
                "total": 10_000,
                "done": 2_560,
                "problems": 3,
                "error": "",
                "error_zh": "",
                "account": 2,
                "created_at": "2026-07-01T08:00:00Z",
                "started_at": "2026-07-01T08:00:01Z",
                "finished_at": None,
                "result": False,
            }
        }
    )

    key: Key
    kind: str
    state: str
    name: str
    size: int
    format: str
    total: int | None
    done: int
    problems: int
    error: str
    error_zh: str
    account: Key
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: bool
    """Whether there is a result to download."""


class JobPage(BaseModel):
    """A page of jobs."""

    jobs: list[JobOut]
    next: str | None


class JobProblem(BaseModel):
    """A row that could not be read, or (`read`) was read after a repair. `row` 0: the file as a whole.

    `sheet` counts the sheets of a workbook that has several with rows; 0: no such workbook. `reason_zh` is `reason` for
    clerks; what Art. 15 keeps out is told in Chinese in both.
    """

    number: int
    file: str
    sheet: int
    row: int
    reason: str
    reason_zh: str
    read: bool


class JobProblemPage(BaseModel):
    """A page of them."""

    problems: list[JobProblem]
    next: str | None


def job_out(job: JobRow, upload: UploadRow) -> JobOut:
    """A job as its sender sees it."""
    shared = ("key", "kind", "state", "total", "done", "problems", "error", "created_at", "started_at", "finished_at")
    return JobOut(
        **{name: getattr(job, name) for name in shared},
        error_zh=in_chinese(job.error),
        name=upload.name,
        size=upload.size,
        format=job.options["format"],
        account=job.account_key,
        result=job.state in (DONE, FAILED) and job.done > 0,
    )


def problem_out(row: JobResult) -> JobProblem:
    """A row's problem."""
    same = {name: getattr(row, name) for name in ("number", "file", "sheet", "row")}
    return JobProblem(**same, reason=row.problem, reason_zh=in_chinese(row.problem), read=row.body is not None)
