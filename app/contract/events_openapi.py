"""Describes the bodies of shoppers' events in the OpenAPI description."""

from typing import Any

from app.contract.openapi import PROBLEM_CONTENT
from app.events.body_reading import MOST_BYTES, MOST_EVENTS
from app.events.shop_event import ShopEvent
from features.base import Json

EVENTS, GA4, INSIGHTS = "/api/v1/events", "/api/v1/events/ga4", "/1/events"
REFERENCE = "#/components/schemas/"

ERRORS = {
    "400": "the body is neither JSON nor NDJSON",
    "403": "events are not recorded here",
    "413": f"more than {MOST_EVENTS:,} events or {MOST_BYTES // 2**20} MiB",
    "503": "too many events wait for Elasticsearch: none was taken; see Retry-After",
}


def complete(spec: dict[str, Any]) -> None:
    """Complete the description of all ways to send events."""
    schema = ShopEvent.model_json_schema(ref_template=f"{REFERENCE}{{model}}")
    spec["components"]["schemas"] |= schema.pop("$defs")
    spec["components"]["schemas"]["ShopEvent"] = schema
    event = {"$ref": f"{REFERENCE}ShopEvent"}
    bodies: dict[str, Json] = {
        EVENTS: {
            "application/json": {"schema": {"anyOf": [event, {"type": "array", "items": event}]}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
        GA4: _object("events"),
        INSIGHTS: _object("events"),
    }
    for path, content in bodies.items():
        operation = spec["paths"][path]["post"]
        operation["requestBody"] = {"content": content, "required": True}
        for status in [status for status in operation["responses"] if status != "202"]:
            del operation["responses"][status]
        for status, description in ERRORS.items():
            operation["responses"][status] = {
                "description": description,
                "content": PROBLEM_CONTENT,
            }


def _object(name: str) -> Json:
    items = {"type": "array", "items": {"type": "object"}}
    return {"application/json": {"schema": {"type": "object", "properties": {name: items}}}}
