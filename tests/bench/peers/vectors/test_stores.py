"""Every store keeps to the filter and finds what is near; exact ones find all of it.

LanceDB and Milvus Lite bring threads and a server of their own into the process that asks them:
they are held to this by `python -m bench peers`, in processes of their own.
"""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from bench.peers.vectors.contest_questions import FilteredQuestion, K, make_questions
from bench.peers.vectors.stores.roster import STORES
from bench.peers.vectors.stores.store import VectorStore
from bench.vectors import grown_vectors
from bench.vectors.filter_cells import KINDS, PartitionedVectors
from bench.vectors.grown_vectors import GrownVectors, PrincipalComponents, ProjectedEmbedding
from core.environment import Environment
from features.embedding import feature
from mappings.engine.connection import EngineSettings, connect

CERTAIN = ("numpy", "faiss-cpu")
"""What is there wherever the tests run."""

THREADED = ("lancedb", "milvus-lite")

PEERS = [
    name
    for name, entry in STORES.items()
    if entry.package in CERTAIN
    or not (entry.is_ours or entry.package in THREADED or entry.version() is None)
]


@pytest.fixture(scope="module")
def grown() -> GrownVectors:
    """2000 vectors in 60 bunches of 32 dimensions."""
    chance = np.random.default_rng(5)
    things = np.repeat(chance.normal(size=(60, 32)), 8, axis=0)
    origins = grown_vectors.unit_length(
        (things + 0.4 * chance.normal(size=things.shape)).astype(np.float32)
    )
    embedding = feature.create(Environment.current())
    axes = np.eye(32, embedding.mapping()["dims"], dtype=np.float32)
    made_by = ProjectedEmbedding(
        embedding, PrincipalComponents(np.zeros(axes.shape[1], np.float32), axes)
    )
    return grown_vectors.grow_vectors(origins, made_by, 2000, 6, 0.2, seed=7)


@pytest.fixture(scope="module")
def divided(grown: GrownVectors) -> PartitionedVectors:
    return PartitionedVectors(grown.stored)


@pytest.fixture(scope="module")
def asked(grown: GrownVectors, divided: PartitionedVectors) -> list[FilteredQuestion]:
    return [one for some in make_questions(grown, divided, KINDS, 6).values() for one in some]


def holds_contract(
    name: str, store: VectorStore, divided: PartitionedVectors, asked: list[FilteredQuestion]
) -> None:
    recalls = []
    for one in asked:
        rows = store.search(one.vector, one.cell, store.efforts[-1], K).rows
        similar = divided.vectors[rows] @ one.vector
        assert len(set(rows)) == len(rows) <= K
        assert divided.mask(one.cell)[rows].all()
        assert (np.diff(similar) < 1e-5).all(), "nearest first"
        recalls.append(one.recall(divided.vectors, divided.columns, rows))
    if STORES[name].is_exact:
        assert min(recalls) == 1
    assert np.mean(recalls) > 0.75


@pytest.mark.parametrize("name", PEERS)
def test_peer_keeps_the_contract(
    name: str, divided: PartitionedVectors, asked: list[FilteredQuestion], tmp_path: Path
) -> None:
    with closing(STORES[name].build(Environment({}), lambda: pytest.fail("not ours"))) as store:
        store.build(divided.vectors, divided.columns, tmp_path)
        holds_contract(name, store, divided, asked)
        assert store.size_bytes() > divided.vectors.nbytes


def test_our_ways_keep_the_contract_on_one_index(
    environment: Environment,
    grown: GrownVectors,
    divided: PartitionedVectors,
    asked: list[FilteredQuestion],
    tmp_path: Path,
) -> None:
    for name in (name for name, entry in STORES.items() if entry.is_ours):
        with closing(STORES[name].build(environment, lambda: grown.feature)) as store:
            store.build(divided.vectors, divided.columns, tmp_path)
            holds_contract(name, store, divided, asked)
            found = store.search(grown.questions[0], None, store.efforts[-1], K)
            assert found.engine_ms is not None
    settings = EngineSettings.from_env(environment)
    with closing(connect(settings)) as gateway:
        assert len(gateway.indices(f"{settings.index}-*")) == 1


def test_more_effort_finds_more(
    divided: PartitionedVectors, asked: list[FilteredQuestion], tmp_path: Path
) -> None:
    store = STORES["faiss-ivf"].build(Environment({}), lambda: pytest.fail("not ours"))
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
