"""Search with Milvus Lite: a collection on disk with an HNSW index, filtered by expressions."""

from pathlib import Path

from pymilvus import DataType, MilvusClient

from bench.peers.vectors.stores.store import DOUBLING, EF_CONSTRUCTION, M, StoreAnswer, folder_bytes
from bench.vectors.filter_cells import Columns, FilterCell
from bench.vectors.grown_vectors import Vectors

COLLECTION = "products"
AT_ONCE = 2_000


class MilvusLiteStore:
    """HNSW graph; the effort is ef."""

    efforts = DOUBLING

    def build(self, vectors: Vectors, columns: Columns, folder: Path) -> None:
        self._folder = folder
        self._client = MilvusClient(str(folder / "milvus.db"))
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=vectors.shape[1])
        for name in columns:
            schema.add_field(name, DataType.INT64)
        self._client.create_collection(COLLECTION, schema=schema)
        for start in range(0, len(vectors), AT_ONCE):
            rows = range(start, min(start + AT_ONCE, len(vectors)))
            self._client.insert(
                COLLECTION,
                [
                    {"row": row, "vector": vectors[row]}
                    | {name: int(cells[row]) for name, cells in columns.items()}
                    for row in rows
                ],
            )
        self._client.flush(COLLECTION)
        # Only now, because an index declared before the rows is not built over them.
        indexes = self._client.prepare_index_params()
        built = {"M": M, "efConstruction": EF_CONSTRUCTION}
        indexes.add_index("vector", index_type="HNSW", metric_type="IP", params=built)
        for name in columns:
            indexes.add_index(name, index_type="INVERTED")
        self._client.create_index(COLLECTION, indexes)
        self._client.load_collection(COLLECTION)

    def search(self, vector: Vectors, cell: FilterCell | None, effort: int, k: int) -> StoreAnswer:
        (hits,) = self._client.search(
            COLLECTION,
            data=[vector],
            anns_field="vector",
            limit=k,
            filter="" if cell is None else f"{cell.column} == {cell.number}",
            output_fields=["row"],
            search_params={"params": {"ef": effort}},
        )
        return StoreAnswer([int(hit["row"]) for hit in hits])

    def size_bytes(self) -> int:
        return folder_bytes(self._folder)

    def close(self) -> None:
        self._client.close()
