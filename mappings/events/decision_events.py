"""What a decision of the trust desk leaves behind: a data stream with one event per listing.

A case is decided at once, but programs and charts ask about listings. So each event is about one
entity, a listing's picture: what was said of it, beside which picture, on what evidence. Undoing a
decision is an event of its own, which names the decision. Names are for ever, as in
`event_documents`.
"""

from collections.abc import Iterator, Mapping

from features.base import Json
from mappings.events.event_documents import ECS_VERSION
from mappings.events.event_mapping import FLOAT, KEYWORD, object_of, stream_template

DATASET = "lookalike.decisions"
DATA_STREAM = f"logs-{DATASET}-default"
PATTERN = f"logs-{DATASET}-*"
TEMPLATE_NAME = f"logs-{DATASET}"


def index_template() -> Json:
    """Return the index template of the data stream. Decisions are kept for good."""
    picture = object_of(product_id=KEYWORD, image_id=KEYWORD)
    decision = object_of(
        id=KEYWORD,
        undoes=KEYWORD,
        case_id=KEYWORD,
        queue=KEYWORD,
        policy=KEYWORD,
        comment={"type": "text"},
        label=KEYWORD,
        entity=picture,
        beside=picture,
        evidence=object_of(
            label=KEYWORD, difference=KEYWORD, p_same_photo=FLOAT, p_same_product=FLOAT
        ),
        transformations=object_of(name=KEYWORD, amount=FLOAT),
    )
    properties = {
        "@timestamp": {"type": "date"},
        "ecs": object_of(version=KEYWORD),
        "event": object_of(
            **dict.fromkeys(("id", "kind", "category", "action", "dataset"), KEYWORD)
        ),
        "user": object_of(name=KEYWORD),
        "lookalike": object_of(decision=decision),
    }
    return stream_template(PATTERN, "Decisions of lookalike's trust desk", properties)


def decision_events(message: Mapping[str, Json]) -> Iterator[Json]:
    """Yield the events of a decision's message (`app.trust.desk.decision_message`), one a listing.

    An event's id is made of the decision's and the listing's, so that one that is shipped twice is
    stored once.
    """
    case = message["case"]
    shared = {
        "id": message["id"],
        "undoes": message["undoes"],
        "case_id": case["id"],
        "queue": case["queue"],
        "policy": message["policy"],
        "comment": message["comment"],
        "beside": case["representative"],
    }
    for member in case["members"]:
        if member["verdict"] is not None:
            entity = {name: member[name] for name in ("product_id", "image_id")}
            yield {
                "@timestamp": message["at"],
                "ecs": {"version": ECS_VERSION},
                "event": {
                    "id": f"{message['id']}:{member['image_id']}:{member['product_id']}",
                    "kind": "event",
                    "category": ["web"],
                    "action": str(message["type"]).removeprefix("case."),
                    "dataset": DATASET,
                },
                "user": {"name": message["reviewer"]},
                "lookalike": {
                    "decision": {
                        **shared,
                        "entity": entity,
                        "label": member["verdict"],
                        "evidence": member["evidence"],
                        "transformations": member["transformations"],
                    }
                },
            }
