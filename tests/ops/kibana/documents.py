"""Documents for each dashboard, as the application writes them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from features.base import Json
from mappings.events.decision_events import decision_events
from mappings.events.event_documents import (
    DuplicateCheckRecord,
    RecordedPlan,
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    duplicate_event,
    search_event,
)
from mappings.events.ubi_documents import event_document, zoned

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SEARCHES = [  # words, total, low confidence, took
    ("red shoe", 5, False, 10.0),
    ("red shoe", 4, True, 20.0),
    ("green hat", 0, False, 30.0),
    ("green hat", 0, False, 40.0),
    ("", 9, True, 50.0),
]
VERDICTS = [{"same_file": 1, "same_product": 2}, {"same_photo": 1}, {}]


def search_events() -> Iterator[tuple[str, Json]]:
    for number, (words, total, low, took) in enumerate(SEARCHES):
        at = START + timedelta(hours=number)
        stages = {"decode": took / 5, "features": took / 5, "engine": took / 2}
        hits = (("p1", 0.9),) if total else ()
        features = () if words else ("embedding", "pdq")
        plan = RecordedPlan("words") if words else RecordedPlan("exact", 300)
        yield (
            f"s{number}",
            search_event(
                SearchRecord(
                    RecordedRequest(f"s{number}", at, took, stages, f"r{number}", "203.0.113.7"),
                    RecordedQuery(f"q{number}", words, {"brand": ["Acme"]}, features),
                    plan,
                    RecordedResults(total, hits, "/media/p1.jpg" if hits else None, low),
                )
            ),
        )
    for number, counts in enumerate(VERDICTS):
        at = START + timedelta(hours=number)
        record = DuplicateCheckRecord(
            RecordedRequest(f"d{number}", at, 60.0), RecordedQuery("q"), RecordedResults(3), counts
        )
        yield f"d{number}", duplicate_event(record)


DECISIONS = [  # verdict, P(same photo), edits, undoes
    ("same_photo", 0.97, ("cropped", "mirrored"), None),
    ("same_photo", 0.92, ("cropped",), None),
    ("different", 0.55, (), None),
    ("same_photo", 0.81, (), "decision-2"),
]


def decisions() -> Iterator[tuple[str, Json]]:
    for number, (verdict, sure, edits, undoes) in enumerate(DECISIONS):
        picture = {"product_id": f"p{number}", "image_id": f"{number}" * 64}
        message = {
            "id": f"decision-{number}",
            "type": "case.undone" if undoes else "case.decided",
            "at": (START + timedelta(hours=number)).isoformat(),
            "reviewer": "mia" if number else "tom",
            "policy": "stolen photo",
            "comment": "",
            "undoes": undoes,
            "case": {
                "id": f"case-{number}",
                "queue": "duplicates",
                "representative": {"product_id": "first", "image_id": "f" * 64},
                "members": [
                    {
                        **picture,
                        "verdict": verdict,
                        "evidence": {
                            "label": verdict,
                            "difference": "goods" if verdict == "different" else None,
                            "p_same_photo": sure,
                            "p_same_product": sure,
                        },
                        "transformations": [{"name": name, "amount": 0.1} for name in edits],
                    }
                ],
            },
        }
        yield from ((event["event"]["id"], event) for event in decision_events(message))


PRODUCTS: list[Json] = [
    {"id": "1", "brand": "Acme", "category": ["Home"], "price": 10.0, "seller_id": "s1"},
    {"id": "2", "brand": "Acme", "category": ["Home"], "price": 30.0, "availability": "in_stock"},
    {"id": "3", "category": ["Toys"]},
    {"id": "4", "brand": "Bee"},
]
SOURCES = {"1": ["catalogue", "region"], "2": ["catalogue"], "3": ["placeholder"], "4": []}


def products() -> Iterator[tuple[str, Json]]:
    for number, product in enumerate(PRODUCTS):
        key = product["id"]
        pictures = [
            {"image_id": f"{key}" * 64, "source": source, "pending": ["ocr"]}
            for source in SOURCES[key]
        ]
        at = (START + timedelta(days=number)).isoformat()
        yield key, {**product, "updated_at": at, "images": pictures}


EVENTS = [  # action, client, product, rank, category, variant, price, quantity, joined, late by
    ("impression", "c1", "p1", 1, "Toys", "new", None, None, True, 1),
    ("impression", "c1", "p2", 2, "Toys", "new", None, None, True, 1),
    ("impression", "c2", "p1", 1, "Toys", "old", None, None, True, 1),
    ("impression", "c2", "p3", 2, "Home", "old", None, None, True, 1),
    ("click", "c1", "p1", 1, "Toys", "new", None, None, True, 1),
    ("click", "c1", "p1", 1, "Toys", "new", None, None, True, 1),
    ("click", "c2", "p3", 2, "Home", "old", None, None, False, 1),
    ("purchase", "c1", "p1", None, "Toys", "new", 10.0, 3, True, 2),
    ("purchase", "", "gone", None, None, None, 5.0, None, False, 60),
]


def shop_events() -> Iterator[tuple[str, Json]]:
    for number, row in enumerate(EVENTS):
        action, client, product, rank, category, variant, price, quantity, joined, late = row
        attributes = {
            "object": {"object_id": product, "object_id_field": "id"},
            "position": {"ordinal": rank} if rank else None,
            "category": [category] if category else None,
            "experiment": "ranking" if variant else None,
            "variant": variant,
            "price": price,
            "quantity": quantity,
            "joined": joined,
            "known": product != "gone",
        }
        # The second click comes at the moment of the first.
        at = START + timedelta(minutes=number - (number == 5))
        event = {
            "action_name": action,
            "timestamp": zoned(at),
            "application": "shop-search",
            "query_id": "q1",
            "user_query": "bear",
            "event_attributes": {name: one for name, one in attributes.items() if one is not None},
            **({"client_id": client} if client else {}),
        }
        yield f"e{number}", event_document(event, f"e{number}", at + timedelta(seconds=late))
