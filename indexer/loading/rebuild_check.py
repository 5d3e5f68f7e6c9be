"""Compares the answers of a rebuilt index with those of the index in service, before a switch.

Products are drawn that both have. Each is searched by its stored picture and by words of its title,
in both indices, and so are the words that shoppers asked. A feed changes between two loads: a
product has another price, others come and go. So what is compared is the best COMPARED answers that
the other index has too, and they may be anywhere among its first LOOKED_AT. Whether the rebuilt
index finds its own pictures is measured too (`indexer.loading.self_retrieval`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from features.base import Feature, Json
from features.capabilities import Deferred
from features.fingerprint import fingerprint
from features.registry import Registry
from indexer.loading.self_retrieval import (
    CANDIDATES,
    LISTED,
    LOOKED_AT,
    Search,
    SelfRetrieval,
    measure_self_retrieval,
    picture_signals,
)
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES, feature_path
from mappings.planning.sample import draw_products
from mappings.search.plan import Plan
from mappings.search.query import Query
from mappings.search.request_body import build_body

TITLE_WORDS = 4

COMPARED = 10

SEED = 11


@dataclass(frozen=True)
class AnswerComparison:
    """How many of the answers to some searches, 0 to 1, both indices give.

    `worst` are the searches whose answers differ most, each with its share.
    """

    name: str
    searches: int
    share: float
    worst: Sequence[tuple[str, float]]

    def __str__(self) -> str:
        """Return one line for people."""
        listed = "; ".join(f"{search} {share:.0%}" for search, share in self.worst)
        found = f"{self.share:.0%} of the answers to {self.searches} searches {self.name} agree"
        return f"{found} ({listed})" if listed else found


class RebuildCheck:
    """Compares the index that `catalogue` fills with the one in service, by some `products`."""

    def __init__(self, catalogue: Catalogue, registry: Registry, products: int) -> None:
        self._catalogue = catalogue
        self._products = products
        self._rebuilt = registry
        self._in_service = versions.features_in_service(registry, (), catalogue.meta())
        held = versions.stored_versions(catalogue.meta())
        marks = {one.feature: one.fingerprint for one in held if one.in_service}
        # Values of two models give other answers by intention.
        self._comparable = [
            name
            for name, feature in registry.items()
            if feature.default_weight > 0
            and not isinstance(feature, Deferred)
            and marks.get(name) == fingerprint(feature)
        ]

    def compare(self, queries: Sequence[str] = ()) -> list[AnswerComparison]:
        """Return what was compared, by `queries` of shoppers too; [] where there is nothing.

        Raises EngineUnavailable and similar errors.
        """
        pairs = self._pairs
        groups = (
            ("by a stored picture", list(self._picture_searches(pairs))),
            ("by words of a title", [self._word_search(_title(one)) for one, _ in pairs]),
            ("by words that shoppers asked", [self._word_search(words) for words in queries]),
        )
        return [self._compare(name, searches) for name, searches in groups if searches]

    def retrieve_own(self) -> tuple[SelfRetrieval | None, SelfRetrieval | None]:
        """Return how often pictures find their own product, in the rebuilt index and in service.

        None where there is nothing to search by. Raises EngineUnavailable and similar errors.
        """
        rebuilt = [after for _, after in self._pairs]
        in_service = [before for before, _ in self._pairs]
        return (
            measure_self_retrieval(self._catalogue.search_written, rebuilt, self._rebuilt),
            measure_self_retrieval(self._catalogue.search, in_service, self._in_service),
        )

    def lost_values(self, least: float) -> list[str]:
        """Return which features have values for far fewer pictures than in service, in a line each.

        `least` is the share of the pictures' share in service that must have one.
        """
        lines = []
        before = _coverage(self._catalogue.search, self._in_service)
        after = _coverage(self._catalogue.search_written, self._rebuilt)
        for name in self._rebuilt:
            if name in before and after.get(name, 0.0) < least * before[name]:
                lines.append(
                    f"{after.get(name, 0.0):.0%} of the pictures have a value of {name}, and "
                    f"{before[name]:.0%} of those in service"
                )
        return lines

    @cached_property
    def _pairs(self) -> list[tuple[Mapping[str, Json], Json]]:
        """Return the drawn products as they are in service and rebuilt, with their vectors."""
        self._catalogue.refresh()
        fields = ["id", "title", PICTURES]
        drawn = list(draw_products(self._catalogue, self._products, SEED, fields))
        rebuilt = self._catalogue.states([one["id"] for one in drawn], vectors=True)
        return [
            (product, rebuilt[product["id"]].source)
            for product in drawn
            if product["id"] in rebuilt
        ]

    def _picture_searches(
        self, pairs: Sequence[tuple[Mapping[str, Json], Json]]
    ) -> Iterator[tuple[str, Query, Query]]:
        for product, rebuilt in pairs:
            signals = [
                picture_signals(source, registry, self._comparable)
                for source, registry in ((product, self._in_service), (rebuilt, self._rebuilt))
            ]
            if all(signals):
                plan = Plan("approximate", 0, CANDIDATES)
                before, after = (
                    Query(plan, tuple(each), size=LOOKED_AT, fields=self._catalogue.fields)
                    for each in signals
                )
                yield str(product["id"]), before, after

    def _word_search(self, words: str) -> tuple[str, Query, Query]:
        plan = Plan("words", 0)
        query = Query(plan, words=words, size=LOOKED_AT, fields=self._catalogue.fields)
        return f'"{words}"', query, query

    def _compare(self, name: str, searches: Sequence[tuple[str, Query, Query]]) -> AnswerComparison:
        shares = []
        for label, before, after in searches:
            first = _ids(self._catalogue.search(build_body(before, self._in_service)))
            second = _ids(self._catalogue.search_written(build_body(after, self._rebuilt)))
            there = self._catalogue.states([*first, *second]).keys()
            here = self._catalogue.products(second).keys()
            shares.append(
                (label, _share([i for i in first if i in there], [i for i in second if i in here]))
            )
        worst = sorted((one for one in shares if one[1] < 1), key=lambda one: one[1])
        mean = sum(share for _, share in shares) / len(shares)
        return AnswerComparison(name, len(shares), mean, worst[:LISTED])


def _share(before: Sequence[str], after: Sequence[str]) -> float:
    """Return which share of each side's best answers the other side gives too; the lower one."""

    def share_in(best: Sequence[str], others: Sequence[str]) -> float:
        first = best[:COMPARED]
        return sum(key in others for key in first) / len(first) if first else 1.0

    return min(share_in(before, after), share_in(after, before))


def _ids(answer: Json) -> list[str]:
    return [str(hit["_id"]) for hit in answer["hits"]["hits"]]


def _title(product: Mapping[str, Json]) -> str:
    return " ".join(str(product.get("title") or product["id"]).split()[:TITLE_WORDS])


def _coverage(search: Search, registry: Mapping[str, Feature]) -> dict[str, float]:
    """Return the share of pictures that have a value, by feature; {} without pictures."""
    counts = {
        name: {"filter": {"exists": {"field": feature_path(feature)}}}
        for name, feature in registry.items()
    }
    own: Json = {"filter": {"term": {f"{PICTURES}.source": "catalogue"}}, "aggs": counts}
    pictures = {"nested": {"path": PICTURES}, "aggs": {"own": own}}
    answer = search({"size": 0, "aggs": {"pictures": pictures}})
    found = answer["aggregations"]["pictures"]["own"]
    total = int(found["doc_count"])
    return {name: found[name]["doc_count"] / total for name in counts} if total else {}
