"""An index of one nested field on the real server, shaped like the product index."""

import json
from collections.abc import Iterable

from elasticsearch import Elasticsearch

from features.base import Feature, Json
from mappings.catalogue.analysis import analysis_settings

PATH = "images"


class NestedIndex:
    """Documents with one picture each, holding one feature's value or nothing."""

    def __init__(self, client: Elasticsearch, name: str, feature: Feature) -> None:
        self._client, self._name, self._feature = client, name, feature
        client.indices.create(
            index=name,
            settings={
                "number_of_shards": 1,
                "number_of_replicas": 0,
                "analysis": analysis_settings(),
            },
            mappings={
                "dynamic": "strict",
                "properties": {
                    PATH: {
                        "type": "nested",
                        "properties": {
                            feature.name: feature.mapping(),
                            "image_id": {"type": "keyword"},
                        },
                    }
                },
            },
        )

    @property
    def field(self) -> str:
        return f"{PATH}.{self._feature.name}"

    def put(self, values: Iterable[tuple[str, Json | None]]) -> None:
        """Store each id with its value; None is a picture without the field."""
        operations: list[Json] = []
        for id_, value in values:
            image = {"image_id": id_} | ({} if value is None else {self._feature.name: value})
            operations += [{"index": {"_id": id_}}, {PATH: [image]}]
        answer = self._client.bulk(index=self._name, operations=operations, refresh="wait_for")
        assert not answer["errors"], json.dumps(answer.body)[:2000]

    def ask(self, clause: Json, size: int = 100) -> dict[str, float]:
        """Return the score of each document that matches."""
        query = {"nested": {"path": PATH, "score_mode": "max", "query": clause}}
        answer = self._client.search(index=self._name, query=query, size=size, source=False)
        assert answer["_shards"]["failed"] == 0
        return {hit["_id"]: hit["_score"] for hit in answer["hits"]["hits"]}
