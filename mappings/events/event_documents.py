"""What a search leaves behind: the data stream of events, and how one event is written.

Every search and every duplicate check is one document of the data stream `DATA_STREAM`, in ECS
names where ECS has one and under `lookalike.` where it has none. An event never holds a picture,
a vector, text read in a query picture, a file name or a whole address.

Names are for ever: a data stream's older backing indices keep the mapping they were made with.
Adding a field is safe, renaming one splits the history.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network

from features.base import Box, Json
from mappings.events.event_mapping import VERDICTS, properties, stream_template

DATASET = "lookalike.search"
DATA_STREAM = f"logs-{DATASET}-default"
PATTERN = f"logs-{DATASET}-*"
TEMPLATE_NAME = f"logs-{DATASET}"
ECS_VERSION = "9.1.0"
RETENTION_DAYS = 90
WORDS_LIMIT = 256
HITS_LIMIT = 100


@dataclass(frozen=True)
class RecordedRequest:
    """What every event knows of its HTTP request.

    `event_id` becomes the document's id and must be ours: an id that a client chose could hide
    somebody else's event. `at` is when the request arrived, with a time zone. `error_code` is
    the `code` of the problem that was served, None for an answer. `stages_ms` may name `decode`,
    `features` and `engine`.
    """

    event_id: str
    at: datetime
    took_ms: float
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    request_id: str = ""
    client_address: str = ""
    user_agent_name: str = ""
    error_code: str | None = None


@dataclass(frozen=True)
class RecordedQuery:
    """What was asked. `filters` maps a filter's API name to its value or values.

    `experiment` and `variant` are those that the search took part in, "" for none.
    """

    id: str
    words: str = ""
    filters: Mapping[str, Json] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    pictures: int = 0
    crops: tuple[Box, ...] = ()
    size: int | None = None
    page: int | None = None
    model: str = ""
    experiment: str = ""
    variant: str = ""


@dataclass(frozen=True)
class RecordedPlan:
    """How the engine was asked; None where the plan has no such part."""

    kind: str
    estimated_products: int | None = None
    k: int | None = None
    num_candidates: int | None = None


@dataclass(frozen=True)
class RecordedResults:
    """What was answered: (id, score) of each hit shown, best first.

    `scores` has the score of each clause, 0 to 1, of each hit; they are stored, not searchable.
    `thumbnail` is the URL path of the best hit's picture.
    """

    total: int
    hits: tuple[tuple[str, float], ...] = ()
    thumbnail: str | None = None
    low_confidence: bool = False
    partial: bool = False
    scores: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True)
class SearchRecord:
    """One search. `plan` and `results` are None when it failed before there were any."""

    request: RecordedRequest
    query: RecordedQuery
    plan: RecordedPlan | None = None
    results: RecordedResults | None = None


@dataclass(frozen=True)
class DuplicateCheckRecord:
    """One duplicate check. `verdicts` counts the stored pictures by label."""

    request: RecordedRequest
    query: RecordedQuery
    results: RecordedResults | None = None
    verdicts: Mapping[str, int] = field(default_factory=dict)


def index_template(retention_days: int = RETENTION_DAYS) -> Json:
    """Return the index template of the data stream."""
    description = "Searches and duplicate checks of lookalike"
    return stream_template(PATTERN, description, properties(), retention_days=retention_days)


def search_event(record: SearchRecord) -> Json:
    """Return the document of one search."""
    plan = {"plan": asdict(record.plan)} if record.plan else {}
    return _event("search", record.request, record.query, record.results, plan)


def duplicate_event(record: DuplicateCheckRecord) -> Json:
    """Return the document of one duplicate check; `verdict` is the strongest one, or "none"."""
    verdict: Json = {}
    if record.results:
        found = {label: count for label, count in record.verdicts.items() if count}
        strongest = next((label for label in VERDICTS if label in found), "none")
        verdict = {"verdict": strongest, "verdicts": found}
    return _event("duplicate_check", record.request, record.query, record.results, verdict)


def truncate_address(address: str) -> str | None:
    """Return the network an address belongs to (IPv4 /24, IPv6 /48), or None if it is none.

    An IPv6 address that carries an IPv4 address in its first 48 bits counts as that one.
    """
    try:
        ip = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def normalise_words(words: str) -> str:
    """Return words as they are counted: NFKC, case folded, single spaces, at most 256 long."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())[:WORDS_LIMIT]


def _event(
    action: str,
    request: RecordedRequest,
    query: RecordedQuery,
    results: RecordedResults | None,
    extra: dict[str, Json],
) -> Json:
    document = {
        "@timestamp": request.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "ecs": {"version": ECS_VERSION},
        "event": {
            "id": request.event_id,
            "kind": "event",
            "category": ["web"],
            "action": action,
            "dataset": DATASET,
            "duration": round(request.took_ms * 1_000_000),
            "outcome": "failure" if request.error_code else "success",
        },
        "error": {"code": request.error_code},
        "http": {"request": {"id": request.request_id}},
        "client": {"address": truncate_address(request.client_address)},
        "user_agent": {"name": request.user_agent_name},
        "lookalike": {
            "query": _query(query),
            "took_ms": request.took_ms,
            "stages_ms": dict(request.stages_ms),
            **(_results(results) if results else {}),
            **extra,
        },
    }
    return _telling(document)


def _query(query: RecordedQuery) -> Json:
    return {
        "id": query.id,
        "words": normalise_words(query.words),
        "filters": dict(query.filters),
        "filter_names": sorted(query.filters),
        "features": sorted(query.features),
        "model": query.model,
        "experiment": query.experiment,
        "variant": query.variant,
        "pictures": query.pictures,
        "crop": [asdict(box) for box in query.crops],
        "size": query.size,
        "page": query.page,
    }


def _results(results: RecordedResults) -> dict[str, Json]:
    shown = results.hits[:HITS_LIMIT]
    hits: list[dict[str, Json]] = [
        {"id": identity, "rank": rank, "score": score}
        for rank, (identity, score) in enumerate(shown, start=1)
    ]
    for hit, scores in zip(hits, results.scores, strict=False):
        hit["scores"] = dict(scores)
    top: Json = {}
    if shown:
        identity, score = shown[0]
        top = {"id": identity, "score": score, "thumbnail": results.thumbnail}
    return {
        "total": results.total,
        "zero_results": results.total == 0,
        "low_confidence": results.low_confidence,
        "partial": results.partial,
        "hits": hits,
        "top": top,
    }


def _telling(value: Json) -> Json:
    """Leave out what tells nothing: None and whatever is empty; 0 and False do tell something."""
    if isinstance(value, Mapping):
        kept = {key: _telling(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [_telling(inner) for inner in value]
    return value
