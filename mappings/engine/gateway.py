"""The one way to Elasticsearch: bounded retries, translated errors, no query knowledge."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from elasticsearch import ApiError, Elasticsearch

from core.errors import (
    Busy,
    EngineRefused,
    EngineUnavailable,
    IndexBlocked,
    IndexMissing,
    LookalikeError,
)
from features.base import Json
from mappings.engine.bulk import remove_completed, split_bulk
from mappings.engine.documents import Documents
from mappings.engine.serializer import FastJsonSerializer
from mappings.engine.translation import (
    error_type,
    missing_index_message,
    translated_errors,
)

MERGE_TIMEOUT_S = 3 * 3600
"""For a whole index: merging a million vectors of 256 numbers took five minutes."""

BULK_ATTEMPTS = 5
"""Attempts per document before giving up on a busy or absent engine: about 8 s in all."""

BulkTarget = Literal["alias", "data_stream", "any"]
"""What must exist under a bulk request's name, so that a typo never creates an index."""


class Gateway:
    """A client of one Elasticsearch cluster. Thread-safe; usable after a fork if made after it."""

    def __init__(
        self,
        url: str,
        *,
        api_key: str = "",
        basic_auth: tuple[str, str] | None = None,
        timeout_s: float = 10.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`url` may name several nodes, separated by commas: others are asked where one is away."""
        nodes = [node.strip() for node in url.split(",") if node.strip()]
        self.url = url
        self._pause = pause
        self._client = Elasticsearch(
            nodes,
            api_key=api_key or None,
            basic_auth=None if api_key else basic_auth,
            request_timeout=timeout_s,
            max_retries=max(1, len(nodes) - 1),
            retry_on_timeout=False,
            serializer=FastJsonSerializer(),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def documents(self, index: str) -> Documents:
        """Return the documents of one index, to read and write one by one. Nothing is sent yet."""
        return Documents(self._client, index)

    def info(self) -> Json:
        """Return the server's name and version."""
        with translated_errors():
            return self._client.info().body

    def health(self, index: str, timeout_s: float = 1.0) -> str:
        """Return `green`, `yellow` or `red` for an index or alias; raises IndexMissing."""
        with translated_errors():
            client = self._client.options(request_timeout=timeout_s + 1)
            if not client.indices.exists(index=index):
                raise IndexMissing(missing_index_message(index))
            answer = client.cluster.health(index=index, timeout=f"{int(timeout_s * 1000)}ms")
            return str(answer["status"])

    def search(self, index: str, body: Json) -> Json:
        """Run one search and return its whole answer; a failed shard is an error, not a gap."""
        with translated_errors():
            return self._client.search(
                index=index,
                body=body,
                include_named_queries_score=True,
                allow_partial_search_results=False,
            ).body

    def search_many(
        self, index: str, bodies: Sequence[Json], *, scores_by_name: bool = False
    ) -> list[Json]:
        """Run several searches in one request; return their answers in order, whole as `search`'s.

        With `scores_by_name`, `matched_queries` holds the score of each named clause, as `search`'s
        does; otherwise names alone. Raises EngineRefused when any of them failed.
        """
        if not bodies:
            return []
        head = {"index": index, "allow_partial_search_results": False}
        with translated_errors():
            lines = [line for body in bodies for line in (head, body)]
            answers: list[Json] = self._client.msearch(
                searches=lines, include_named_queries_score=scores_by_name
            )["responses"]
        for answer in answers:
            if "error" in answer:
                reason = answer["error"].get("reason")
                raise EngineRefused(f"one of several searches failed: {reason}")
        return answers

    def documents_by_id(
        self, index: str, ids: Sequence[str], *, vectors: bool = False
    ) -> dict[str, Json]:
        """Return the stored documents by id; unknown ids are left out."""
        if not ids:
            return {}
        with translated_errors():
            answer = self._client.search(
                index=index,
                query={"ids": {"values": list(ids)}},
                size=len(ids),
                source_exclude_vectors=not vectors,
                allow_partial_search_results=False,
            )
        return {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}

    def refresh(self, index: str) -> None:
        """Make everything written so far searchable."""
        with translated_errors():
            self._client.indices.refresh(index=index)

    def index_meta(self, alias: str) -> dict[str, Json]:
        """Return `_meta` by concrete index behind an alias; raises IndexMissing."""
        with translated_errors():
            answer = self._client.indices.get_mapping(index=alias)
        return {name: body["mappings"].get("_meta", {}) for name, body in answer.body.items()}

    def update_meta(self, alias: str, change: Callable[[Mapping[str, Json]], Json]) -> None:
        """Replace an index's `_meta.lookalike` by what `change` returns for it.

        A mapping update replaces `_meta` as a whole, so of two at once one may be lost.
        """
        for index, meta in self.index_meta(alias).items():
            block = change(meta.get("lookalike", {}))
            with translated_errors():
                self._client.indices.put_mapping(index=index, meta={**meta, "lookalike": block})

    def properties(self, index: str) -> dict[str, Json]:
        """Return the mapped fields of an index or alias; raises IndexMissing."""
        with translated_errors():
            answer = self._client.indices.get_mapping(index=index)
        (body, *_) = answer.body.values()
        return dict(body["mappings"]["properties"])

    def put_mapping(self, index: str, meta: Json, properties: Json | None = None) -> None:
        """Replace an index's `_meta` and add fields, in one step and while it is searched."""
        with translated_errors():
            self._client.indices.put_mapping(index=index, meta=meta, properties=properties)

    def indices(self, pattern: str) -> list[str]:
        """Return the concrete indices that match, sorted; may be empty."""
        with translated_errors():
            return sorted(self._client.indices.get(index=pattern, allow_no_indices=True).body)

    def index_uuid(self, alias: str) -> str:
        """Return the identity of the index behind an alias; a new index has another."""
        with translated_errors():
            settings = self._client.indices.get_settings(index=alias, name="index.uuid")
        (body, *_) = settings.body.values()
        return str(body["settings"]["index"]["uuid"])

    def index_bytes(self, index: str) -> int:
        """Return the size on disk of an index's primary shards."""
        with translated_errors():
            stats = self._client.indices.stats(index=index, metric="store")
        return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

    def merge(self, index: str, segment_bytes: int) -> None:
        """Merge an index's segments into ones of about that size, and wait for it."""
        segments = 1 + self.index_bytes(index) // segment_bytes
        with translated_errors():
            patient = self._client.options(request_timeout=MERGE_TIMEOUT_S, max_retries=0)
            patient.indices.forcemerge(index=index, max_num_segments=segments)

    def create_index(self, name: str, mapping: Json, settings: Json, alias: str = "") -> bool:
        """Create an index, behind an alias from its first moment where one is named.

        Returns False for one that exists already, which is left as it is.
        """
        aliases = {alias: {"is_write_index": True}} if alias else None
        with translated_errors():
            try:
                self._client.indices.create(
                    index=name, mappings=mapping, settings=settings, aliases=aliases
                )
            except ApiError as error:
                if error_type(error) != "resource_already_exists_exception":
                    raise
                return False
        return True

    def point_alias(self, alias: str, index: str, former: str = "") -> None:
        """Point the alias at one index alone, in one atomic step.

        In the same step the alias `former`, where one is named, goes to the index it pointed at.
        """
        before = self.indices_behind(alias)
        removed = {alias: before, former: self.indices_behind(former) if former else []}
        actions: list[Json] = [
            {"remove": {"index": name, "alias": held}}
            for held, names in removed.items()
            for name in names
            if held == former or name != index
        ]
        actions.append({"add": {"index": index, "alias": alias, "is_write_index": True}})
        if former:
            actions += [
                {"add": {"index": name, "alias": former}} for name in before if name != index
            ]
        with translated_errors():
            self._client.indices.update_aliases(actions=actions)

    def indices_behind(self, alias: str) -> list[str]:
        """Return the concrete indices that an alias points at, sorted; [] where there is none."""
        with translated_errors():
            held = self._client.options(ignore_status=404).indices.get_alias(name=alias)
        return sorted(held.body) if held.meta.status == 200 else []

    def delete_index(self, name: str) -> None:
        """Delete one concrete index, if it is there."""
        with translated_errors():
            self._client.indices.delete(index=name, ignore_unavailable=True)

    def put_template(self, name: str, template: Json) -> None:
        """Store an index template, replacing an older one."""
        with translated_errors():
            self._client.indices.put_index_template(name=name, body=template)

    def bulk_index(
        self, index: str, documents: Sequence[tuple[str, Json]], *, require_alias: bool = False
    ) -> dict[str, str]:
        """Write documents under their ids; return id → reason for those refused for good.

        Raises EngineUnavailable, Busy or IndexBlocked once the tries are used up. Writing the
        same documents again is harmless: ids are the caller's.
        """
        return self._bulk("index", index, documents, "alias" if require_alias else "any")

    def bulk_create(
        self, name: str, documents: Sequence[tuple[str, Json]], *, stream: bool = True
    ) -> dict[str, str]:
        """Append documents to a data stream; one that is already there counts as written.

        Without the stream's template nothing is written; `stream=False` is for a plain index.
        """
        return self._bulk("create", name, documents, "data_stream" if stream else "any")

    def _bulk(
        self, action: str, index: str, documents: Sequence[tuple[str, Json]], target: BulkTarget
    ) -> dict[str, str]:
        refused: dict[str, str] = {}
        for chunk in split_bulk(action, documents):
            refused |= self._send(index, chunk, target)
        return refused

    def _send(self, index: str, chunk: Mapping[str, bytes], target: BulkTarget) -> dict[str, str]:
        waiting, refused = dict(chunk), dict[str, str]()
        for attempt in range(BULK_ATTEMPTS):
            last: LookalikeError | None = None
            try:
                with translated_errors():
                    lines: list[Any] = list(waiting.values())
                    items = self._client.bulk(
                        index=index,
                        operations=lines,
                        require_alias=target == "alias",
                        require_data_stream=target == "data_stream",
                    )["items"]
            except (EngineUnavailable, Busy, IndexBlocked) as error:
                last = error
            else:
                last = remove_completed(items, waiting, refused)
            if not waiting:
                return refused
            if attempt < BULK_ATTEMPTS - 1:
                self._pause(random.uniform(0.25, 0.5) * 2**attempt)  # noqa: S311
        raise last or EngineUnavailable("Elasticsearch did not complete a bulk request")
