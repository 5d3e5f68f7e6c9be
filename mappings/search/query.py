"""Everything one request asks, as values: what `mappings.search.request_body` makes a request body
of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from features.base import Feature, Json
from features.capabilities import is_lexical
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.search.filters import Filters
from mappings.search.ordering import Order
from mappings.search.plan import Plan
from mappings.search.shown_text import shown_text_query
from mappings.words.lexicon import Lexicon
from mappings.words.reading import Reading, read

TEXT = "text"
"""The signal name of the words found in a product's own fields."""

ABOUT_WORDS = "words"
"""What a signal is about that was read from words."""

COMBINATIONS = ("average", "any", "all")
"""What several query pictures ask for: their mean, the best of them, or that each agrees."""


@dataclass(frozen=True)
class Signal:
    """A feature and the value to search it with.

    `about` names what it was read from: the number of the query picture, or "words".
    """

    feature: Feature
    value: Json
    weight: float
    about: str = "0"
    measure: str | None = None

    @property
    def label(self) -> str:
        """The clause's `_name`, unique in its request."""
        return f"{self.feature.name}:{self.about}"

    @property
    def is_near(self) -> bool:
        """Whether it matches whatever is nearest; others match only where words are found."""
        return self.about != ABOUT_WORDS or not is_lexical(self.feature)


@dataclass(frozen=True)
class Query:
    """Everything one request asks.

    `unlike` are signals of what is not wanted; their `about` differs from that of all others.
    `unlike_weight` is their say beside 1 for everything wanted. `min_score` is on the `scale` that
    scores are shown on. `collapse` says which products become one hit
    (`mappings.search.collapsing`). A page begins after `skip` hits, or after the sort position
    `after`. `order` is that of the hits, for which prices are taken at `now_ms` (since 1970).
    With neither signals nor words the answer is empty unless `browse` says that the filtered
    catalogue itself is wanted. `read_text` is the text in the query pictures. `fields` are
    those that words and facets look into. `reading` is what the words mean to this catalogue;
    without one they are plain words. `corrections` are words it lacks → those meant.
    """

    plan: Plan
    signals: tuple[Signal, ...] = ()
    words: str = ""
    reading: Reading | None = None
    corrections: Mapping[str, str] = field(default_factory=dict)
    words_weight: float = 1.0
    read_text: str = ""
    read_text_weight: float = 0.0
    combine: str = "average"
    unlike: tuple[Signal, ...] = ()
    unlike_weight: float = 0.5
    scale: Scale = UNCALIBRATED
    filters: Filters = field(default_factory=Filters)
    facets: tuple[str, ...] = ()
    size: int = 20
    min_score: float = 0.0
    after: tuple[Json, ...] | None = None
    collapse: str = "none"
    skip: int = 0
    browse: bool = False
    order: Order = "closest"
    now_ms: int = 0
    fields: ProductFields = PRODUCT_FIELDS

    @cached_property
    def read_text_clause(self) -> Json | None:
        """The clause for the text in the query pictures; None where it says or weighs nothing."""
        return shown_text_query(self.read_text) if self.read_text_weight > 0 else None

    @property
    def understood(self) -> Reading:
        """What the words mean."""
        return self.reading if self.reading is not None else read(self.words, Lexicon())
