"""Every error class is served with the status its meaning has."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from apiflask import APIFlask

from app import errors as served
from core.errors import LookalikeError, UnknownName
from features.errors import ModelUnavailable

ROOT = Path(__file__).parents[2]
SERVED_LAYERS = ("app", "core", "features", "mappings", "indexer.ledger", "indexer.live")
"""What an endpoint can call; errors of the other layers end on a command line."""

OTHER_LAYERS = ("bench", "indexer", "ops")


def family(root: type[LookalikeError]) -> Iterator[type[LookalikeError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from family(kind)


def errors_of(*layers: str) -> list[type[LookalikeError]]:
    """Return the error classes of some layers; they are defined in modules named `errors`."""
    for path in (path for layer in layers for path in folder(layer).rglob("errors.py")):
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    ours = {
        kind
        for kind in family(LookalikeError)
        if layer_of(kind) in layers and not kind.__name__.startswith("_")
    }
    return sorted(ours, key=lambda kind: kind.__name__)


def folder(layer: str) -> Path:
    return ROOT.joinpath(*layer.split("."))


def layer_of(kind: type[LookalikeError]) -> str:
    """Return the layer that an error belongs to, by the longest name."""
    layers = (*SERVED_LAYERS, *OTHER_LAYERS)
    return max((name for name in layers if f"{kind.__module__}.".startswith(f"{name}.")), key=len)


SERVED = errors_of(*SERVED_LAYERS)


def test_every_public_error_is_defined_in_a_module_of_errors() -> None:
    names = {kind.__name__ for kind in errors_of(*SERVED_LAYERS, *OTHER_LAYERS)}
    names.add(LookalikeError.__name__)
    astray = [
        f"{path}: {node.name}"
        for layer in (*SERVED_LAYERS, *OTHER_LAYERS)
        for path in folder(layer).rglob("*.py")
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and names & {ast.unparse(base) for base in node.bases}
    ]
    assert not astray


def test_the_table_of_statuses_has_every_error_an_endpoint_can_raise_and_no_other() -> None:
    assert set(served.STATUS) == set(SERVED)


@pytest.mark.parametrize("kind", errors_of(*OTHER_LAYERS), ids=lambda kind: kind.__name__)
def test_error_of_a_command_has_no_status(kind: type[LookalikeError]) -> None:
    assert served.status_of(kind("what to do")) == 500


def test_a_plug_ins_own_error_has_the_status_of_its_base() -> None:
    class ModelTooOld(ModelUnavailable):
        """An error of a plug-in in another repository."""

    assert served.status_of(ModelTooOld("what to do")) == 503


@pytest.mark.parametrize("kind", SERVED, ids=lambda kind: kind.__name__)
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
    every = errors_of(*SERVED_LAYERS, *OTHER_LAYERS)
    assert len({kind.code for kind in every}) == len(every)


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
