"""Put and delete made-up products at a steady rate, by the product's own writer with its ledger."""

import random
import threading
import time

from bench.freshness.written_products import WrittenProduct
from bench.vectors.grown_vectors import Vectors
from bench.vectors.vector_index import FilledVectorIndex, product_title
from core.errors import LookalikeError
from core.retries import RetryPolicy
from features.embedding.feature import Embedding
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ledger import Ledger
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import Change, ProductDelete, ProductPut
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.products import PICTURES

TICKS_A_SECOND = 5
"""Writes come in as many groups a second."""

SEED = 18


class SteadyWriter:
    """Puts and deletes products, so many a second, while the block runs.

    `writes` are the changes in the order of their acknowledgement; `failure` is what ended it.
    """

    def __init__(
        self,
        index: FilledVectorIndex,
        ledger: Ledger,
        vectors: Vectors,
        upserts: int,
        deletes: int,
    ) -> None:
        self.writes: list[WrittenProduct] = []
        self.failure: LookalikeError | None = None
        self._ledger = ledger
        self._writer = RecordedWriter(index.catalogue, ledger, RetryPolicy(60))
        self._vectors = vectors
        self._present = [str(row) for row in range(index.products)]
        self._new = index.products
        self._share = {"put": upserts / TICKS_A_SECOND, "delete": deletes / TICKS_A_SECOND}
        self._due = dict.fromkeys(self._share, 0.0)
        self._chance = random.Random(SEED)
        self._used = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writing")

    def __enter__(self) -> "SteadyWriter":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._ended.wait(max(0.0, due - time.monotonic())):
                self._write()
                due += 1 / TICKS_A_SECOND
        except LookalikeError as error:
            self.failure = error

    def _write(self) -> None:
        vectors: dict[str, Vectors | None] = {}
        for kind, share in self._share.items():
            self._due[kind] += share
            while self._due[kind] >= 1:
                self._due[kind] -= 1
                key = self._choose(kind)
                if key not in vectors:
                    vectors[key] = self._take_vector() if kind == "put" else None
        changes = [self._change(key, vector) for key, vector in vectors.items()]
        sent = time.monotonic()
        results = self._writer.apply(changes)
        now = time.monotonic()
        for result in results:
            if result.outcome not in ("created", "updated", "deleted"):
                raise LookalikeError(f"product {result.id}: {result.outcome} {result.reason}")
            self.writes.append(WrittenProduct(result.id, vectors[result.id], sent, now))

    def _choose(self, kind: str) -> str:
        """Return the id of a product to put or delete; every second put is a new one."""
        place = self._chance.randrange(len(self._present))
        if kind == "delete":
            self._present[place], self._present[-1] = self._present[-1], self._present[place]
            return self._present.pop()
        if self._chance.random() < 0.5:
            return self._present[place]
        key = str(self._new)
        self._new += 1
        self._present.append(key)
        return key

    def _take_vector(self) -> Vectors:
        vector: Vectors = self._vectors[self._used % len(self._vectors)]
        self._used += 1
        return vector

    def _change(self, key: str, vector: Vectors | None) -> Change:
        order = ChangeOrder(self._ledger.next_arrival())
        if vector is None:
            return ProductDelete(key, order)
        fields = {"id": key, "title": product_title(int(key)), "price": float(5 + self._used % 200)}
        picture = {
            "image_id": f"{self._used:064x}",
            "source": "catalogue",
            Embedding.name: vector.tolist(),
        }
        content = hash_content(fields, (f"{self._used}.jpg",))
        return ProductPut(key, order, {**fields, PICTURES: [picture]}, content)
