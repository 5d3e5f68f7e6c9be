"""The catalogue's own words: its values in each field, how they are written, and its currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Json
from mappings.catalogue.fields import PRODUCT_FIELDS, RAW, ProductFields
from mappings.words import lexicon
from mappings.words.folding import fold
from mappings.words.lexicon import Lexicon

VALUES = 5_000
"""Values read of each field, the commonest first; a rarer brand is found as words alone."""

PHRASE_FIELDS = ("brand", "category", "color", "size", "material", "pattern", "seller_id")
"""Fields whose values a query may name, the likeliest meaning first."""


@dataclass(frozen=True)
class Vocabulary:
    """The values of a catalogue.

    `labels` has, for each field, folded value → the spelling that most products have. `currency`
    is the one of most products, None where no price has any.
    """

    lexicon: Lexicon = field(default_factory=Lexicon)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currency: str | None = None

    def label(self, name: str, value: str) -> str:
        """Return how most products write a value."""
        return self.labels.get(name, {}).get(fold(value), value)


def vocabulary_body(fields: ProductFields = PRODUCT_FIELDS) -> Json:
    """Return the search that reads the values."""
    names = [name for name in dict.fromkeys((*fields.counted_values, *PHRASE_FIELDS, "currency"))
             if name in fields]  # fmt: skip
    return {
        "size": 0,
        "aggs": {name: {"terms": {"field": f"{name}.{RAW}", "size": VALUES}} for name in names},
    }


def read_vocabulary(answer: Json) -> Vocabulary:
    """Return the vocabulary from the answer to `vocabulary_body`."""
    values: dict[str, list[str]] = {
        name: [str(bucket["key"]) for bucket in counted["buckets"]]
        for name, counted in answer["aggregations"].items()
    }
    labels: dict[str, dict[str, str]] = {}
    for name, written in values.items():
        # The commonest spelling comes first, and stays.
        for value in written:
            labels.setdefault(name, {}).setdefault(fold(value), value)
    phrases = {name: values[name] for name in PHRASE_FIELDS if name in values}
    return Vocabulary(
        lexicon=lexicon.build(phrases),
        labels=labels,
        currency=next(iter(values.get("currency", ())), None),
    )
