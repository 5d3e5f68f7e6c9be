"""An experiment for tests: a fortnight with two variants."""

from datetime import UTC, datetime

from app.experiments.experiment import Experiment, Variant

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 11, 15, tzinfo=UTC)


def experiment(**changes: object) -> Experiment:
    variants = (Variant("control"), Variant("colour"))
    return Experiment(**{"id": "e", "start": START, "end": END, "variants": variants, **changes})  # type: ignore[arg-type]
