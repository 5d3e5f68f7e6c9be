"""An experiment as it is declared: its time, its share of the clients, its variants."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Overrides:
    """What a variant searches with instead of the settings.

    `weights` are relative weights by feature, `recall` is what the planner promises (.5 to 1),
    `model` which model answers (`current`, `next`, `previous` or a name). Where `has_visual` is
    false, searches with words rank by words alone.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    recall: float | None = None
    model: str | None = None
    has_visual: bool = True


@dataclass(frozen=True)
class Variant:
    """One way to rank, and its weight among the experiment's variants."""

    id: str
    weight: float = 1.0
    overrides: Overrides = field(default_factory=Overrides)


@dataclass(frozen=True)
class Experiment:
    """An experiment. The first variant is the control, which the others are compared with.

    `start` is included, `end` is not; both have a time zone. `share`, 0 to 1, is that of all
    clients who take part. `before` is the time before the start that CUPED looks at.
    """

    id: str
    start: datetime
    end: datetime
    variants: tuple[Variant, ...]
    share: float = 1.0
    before: timedelta = timedelta(days=14)

    @property
    def control(self) -> Variant:
        """The variant that the others are compared with."""
        return self.variants[0]

    @property
    def is_about_words(self) -> bool:
        """Say whether only searches with words take part: a variant shows no pictures' likeness."""
        return not all(variant.overrides.has_visual for variant in self.variants)

    def is_running(self, now: datetime) -> bool:
        """Say whether the experiment runs at this time."""
        return self.start <= now < self.end

    def weights(self) -> tuple[float, ...]:
        """Return the variants' weights, in order."""
        return tuple(variant.weight for variant in self.variants)

    def feature_names(self) -> Iterator[str]:
        """Yield what the variants give weights to."""
        for variant in self.variants:
            yield from variant.overrides.weights
