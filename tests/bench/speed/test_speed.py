"""Loading, serving and searching are timed on the real server, under a real gunicorn."""

import io
from pathlib import Path

import pytest
from PIL import Image

from bench.data import drawn_pictures
from bench.instruments.memory import MemorySample, MemoryWatch
from tests.bench.conftest import Run


def test_speed_reports_every_stage(run: Run) -> None:
    figures = run("speed", "--products", 12, "--queries", 3)
    assert figures["index.rate"]["limit"] == ">= 90"
    for name in ("index.decode", "index.embedding", "index.write", "search.p50", "search.p99",
                 "check_after_load.p50", "keypoints", "check.p95",
                 "stage.decode_p50", "stage.engine_p50", "feature.pdq_p50"):  # fmt: skip
        assert figures[name]["figure"] > 0, name
    assert figures["feature.embedding_p50"]["limit"] == "<= 8"
    assert figures["app.worker_rss"]["limit"] == "<= 500"
    assert figures["app.tensorflow_libraries"]["figure"] == 0
    assert figures["app.ready"]["sizes"]["products"] == 12
    assert figures["app.ready"]["sizes"]["pictures"] == 12


def test_drawn_picture_is_the_same_every_time_and_like_no_other() -> None:
    assert (
        drawn_pictures.draw_picture(1)
        == drawn_pictures.draw_picture(1)
        != drawn_pictures.draw_picture(2)
    )
    with Image.open(io.BytesIO(drawn_pictures.draw_picture(1))) as drawn:
        assert drawn.size == (400, 300)
        assert drawn.format == "JPEG"


def test_cut_picture_is_400_pixels_and_like_no_other(folder_of_photos: Path) -> None:
    pictures = sorted(folder_of_photos.iterdir())
    assert (
        drawn_pictures.cut_picture(0, pictures)
        == drawn_pictures.cut_picture(0, pictures)
        != drawn_pictures.cut_picture(4, pictures)
    )
    with Image.open(io.BytesIO(drawn_pictures.cut_picture(0, pictures))) as cut:
        assert max(cut.size) == 400


@pytest.mark.parametrize(
    ("held", "growth"),
    [([9, 9, 100, 110, 105, 101, 108, 120], 10), ([5, 80, 80, 80], 0), ([7], 0)],
    ids=["grows", "flat after the start", "one sample"],
)
def test_growth_is_the_last_quarter_over_the_second(held: list[int], growth: int) -> None:
    watch = MemoryWatch(1)
    watch.samples = [MemorySample(0, megabytes) for megabytes in held]
    assert watch.growth_mb() == growth
