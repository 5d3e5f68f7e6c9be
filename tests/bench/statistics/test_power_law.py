"""A power law is found again from its own points."""

import pytest

from bench.statistics.power_law import fit_power_law


@pytest.mark.parametrize(("factor", "exponent"), [(3.0, 1.0), (0.5, 0.4), (7.0, 0.0)])
def test_law_is_found_again(factor: float, exponent: float) -> None:
    law = fit_power_law([(size, factor * size**exponent) for size in (10, 100, 5000)])
    assert (law.factor, law.exponent) == (pytest.approx(factor), pytest.approx(exponent))
    assert law.residual == pytest.approx(1)
    assert law.at(1e6) == pytest.approx(factor * 1e6**exponent)


def test_residual_is_the_largest_deviation() -> None:
    law = fit_power_law([(1, 1), (10, 20), (100, 100)])
    assert law.residual == pytest.approx(4 ** (1 / 3), rel=0.01)


def test_one_size_has_no_law() -> None:
    with pytest.raises(ValueError, match="two sizes"):
        fit_power_law([(10, 1), (10, 2)])
