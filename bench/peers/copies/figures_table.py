"""Format the detectors' figures as a Markdown table, one column per detector."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.statistics.thresholds import LimitFigures


@dataclass(frozen=True)
class DetectorFigures:
    """The figures of one detector.

    `usual` is the limit its makers or users recommend or, with `is_fitted`, the one with the best
    F1 on these pairs; `strict` is the widest without a false pair. Recalls are by edit; `mistakes`
    counts the false pairs at the usual limit.
    """

    name: str
    usual: LimitFigures
    is_fitted: bool
    strict: LimitFigures
    usual_recall: Mapping[str, float]
    strict_recall: Mapping[str, float]
    mistakes: int
    picture_ms: float
    pair_ms: float
    picture_bytes: float


def markdown_table(rows: Sequence[DetectorFigures]) -> str:
    """Return the table: recall at the usual limit / without a false pair, by edit."""
    head = ["", *(row.name for row in rows)]
    lines = [head, ["---"] * len(head)]
    lines += [
        [edit, *(_both(row.usual_recall[edit], row.strict_recall[edit]) for row in rows)]
        for edit in rows[0].usual_recall
    ]
    last: dict[str, Callable[[DetectorFigures], str]] = {
        "**all edits**": lambda row: f"**{_both(row.usual.recall, row.strict.recall)}**",
        "worst edit": lambda row: _both(
            min(row.usual_recall.values()), min(row.strict_recall.values())
        ),
        "limit": lambda row: (
            f"{row.usual.limit:.3g}{' (fitted)' if row.is_fitted else ''} / {row.strict.limit:.3g}"
        ),
        "false pairs at the usual limit": lambda row: str(row.mistakes),
        "ms a picture": lambda row: f"{row.picture_ms:.3g}",
        "ms a pair": lambda row: f"{row.pair_ms:.2g}",
        "bytes a picture": lambda row: f"{row.picture_bytes:,.0f}",
    }
    lines += [[title, *(told(row) for row in rows)] for title, told in last.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _both(usual: float, strict: float) -> str:
    return f"{usual:.3f} / {strict:.3f}"
