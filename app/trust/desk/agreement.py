"""How far reviewers agree, measured on second looks.

Cohen's kappa is (p_o − p_e) / (1 − p_e): p_o is the observed share of equal verdicts, p_e the
share that chance would give two people who use each verdict as often as these two do.
J. Cohen, A Coefficient of Agreement for Nominal Scales, Educational and Psychological
Measurement 20 (1960), 37–46. https://doi.org/10.1177/001316446002000104
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.trust.desk.case import DECIDED, Case
from app.trust.desk.second_looks import verdict_pairs


@dataclass(frozen=True)
class ReviewerAgreement:
    """Two reviewers, in the order of their names.

    Both decided `cases` cases, with `members` verdicts in all. `observed` is the share of equal
    verdicts, 0 to 1. `kappa` is −1 to 1, and None if both always gave the same verdict: chance
    would agree as often.
    """

    first: str
    second: str
    cases: int
    members: int
    observed: float
    kappa: float | None


def measure_agreement(looks: Iterable[tuple[Case, Case]]) -> list[ReviewerAgreement]:
    """Return the agreement of every pair of reviewers, from pairs of (first, second) decisions.

    A first decision that was undone since, or is by the same reviewer, is left out.
    """
    compared: dict[tuple[str, str], list[list[tuple[str, str]]]] = defaultdict(list)
    for first, second in looks:
        a, b, pairs = first.decided_by, second.decided_by, verdict_pairs(first, second)
        if first.state != DECIDED or a is None or b is None or a == b or not pairs:
            continue
        compared[min(a, b), max(a, b)].append(pairs if a < b else [(y, x) for x, y in pairs])
    return [_measured(names, cases) for names, cases in sorted(compared.items())]


def _measured(
    names: tuple[str, str], cases: Sequence[Sequence[tuple[str, str]]]
) -> ReviewerAgreement:
    pairs = [pair for case in cases for pair in case]
    return ReviewerAgreement(*names, len(cases), len(pairs), *cohens_kappa(pairs))


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> tuple[float, float | None]:
    """Return the observed agreement and Cohen's kappa of at least one pair of labels."""
    n = len(pairs)
    equal = sum(a == b for a, b in pairs)
    by_first, by_second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    by_chance = sum(by_first[label] * by_second[label] for label in by_first)
    if by_chance == n * n:
        return equal / n, None
    return equal / n, (equal / n - by_chance / n**2) / (1 - by_chance / n**2)
