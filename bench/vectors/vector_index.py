"""Fill an index with grown vectors, each a product with filters, hashes and words.

Mapping, writer and searcher are the product's own. Only the values that pictures would give are
made up: vectors of `bench.vectors.grown_vectors`, random hashes (the same for products with the
same vector), and titles of four common words.
"""

import hashlib
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.search.feature_cache import QueryFeatureCache, new_query_id
from app.search.search_answer import SearchAnswer
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.search.searcher import Searcher
from app.services import build_services
from app.settings import AppSettings
from bench.instruments.bulk_writing import write_in_batches
from bench.report import log_progress
from bench.vectors.filter_cells import COLUMNS, FilterCell, PartitionedVectors
from bench.vectors.grown_vectors import GrownVectors, Vectors, grow_from_pictures
from bench.workspace import with_server
from core.environment import Environment
from core.errors import IndexMissing
from features import pdq, phash
from features.base import Json
from features.checksum import Checksum
from features.embedding.feature import Embedding
from features.pdq import Pdq
from features.phash import Phash
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES
from mappings.catalogue.vectors import is_in_graph, perturbed
from mappings.catalogue.versions import models_tag
from mappings.engine.connection import EngineSettings, connect
from mappings.engine.gateway import Gateway

WORDS = (
    "red", "blue", "green", "black", "white", "cotton", "leather", "wooden", "steel", "ceramic",
    "small", "large", "classic", "modern", "mug", "lamp", "shirt", "chair", "bag", "table",
    "jacket", "bottle", "clock", "shoe", "pillow", "vase", "towel", "plate", "basket", "scarf",
)  # fmt: skip
WORDS_EACH = 4

AT_ONCE = 2_000
WRITERS = 2
PATIENCE_MS = 120_000
"""For one request: at a million, a bulk of 2,000 products waits for merges."""


@dataclass(frozen=True)
class FilledVectorIndex:
    """A filled index, and the vectors it holds.

    `load_s` and `merge_s` are None for an index that an earlier run filled.
    """

    vectors: GrownVectors
    divided: PartitionedVectors
    registry: Registry
    catalogue: Catalogue
    searcher: Searcher
    gateway: Gateway
    query_cache: QueryFeatureCache
    load_s: float | None = None
    merge_s: float | None = None

    @property
    def products(self) -> int:
        """Return the number of products in the index."""
        return len(self.vectors.stored)

    def search(
        self, vector: Vectors, cell: FilterCell | None = None, size: int = 10
    ) -> SearchAnswer:
        """Search with one vector, as with a query picture whose features are cached."""
        key = new_query_id()
        self.query_cache.store(key, [{Embedding.name: vector.tolist()}])
        filters = {COLUMNS[cell.division]: [cell.value]} if cell else {}
        parameters = SearchParameters(
            picture=key, features=[Embedding.name], filter=filters, size=size
        )
        return self.searcher.search(SearchRequest(parameters))


@contextmanager
def vector_index(
    data: Path,
    count: int,
    *,
    questions: int,
    duplicates: float,
    seed: int,
    name: str | None = None,
    keep: bool = False,
    shards: int = 1,
) -> Iterator[FilledVectorIndex]:
    """Yield an index of `count` products.

    An existing index of that `name` with as many products is used unchanged; otherwise it is
    filled. A named index stays; any other is deleted at the end unless `keep` is true.
    """
    alias = name or f"bench-{secrets.token_hex(6)}"
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as state:
        environment = Environment(
            {
                **with_server(Environment.current()).values,
                "LOOKALIKE_INDEX": alias,
                "LOOKALIKE_STATE_DIR": state,
                "LOOKALIKE_SHARDS": str(shards),
                "LOOKALIKE_LOG_SEARCHES": "no",
                # The index does not change during the run; counting it again would only take time.
                "LOOKALIKE_STATISTICS_S": "3600",
                "LOOKALIKE_ENGINE_TIMEOUT_MS": str(PATIENCE_MS),
            }
        )
        log_progress(f"growing {count} vectors")
        grown = grow_from_pictures(
            data, environment, count, questions=questions, duplicates=duplicates, seed=seed
        )
        pictures = grown.stored
        if is_in_graph(grown.feature.mapping()):
            grown = replace(grown, stored=as_stored(pictures))
        divided = PartitionedVectors(grown.stored, seed=seed)
        registry = Registry([grown.feature, Pdq(), Phash(), Checksum()])
        engine = EngineSettings.from_env(environment)
        gateway = connect(engine)
        catalogue = Catalogue(gateway, registry, alias, shards)
        times = () if _is_filled(catalogue, count) else fill_index(catalogue, divided, pictures)
        settings = AppSettings.from_env(environment)
        services = build_services(settings, registry)
        folder = settings.state_dir / "queries"
        memory = QueryFeatureCache(
            folder, settings.search.query_features_ttl_s, models_tag(registry)
        )
        try:
            yield FilledVectorIndex(
                grown, divided, registry, catalogue, services.searcher, gateway, memory, *times
            )
        finally:
            services.close()
            if name or keep:
                log_progress(f"kept: --index {alias}")
            else:
                for index in gateway.indices(f"{alias}-*"):
                    gateway.delete_index(index)
            gateway.close()


def as_stored(vectors: Vectors) -> Vectors:
    """Return the vectors as a graph stores them: slightly perturbed."""
    return np.stack([perturbed(vector, f"{row} 0") for row, vector in enumerate(vectors)])


def fill_index(
    catalogue: Catalogue, divided: PartitionedVectors, pictures: Vectors
) -> tuple[float, float]:
    """Write all products; return the seconds of loading and of merging.

    Equal rows of `pictures` are one picture.
    """
    began = time.perf_counter()
    catalogue.begin_rebuild()
    write_in_batches(
        lambda start, _: catalogue.write(documents(divided, pictures, start)),
        len(pictures),
        AT_ONCE,
        WRITERS,
    )
    catalogue.promote()
    loaded = time.perf_counter()
    log_progress("merging, as the indexer does before it measures")
    catalogue.merge()
    return loaded - began, time.perf_counter() - loaded


def documents(divided: PartitionedVectors, pictures: Vectors, start: int) -> list[Json]:
    """Return AT_ONCE rows as products of one picture; the id is the row's number."""
    rows = range(start, min(start + AT_ONCE, len(divided.vectors)))
    return [_document(divided, pictures, row) for row in rows]


def _document(divided: PartitionedVectors, pictures: Vectors, row: int) -> Json:
    digest = hashlib.sha256(pictures[row].tobytes()).hexdigest()
    return {
        "id": str(row),
        "title": product_title(row),
        "price": float(5 + row % 200),
        **divided.values(row),
        PICTURES: [
            {
                "image_id": digest,
                Checksum.name: digest,
                Pdq.name: pdq.stored_value(digest, quality=100),
                Phash.name: phash.stored_value(digest[:16]),
                Embedding.name: divided.vectors[row],
            }
        ],
    }


def product_title(row: int) -> str:
    """Return the title of a row's product."""
    digest = hashlib.sha256(f"title {row}".encode()).digest()
    return " ".join(WORDS[byte % len(WORDS)] for byte in digest[:WORDS_EACH])


def _is_filled(catalogue: Catalogue, count: int) -> bool:
    try:
        catalogue.check_features()
        return bool(catalogue.summary()["products"] == count)
    except IndexMissing:
        return False
