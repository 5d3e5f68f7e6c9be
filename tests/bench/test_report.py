"""A figure is one line of JSON, and a missed limit is the exit code."""

import json

import pytest

from bench.report import Limit, Report, at_least, at_most, reporting
from core.errors import EngineUnavailable


def test_figure_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("speed")
    report.sizes["products"] = 3
    report.add("search.p50", 41.23456789, "ms", at_most(60))
    line = json.loads(capsys.readouterr().out)
    assert list(line) == ["bench", "name", "figure", "unit", "limit", "pass", "sizes"]
    sizes = line.pop("sizes")
    assert line == {
        "bench": "speed",
        "name": "search.p50",
        "figure": 41.235,
        "unit": "ms",
        "limit": "<= 60",
        "pass": True,
    }
    assert sizes["products"] == 3
    assert sizes.keys() == {"products", "cores", "load_1min"}


def test_figure_without_limit_neither_passes_nor_fails(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("speed")
    report.add("search.p99", 41, "ms")
    line = json.loads(capsys.readouterr().out)
    assert line["limit"] is None
    assert line["pass"] is None
    assert not report.is_missed


@pytest.mark.parametrize(
    ("limit", "figure", "holds"),
    [
        (at_least(0.33), 0.33, True),
        (at_least(0.33), 0.329, False),
        (at_most(60), 60, True),
        (at_most(60), 60.1, False),
    ],
)
def test_limit_itself_is_kept(limit: Limit, figure: float, holds: bool) -> None:
    assert limit.holds(figure) is holds


def test_missed_limit_is_exit_code_1() -> None:
    with pytest.raises(SystemExit) as ended, reporting("speed") as report:
        report.add("index.rate", 59, "pictures/s", at_least(60))
    assert ended.value.code == 1


def test_run_that_fails_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, reporting("speed"):
        raise EngineUnavailable("it is away")
    assert ended.value.code == 2
    assert "error: it is away" in capsys.readouterr().err


def test_markdown_is_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report("speed", markdown=True)
    report.add("top1", 0.5, "share", at_least(0.33))
    report.add("p50", 70, "ms", at_most(60))
    report.add("p99", 90, "ms")
    assert capsys.readouterr().out.splitlines() == [
        "| figure | value | limit | reached |",
        "|---|---|---|---|",
        "| top1 | 0.5 | >= 0.33 | yes |",
        "| p50 | 70 ms | <= 60 | **no** |",
        "| p99 | 90 ms |  |  |",
    ]
