"""F8: a snapshot is made, the index wiped, and the snapshot restored: the same answers."""

import secrets

from bench.report import Report, at_most
from bench.steps.shop_table import ShopTable, SyncRuns
from bench.workspace import Workspace, open_catalogue
from core.errors import LookalikeError
from features.base import Json
from ops.server import Server

QUERIES = 1000
PATIENCE_S = 600


def measure_restore(report: Report, space: Workspace, products: int) -> None:
    """Compare counts and the answers to QUERIES searches before and after.

    Raises LookalikeError where the server takes no snapshots: `path.repo` must be set.
    """
    table = ShopTable(space.folder / "kept.db")
    table.fill(products, 20)
    with SyncRuns(space, table.address) as runs:
        runs.run()
    catalogue = open_catalogue(space.environment, space.registry)
    server = Server.from_env(space.environment)
    assert server is not None, "a workspace names its server"
    catalogue.refresh()
    before = _answers(space)
    index, alias = catalogue.index_name(), catalogue.alias
    name = f"bench-{secrets.token_hex(4)}"
    _require(server, "PUT", f"/_snapshot/{name}", {"type": "fs", "settings": {"location": name}})
    try:
        body = {"indices": index, "include_global_state": False}
        _require(server, "PUT", f"/_snapshot/{name}/s?wait_for_completion=true", body)
        _require(server, "DELETE", f"/{index}", None)
        _require(server, "POST", f"/_snapshot/{name}/s/_restore?wait_for_completion=true", body)
        after = _answers(space)
    finally:
        server.request("DELETE", f"/_snapshot/{name}/s", timeout_s=PATIENCE_S)
        server.request("DELETE", f"/_snapshot/{name}")
    report.sizes |= {"products": products, "queries": QUERIES}
    different = sum(one != other for one, other in zip(before, after, strict=True))
    report.add("F8.different", different, "answers", at_most(0))
    lost = (
        products - catalogue.search({"size": 0, "track_total_hits": True})["hits"]["total"]["value"]
    )
    report.add("F8.lost", lost, "products", at_most(0))
    assert alias == catalogue.alias


def _answers(space: Workspace) -> list[list[tuple[str, float]]]:
    """Return the ids and scores of the first page of every search."""
    catalogue = open_catalogue(space.environment, space.registry)
    found = []
    for number in range(QUERIES):
        query = {"match": {"terms.title": f"{number % 997}"}}
        body: Json = {
            "size": 10,
            "query": query,
            "sort": ["_score", {"id": "asc"}],
            "_source": False,
        }
        hits = catalogue.search(body)["hits"]["hits"]
        found.append([(hit["_id"], hit["_score"]) for hit in hits])
    return found


def _require(server: Server, method: str, path: str, body: Json) -> None:
    answer = server.request(method, path, body, timeout_s=PATIENCE_S)
    if answer.status != 200:
        raise LookalikeError(f"{method} {path}: {answer.reason}; a snapshot needs path.repo")
