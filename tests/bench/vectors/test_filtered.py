"""Recall and time under filters are measured on the real server, and drawn."""

from pathlib import Path
from xml.etree import ElementTree as ET

from bench.plots.recall_plot import RecallPoint, plot_recall
from tests.bench.conftest import Run

SVG = "{http://www.w3.org/2000/svg}"


def test_every_selectivity_and_correlation_is_told(
    run: Run, shared_data: Path, tmp_path: Path
) -> None:
    drawn = tmp_path / "plot.svg"
    figures = run(
        "filtered", "--data", shared_data, "--products", 1000, "--queries", 3, "--measure", 5,
        "--svg", drawn,
    )  # fmt: skip
    for name in ("none.1", "independent.0.5", "correlated.0.1", "anti-correlated.0.01"):
        assert figures[f"{name}.recall"]["figure"] == 1.0, name
        assert figures[f"{name}.recall"]["limit"] == ">= 0.99"
        assert figures[f"{name}.p95"]["limit"] == "<= 10"
        assert 0 <= figures[f"{name}.exact"]["figure"] <= 1
    assert figures["hybrid.p95"]["limit"] == "<= 60"
    assert figures["slowest_to_unfiltered.p50"]["limit"] == "<= 1.5"
    assert figures["none.1.recall"]["sizes"]["duplicates"] == 300
    assert ET.parse(drawn).getroot().tag == f"{SVG}svg"


def test_plot_shows_every_point_and_better_is_higher() -> None:
    ways = [
        RecallPoint("10 %", "exact", 20, 1.0),
        RecallPoint("10 %", "few", 2, 0.9),
        RecallPoint("10 %", "many", 5, 0.99),
    ]
    root = ET.fromstring(plot_recall(ways, [RecallPoint("none", "as planned", 5, 0.995)], "x"))
    dots = {
        title.text: float(dot.attrib["cy"])
        for dot in root.iter(f"{SVG}circle")
        if (title := dot.find(f"{SVG}title")) is not None
    }
    few, many, exact, planned = (
        dots["10 %, few: 0.9000, 2 ms"],
        dots["10 %, many: 0.9900, 5 ms"],
        dots["10 %, exact: 1.0000, 20 ms"],
        dots["planned, none: 0.9950, 5 ms"],
    )
    assert few > many > planned > exact, "y grows downwards"
