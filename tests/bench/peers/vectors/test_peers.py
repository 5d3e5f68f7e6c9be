"""The contest for nearest vectors, small, through the real server; and what its figures say."""

import os
import socket
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bench.instruments.memory import process_listening_on
from bench.instruments.web_server import free_port
from bench.peers.vectors import comparison_table, peers, recall_curves
from bench.peers.vectors.size_comparison import SizeComparison
from bench.peers.vectors.store_measurement import EffortFigures, StoreFigures
from bench.peers.vectors.stores.roster import STORES, StoreEntry
from bench.vectors.filter_cells import ExactAnswer
from core.environment import Environment
from tests.bench.conftest import Run


def test_contest_gives_every_figure_at_equal_recall(
    run: Run, shared_data: Path, tmp_path: Path
) -> None:
    plot = tmp_path / "peers.svg"
    figures = run(
        "peers", "--data", shared_data, "--pictures", 256, "--sizes", 1000, "--questions", 12,
        "--only", "numpy", "--only", "faiss-hnsw", "--only", "ours", "--plot", plot,
    )  # fmt: skip
    for filtered in ("all", "50 % independent", "10 % independent", "1 % independent"):
        for name in ("ours", "numpy"):
            assert figures[f"1000.{name}.{filtered}.recall"]["figure"] == 1.0
        where = f"1000.numpy.{filtered}"
        assert figures[f"{where}.p95_to_ours"]["figure"] == pytest.approx(
            figures[f"{where}.p95"]["figure"] / figures[f"1000.ours.{filtered}.p95"]["figure"],
            rel=0.01,
        )
        ours = figures[f"1000.ours.{filtered}.engine_p95"]["figure"]
        assert ours <= figures[f"1000.ours.{filtered}.p95"]["figure"] + 1
    assert "1000.ours.all.p95_to_ours" not in figures
    assert "1000.numpy.0.1 % independent.p95" not in figures, "a cell of one vector"
    assert figures["1000.faiss-hnsw.all.recall"]["figure"] >= 0.9
    for name in ("ours", "numpy", "faiss-hnsw"):
        assert figures[f"1000.{name}.disk"]["figure"] > 0
    assert figures["1000.faiss-hnsw.peak_rss"]["figure"] > 0
    assert figures["1000.ours.serving_rss"]["figure"] > 100
    drawn = ElementTree.fromstring(plot.read_text(encoding="utf-8"))
    assert any("faiss-hnsw, effort" in str(node.text) for node in drawn.iter())


def test_absent_peer_is_named_and_left_out(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in environment.values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(STORES, "absent", StoreEntry("absent:Absent", "no-such-package", "none"))  # type: ignore[arg-type]
    standing = SizeComparison(1000, {})
    assert list(peers.measure_stores(tmp_path, standing, {}, ["absent"])) == []
    assert standing.results == {}
    assert "no-such-package is not installed" in standing.absent["absent"]
    assert "absent was not measured" in comparison_table.markdown_tables(standing)


@pytest.mark.parametrize("sizes", ["", "many", "10000,x", "5"])
def test_sizes_must_be_numbers(run: Run, shared_data: Path, sizes: str) -> None:
    with pytest.raises(AssertionError, match="sizes"):
        run("peers", "--data", shared_data, "--sizes", sizes)


def ladder(
    *rungs: tuple[int, float, float], engine: float | None = None
) -> dict[str, list[EffortFigures]]:
    made = [EffortFigures(effort, recall, [ms] * 20, [engine or 0] * 20 if engine else [])
            for effort, recall, ms in rungs]  # fmt: skip
    return {"all": made}


@pytest.fixture
def standing() -> SizeComparison:
    """Ours 10 ms, 6 of them the engine; a quick peer, a slow one, and one that never gets there."""
    results = {
        "ours": StoreFigures("ours", "1", efforts=ladder((0, 1.0, 10.0), engine=6.0)),
        "ours-knn": StoreFigures(
            "ours-knn", "1", efforts=ladder((50, 0.9, 4.0), (100, 0.995, 5.0), engine=2.0)
        ),
        "numpy": StoreFigures("numpy", "2", efforts=ladder((0, 1.0, 8.0))),
        "faiss-hnsw": StoreFigures(
            "faiss-hnsw", "1", efforts=ladder((16, 0.95, 0.5), (32, 0.99, 1.0), (64, 0.999, 3.0))
        ),
        "annoy": StoreFigures("annoy", "1", efforts=ladder((10, 1.0, 30.0))),
        "hnswlib": StoreFigures("hnswlib", "1", efforts=ladder((16, 0.4, 1.0), (32, 0.4, 2.0))),
    }
    return SizeComparison(1000, {"all": 0.99}, results, {"lancedb": "not installed"})


def test_first_effort_with_recall_enough_counts(standing: SizeComparison) -> None:
    assert standing.best("faiss-hnsw", "all").effort == 32
    assert standing.ratio("faiss-hnsw", "all") == pytest.approx(0.1)
    assert standing.ratio("faiss-hnsw", "all", engine=True) == pytest.approx(1 / 6)
    assert standing.ratio("annoy", "all") == pytest.approx(3)


def test_without_equal_recall_there_is_no_ratio(standing: SizeComparison) -> None:
    assert standing.best("hnswlib", "all").effort == 16
    assert standing.ratio("hnswlib", "all") is None
    assert "*0.400, 1 / 1*, too low" in comparison_table.markdown_tables(standing)


def test_table_says_who_wins_and_why(standing: SizeComparison) -> None:
    told = comparison_table.markdown_tables(standing)
    assert "faster at p95 are faiss-hnsw 10×, numpy 1.2×." in told
    assert "Of our median of 10.0 ms the engine takes 6; the round trip to it, 4.0." in told
    assert "Our engine alone is no slower than numpy." in told
    assert "Our graph with 100 candidates: recall 0.995, p95 5.0 ms, faster" in told
    assert "- lancedb was not measured: not installed" in told
    assert "annoy" not in told[told.index("- all:") :]


def test_plot_holds_every_rung_and_is_xml(standing: SizeComparison) -> None:
    drawn = ElementTree.fromstring(recall_curves.plot_recall_curves([standing]))
    titles = [str(node.text) for node in drawn.iter() if node.tag.endswith("title")]
    assert "faiss-hnsw, effort 16: recall 0.950, 0.5 ms" in titles
    assert len(titles) == 1 + 10 + len(standing.results)


def test_listener_is_found_by_its_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = process_listening_on(server.getsockname()[1])
        assert found is not None
        assert found.pid == os.getpid()
    assert process_listening_on(free_port()) is None


def test_truth_of_an_empty_filter_is_met_by_nothing() -> None:
    none = np.zeros(3, bool)
    truth = ExactAnswer.of(np.ones(3, np.float32), none, 10)
    assert truth.recall(np.ones(3, np.float32), none, []) == 1
