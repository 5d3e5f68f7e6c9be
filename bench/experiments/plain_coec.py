"""Clicks over expected clicks, computed event by event: what the counted form is held against.

It reads what OpenSearch's search relevance reads of an event, and nothing else.
"""

from collections.abc import Sequence

from features.base import Json

Pair = tuple[str, str]


def plain_grades(events: Sequence[Json], max_rank: int) -> dict[Pair, float]:
    """Return query and product → grade, not rounded, in the plainest way that is right."""
    shown = [event for event in events if _is_usable(event, "impression", max_rank)]
    clicked = [event for event in events if _is_usable(event, "click", max_rank)]
    rate: dict[int, float] = {}
    for position in range(1, max_rank + 1):
        looks = sum(_position(event) == position for event in shown)
        clicks = sum(_position(event) == position for event in clicked)
        rate[position] = clicks / looks if looks else 0.0
    expected: dict[Pair, float] = {}
    for event in shown:
        expected[_pair(event)] = expected.get(_pair(event), 0.0) + rate[_position(event)]
    clicks_of: dict[Pair, float] = {}
    for event in clicked:
        clicks_of[_pair(event)] = clicks_of.get(_pair(event), 0.0) + 1
    return {
        pair: clicks_of.get(pair, 0.0) / clicks if clicks else 0.0
        for pair, clicks in expected.items()
    }


def _is_usable(event: Json, action: str, max_rank: int) -> bool:
    return event["action_name"] == action and 1 <= _position(event) <= max_rank


def _position(event: Json) -> int:
    return int(event["event_attributes"]["position"]["ordinal"])


def _pair(event: Json) -> Pair:
    return event["user_query"], event["event_attributes"]["object"]["object_id"]
