"""How results of changes become answers."""

from http import HTTPStatus

from app.contract.changes import ChangeOut, ItemOut, JobOut, LeftOutCell
from indexer.live.change_request import ItemResult
from indexer.live.job_store import Job

STATUS_BY_OUTCOME = {
    "created": HTTPStatus.CREATED,
    "unknown_product": HTTPStatus.NOT_FOUND,
    "changed_meanwhile": HTTPStatus.PRECONDITION_FAILED,
    "refused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unreadable": HTTPStatus.BAD_REQUEST,
}
"""Every other outcome is 200."""


def status_of_result(result: ItemResult) -> int:
    """Return the HTTP status of a result."""
    return int(STATUS_BY_OUTCOME.get(result.outcome, HTTPStatus.OK))


def change_out(result: ItemResult) -> ChangeOut:
    """Return the answer to a single change."""
    return ChangeOut(
        id=result.id,
        outcome=result.outcome,
        etag=result.tag,
        pending=list(result.pending),
        left_out=[LeftOutCell(**cell) for cell in result.left_out],
    )


def item_out(line: int, result: ItemResult) -> ItemOut:
    """Return the answer to a line."""
    return ItemOut(
        **change_out(result).model_dump(),
        line=line,
        status=status_of_result(result),
        code=result.code or None,
        detail=result.reason or None,
    )


def job_out(job: Job) -> JobOut:
    """Return how far a job is."""
    items = [item_out(number, result) for number, result in enumerate(job.results, 1)]
    return JobOut(
        job=job.id,
        status="failed" if job.failure else "finished" if job.is_finished else "running",
        total=len(job.requests),
        errors=any(item.status >= HTTPStatus.BAD_REQUEST for item in items),
        items=items,
        detail=job.failure or None,
    )
