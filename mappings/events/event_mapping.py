"""The fields of a search event, as mapped in Elasticsearch."""

from features.base import Json

VERDICTS = ("same_file", "same_photo", "same_product")
"""The labels of a duplicate check, the strongest first."""

KEYWORD = {"type": "keyword", "ignore_above": 1024}
FLOAT = {"type": "float"}
LONG = {"type": "long"}
BOOLEAN = {"type": "boolean"}
STORED = {"type": "object", "enabled": False}
"""Kept in the source, neither searched nor counted."""


def properties() -> dict[str, Json]:
    """Return the mapping's properties; whatever is not listed is stored but not searchable."""
    return {
        "@timestamp": {"type": "date"},
        "ecs": object_of(version=KEYWORD),
        "event": object_of(
            **dict.fromkeys(("id", "kind", "category", "action", "dataset", "outcome"), KEYWORD),
            duration=LONG,
        ),
        "error": object_of(code=KEYWORD),
        "http": object_of(request=object_of(id=KEYWORD)),
        "client": object_of(address=KEYWORD),
        "user_agent": object_of(name=KEYWORD),
        "lookalike": object_of(
            query=_query(),
            plan=object_of(kind=KEYWORD, estimated_products=LONG, k=LONG, num_candidates=LONG),
            took_ms=FLOAT,
            stages_ms=object_of(decode=FLOAT, features=FLOAT, engine=FLOAT),
            **_results(),
        ),
    }


def _query() -> Json:
    return object_of(
        id=KEYWORD,
        words={**KEYWORD, "fields": {"text": {"type": "text", "analyzer": "cjk"}}},
        # Flattened, so that a new filter needs no new template; `filter_names` counts their use.
        filters={"type": "flattened", "ignore_above": 1024},
        filter_names=KEYWORD,
        features=KEYWORD,
        model=KEYWORD,
        experiment=KEYWORD,
        variant=KEYWORD,
        pictures=LONG,
        crop=object_of(left=FLOAT, top=FLOAT, right=FLOAT, bottom=FLOAT),
        size=LONG,
        page=LONG,
    )


def _results() -> dict[str, Json]:
    # Not nested: ids, ranks and scores are parallel columns, which every aggregation can use;
    # which score belongs to which id is in the source.
    hit = {"id": KEYWORD, "rank": LONG, "score": FLOAT, "scores": STORED}
    return {
        "total": LONG,
        "zero_results": BOOLEAN,
        "low_confidence": BOOLEAN,
        "partial": BOOLEAN,
        "hits": object_of(**hit),
        "top": object_of(id=KEYWORD, score=FLOAT, thumbnail=KEYWORD),
        "verdict": KEYWORD,
        "verdicts": object_of(**dict.fromkeys(VERDICTS, LONG)),
    }


def object_of(**properties: Json) -> Json:
    return {"properties": properties}


def stream_template(
    pattern: str, description: str, fields: Json, *, retention_days: int | None = None
) -> Json:
    """Return the index template of a data stream; without `retention_days` it is kept for good.

    Its priority is above that of the built-in `logs` template (100) and of Elastic's own
    integrations (200). Retention is the data stream's own lifecycle, which needs no ILM: a stock
    server enforces it, the local node keeps it on record but carries no service that deletes.
    """
    lifecycle = {"lifecycle": {"data_retention": f"{retention_days}d"}} if retention_days else {}
    return {
        "index_patterns": [pattern],
        "data_stream": {},
        "priority": 500,
        "version": 1,
        "allow_auto_create": True,
        "_meta": {"description": description},
        "template": {
            **lifecycle,
            "settings": {
                # A stock server would make any logs-*-* stream `logsdb`, sorted by a host.name we
                # do not have; a replica that cannot be placed would keep one node yellow.
                "index.mode": "standard",
                "index.number_of_shards": 1,
                "index.auto_expand_replicas": "0-1",
                "index.codec": "best_compression",
            },
            "mappings": {"dynamic": False, "properties": fields},
        },
    }
