"""Every error class is served with the status its meaning has."""

from collections.abc import Iterator

import pytest
from apiflask import APIFlask

from app import errors as served
from core.errors import LookalikeError, UnknownName


def family(root: type[LookalikeError]) -> Iterator[type[LookalikeError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from family(kind)


OURS = sorted(
    (kind for kind in family(LookalikeError) if kind.__module__ == "core.errors"),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_error_is_served_as_a_problem_with_its_status(kind: type[LookalikeError]) -> None:
    app = APIFlask(__name__, json_errors=False)
    served.install(app)
    raised = UnknownName("facet", "x", ["y"]) if kind is UnknownName else kind("what to do")

    @app.get("/api/fails")
    def fails() -> None:
        raise raised

    answer = app.test_client().get("/api/fails", headers={"X-Request-Id": "test-request-1"})
    assert answer.status_code == served.STATUS[kind]
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert (answer.json["code"], answer.json["detail"]) == (kind.code, str(raised))
    assert answer.json["request_id"] == "test-request-1"
    assert answer.headers.get("Retry-After") == (
        str(kind.retry_after_s) if kind.retry_after_s else None
    )


def test_codes_are_distinct() -> None:
    assert len({kind.code for kind in OURS}) == len(OURS)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/api/nowhere", 404), ("post", "/api/fine", 405), ("get", "/api/broken", 500)],
)
def test_flasks_own_errors_are_problems_too(method: str, path: str, status: int) -> None:
    app = APIFlask(__name__, json_errors=False)
    served.install(app)
    app.add_url_rule("/api/fine", view_func=lambda: "fine")

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError("a secret of the inside")

    answer = app.test_client().open(path, method=method.upper())
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert "secret" not in answer.get_data(as_text=True)
