"""Changing products while the shop is open: for the shop's own systems."""

from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Response, jsonify, request, url_for

from app.changes.access import live_service
from app.changes.idempotent import answer_once
from app.changes.request_cells import read_cells
from app.contract.change_presentation import (
    change_out,
    item_out,
    job_out,
    status_of_result,
)
from app.contract.changes import BulkOut, BulkParameters, ChangeOut, ChangeParameters, JobOut
from app.contract.request_reading import form_values, validate
from app.errors import problem_response
from features.base import Json
from indexer.live.change_request import Action, ChangeRequest, ItemResult
from indexer.live.job_store import Job
from indexer.live.uploaded_pictures import PictureUploads

blueprint = APIBlueprint("changes", __name__, tag="Changes")

WAIT_FOR = "wait_for"


@blueprint.put("/api/v1/products/<path:key>")
@blueprint.output(ChangeOut, description="the product was there, and is now as sent")
@blueprint.doc(summary="Store a product, whole")
def put(key: str) -> Response:
    """Store a product with the columns of a feed and at least one picture that can be used.

    For the shop's own systems, which send the writers' token as `Authorization: Bearer`. A picture
    is a link, a `data:` URL, or a file of the form named `image`. Where none can be used, the
    answer is 422 and what was there stays.
    """
    live = live_service()

    def work() -> Response:
        parameters = _parameters()
        cells, uploads = read_cells(request)
        change = _request("put", key, cells, parameters)
        job = live.run([change], uploads, wait=parameters.refresh == WAIT_FOR)
        return _answer(job.results[0]) if job.is_finished else _accepted(job)

    return answer_once(live.answers, work)


@blueprint.patch("/api/v1/products/<path:key>")
@blueprint.output(ChangeOut)
@blueprint.doc(summary="Change some fields of a product")
def patch(key: str) -> Response:
    """Change fields such as price, stock and availability; `null` removes one.

    No picture is touched and no feature computed.
    """
    live = live_service()

    def work() -> Response:
        parameters = _parameters()
        cells, _ = read_cells(request)
        change = _request("patch", key, cells, parameters)
        return _answer(live.change(change, wait=parameters.refresh == WAIT_FOR))

    return answer_once(live.answers, work)


@blueprint.delete("/api/v1/products/<path:key>")
@blueprint.output(ChangeOut)
@blueprint.doc(summary="Delete a product")
def delete(key: str) -> Response:
    """Delete a product. An older change that arrives later does not bring it back."""
    live = live_service()

    def work() -> Response:
        parameters = _parameters()
        change = _request("delete", key, {}, parameters)
        return _answer(live.change(change, wait=parameters.refresh == WAIT_FOR))

    return answer_once(live.answers, work)


@blueprint.post("/api/v1/products:bulk")
@blueprint.output(BulkOut)
@blueprint.doc(summary="Change many products")
def bulk() -> Response:
    """Apply the changes of an NDJSON body, in the order of its lines.

    A line is `{"op": "put", "id": …, "version": …, "product": {…}}`, where `op` is put, patch or
    delete, or an event as Debezium sends it. One line that cannot be used lets the others in.
    """
    live = live_service()

    def work() -> Response:
        parameters = validate(form_values(request.args, BulkParameters), BulkParameters)
        changes = live.read_lines(request.get_data(cache=True))
        job = live.run(changes, PictureUploads(), wait=parameters.refresh == WAIT_FOR)
        return jsonify(_bulk_out(job)) if job.is_finished else _accepted(job)

    return answer_once(live.answers, work)


@blueprint.get("/api/v1/jobs/<key>")
@blueprint.output(JobOut)
@blueprint.doc(summary="Show a request that took long")
def job(key: str) -> Response:
    """Answer with how far it is, and what became of the changes worked on so far."""
    return jsonify(job_out(live_service().job(key)).model_dump())


def _parameters() -> ChangeParameters:
    return validate(form_values(request.args, ChangeParameters), ChangeParameters)


def _request(
    action: Action, key: str, cells: dict[str, Json], parameters: ChangeParameters
) -> ChangeRequest:
    tag = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    return ChangeRequest(action, key, cells, parameters.version, parameters.source, tag or None)


def _answer(result: ItemResult) -> Response:
    status = status_of_result(result)
    if status >= HTTPStatus.BAD_REQUEST:
        answer = problem_response(status, result.code or result.outcome, result.reason)
    else:
        answer = jsonify(change_out(result).model_dump())
        answer.status_code = status
    if result.tag is not None:
        answer.set_etag(result.tag)
    return answer


def _bulk_out(job: Job) -> dict[str, Json]:
    items = [item_out(number, result) for number, result in enumerate(job.results, 1)]
    errors = any(item.status >= HTTPStatus.BAD_REQUEST for item in items)
    return BulkOut(errors=errors, items=items).model_dump()


def _accepted(job: Job) -> Response:
    answer = jsonify(job_out(job).model_dump())
    answer.status_code = int(HTTPStatus.ACCEPTED)
    answer.headers["Location"] = url_for("changes.job", key=job.id)
    answer.headers["Retry-After"] = "1"
    return answer
