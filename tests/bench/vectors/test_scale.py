"""Costs are measured at several sizes on the real server, and their law is found and told."""

from pathlib import Path
from xml.etree import ElementTree as ET

from bench.plots.cost_plot import plot_costs, plotted_cost
from bench.statistics.power_law import PowerLaw
from bench.vectors.scale import COSTS, extrapolation_page
from tests.bench.conftest import Run


def test_cost_is_told_for_every_size_and_its_exponent(
    run: Run, shared_data: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    figures = run(
        "scale", 1000, 2000, "--data", shared_data, "--queries", 2, "--measure", 5, "--page", page,
    )  # fmt: skip
    for name in COSTS:
        assert figures[f"1000.{name}"]["figure"] > 0 or name.startswith(("planned", "exact"))
        assert figures[f"exponent.{name}"]["unit"] == "exponent"
    assert figures["1000.load.rate"]["figure"] > 0
    # Elasticsearch reports sizes up to ten seconds late, which such small indices show.
    assert 0 < figures["exponent.index.bytes"]["figure"] < 2
    assert "| 1,000,000,000 | 500,000 |" in page.read_text(encoding="utf-8")


def test_extrapolation_multiplies_what_one_shard_was_measured_to_cost() -> None:
    shard = {
        "planned.p50": 20.0, "planned.p95": 30.0, "exact.p50": 60.0, "index.bytes": 2e9,
        "load.time": 1000.0, "merge.time": 200.0,
    }  # fmt: skip
    page = extrapolation_page({1_000_000: shard}, {})
    # 30 shards of 20 ms; 46 bytes each: 1.4 GB, in 32 GB a node; 1,200 s a shard.
    row = "| 30,000,000 | 30 | 1 GB | 1 | 60 GB | 0.60 | 10.0 h |"
    assert row in page
    assert "not measured" in page


def test_only_whole_milliseconds_have_a_least_of_half_of_one() -> None:
    assert plotted_cost(0.0, "ms") == plotted_cost(0.3, "ms") == 0.5
    assert plotted_cost(0.013, "s") == 0.013
    assert plotted_cost(0.0, "s") > 0


def test_plot_has_a_panel_for_every_cost() -> None:
    found = {size: dict.fromkeys(COSTS, size / 100) for size in (1000, 10_000)}
    picture = plot_costs(found, {"planned.p50": PowerLaw(0.01, 1.0, 1.0)}, COSTS)
    root = ET.fromstring(picture)
    titles = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "planned.p50, ms ∝ size^1.00" in titles
    assert all(any(t and t.startswith(name) for t in titles) for name in COSTS)
