"""Every contestant keeps to the filter and finds what is near; exact ones find all of it.

LanceDB and Milvus Lite bring threads and a server of their own into the process that asks them:
they are held to this by `python -m bench peers`, in processes of their own.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from bench import vectors
from bench.cells import KINDS, Divided
from bench.vector_questions import Asked, K, questions
from bench.vector_stores.roster import ROSTER
from bench.vector_stores.store import Store
from bench.vectors import Grown, Projected, Projection
from features.embedding import feature
from features.environment import Environment
from mappings.connection import EngineSettings, connect

CERTAIN = ("numpy", "faiss-cpu", "lookalike")
"""What is there wherever the tests run."""

THREADED = ("lancedb", "milvus-lite")

NAMES = [
    name
    for name, entry in ROSTER.items()
    if entry.package in CERTAIN or (entry.package not in THREADED and entry.version() is not None)
]


@pytest.fixture(scope="module")
def grown() -> Grown:
    """2000 vectors in 60 bunches of 32 dimensions."""
    chance = np.random.default_rng(5)
    things = np.repeat(chance.normal(size=(60, 32)), 8, axis=0)
    origins = vectors.unit((things + 0.4 * chance.normal(size=things.shape)).astype(np.float32))
    embedding = feature.create(Environment.current())
    axes = np.eye(32, embedding.mapping()["dims"], dtype=np.float32)
    made_by = Projected(embedding, Projection(np.zeros(axes.shape[1], np.float32), axes))
    return vectors.grow(origins, made_by, 2000, 6, 0.2, seed=7)


@pytest.fixture(scope="module")
def divided(grown: Grown) -> Divided:
    return Divided(grown.stored)


@pytest.fixture(scope="module")
def asked(grown: Grown, divided: Divided) -> list[Asked]:
    return [one for some in questions(grown, divided, KINDS, 6).values() for one in some]


@pytest.fixture(params=NAMES)
def contestant(
    request: pytest.FixtureRequest,
    environment: Environment,
    grown: Grown,
    divided: Divided,
    tmp_path: Path,
) -> Iterator[tuple[str, Store]]:
    """Each contestant in turn, filled."""
    folder = tmp_path / "store"
    folder.mkdir()
    store = ROSTER[request.param].build(environment, lambda: grown.feature)
    with closing(store):
        store.build(divided.vectors, divided.columns, folder)
        yield request.param, store


def test_contestant_keeps_its_contract(
    contestant: tuple[str, Store], divided: Divided, asked: list[Asked]
) -> None:
    name, store = contestant
    recalls = []
    for one in asked:
        rows = store.search(one.vector, one.cell, store.efforts[-1], K).rows
        similar = divided.vectors[rows] @ one.vector
        assert len(set(rows)) == len(rows) <= K
        assert divided.mask(one.cell)[rows].all()
        assert (np.diff(similar) < 1e-5).all(), "nearest first"
        recalls.append(one.recall(divided.vectors, divided.columns, rows))
    assert min(recalls) == 1 if ROSTER[name].is_exact else np.mean(recalls) > 0.75
    if not ROSTER[name].is_ours:  # Elasticsearch counts its files anew every ten seconds only
        assert store.size_bytes() > divided.vectors.nbytes


def test_more_effort_finds_more(divided: Divided, asked: list[Asked], tmp_path: Path) -> None:
    store = ROSTER["faiss-ivf"].build(Environment({}), lambda: pytest.fail("not ours"))
    store.build(divided.vectors, divided.columns, tmp_path)
    least, most = (
        np.mean(
            [
                one.recall(
                    divided.vectors,
                    divided.columns,
                    store.search(one.vector, one.cell, effort, K).rows,
                )
                for one in asked
            ]
        )
        for effort in (store.efforts[0], store.efforts[-1])
    )
    assert least < most == 1


def test_our_ways_share_one_index(
    environment: Environment, grown: Grown, divided: Divided, tmp_path: Path
) -> None:
    for name in ("ours", "ours-knn"):
        with closing(ROSTER[name].build(environment, lambda: grown.feature)) as store:
            store.build(divided.vectors, divided.columns, tmp_path)
            found = store.search(grown.questions[0], None, store.efforts[0], K)
            assert found.engine_ms is not None
    settings = EngineSettings.from_env(environment)
    with closing(connect(settings)) as gateway:
        assert len(gateway.indices(f"{settings.index}-*")) == 1
