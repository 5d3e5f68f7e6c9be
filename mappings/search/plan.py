"""How one request runs: exactly or approximately, and why."""

from dataclasses import dataclass

from features.base import ApproximateSearch
from mappings.catalogue.recall import RecallFigure


@dataclass(frozen=True)
class Plan:
    """How a request runs. `kind` is `exact`, `approximate`, `words` or `browse`.

    `promised` is the recall to be kept, `measured` what the chosen way was seen to do at the
    least favourable share it may meet (None where nothing was measured), and `why` a sentence.
    """

    kind: str
    estimated_products: int
    approximate: ApproximateSearch | None = None
    promised_recall: float | None = None
    figure: RecallFigure | None = None
    reason: str = ""
