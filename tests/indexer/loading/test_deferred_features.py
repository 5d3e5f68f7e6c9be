"""Slow features in processes of their own."""

import threading
from collections.abc import Mapping

import pytest
from PIL import Image

from features.base import Json, Picture
from indexer.loading.deferred_features import DeferredFeatureWorkers
from tests.indexer.doubles import GREEN, RED, slow


def picture(colour: tuple[int, int, int]) -> Picture:
    return Picture(Image.new("RGB", (4, 4), colour), 4, 4)


class Answers:
    """Collects what the workers say."""

    def __init__(self) -> None:
        self.values: list[tuple[Mapping[str, Json] | None, str]] = []
        self.threads: set[str] = set()

    def __call__(self, values: Mapping[str, Json] | None, why: str) -> None:
        self.threads.add(threading.current_thread().name)
        self.values.append((values, why))


@pytest.fixture
def workers() -> DeferredFeatureWorkers:
    return DeferredFeatureWorkers(slow, 1, 2)


def test_values_come_back_in_another_thread(workers: DeferredFeatureWorkers) -> None:
    answers = Answers()
    workers.submit(picture(RED), ["words"], answers)
    workers.close()
    assert answers.values == [({"words": "red"}, "")]
    assert answers.threads == {"deferred-0"}


def test_death_is_told_and_the_next_picture_gets_a_new_process(
    workers: DeferredFeatureWorkers,
) -> None:
    answers = Answers()
    workers.submit(picture(GREEN), ["words"], answers)
    workers.submit(picture(RED), ["words"], answers)
    workers.close()
    assert answers.values == [(None, "its process died 2 times"), ({"words": "red"}, "")]


def test_exception_in_a_feature_is_told(workers: DeferredFeatureWorkers) -> None:
    answers = Answers()
    workers.submit(picture(RED), ["unknown"], answers)
    workers.close()
    assert answers.values == [(None, "KeyError: 'unknown'")]


def test_dropped_work_is_not_done(workers: DeferredFeatureWorkers) -> None:
    answers = Answers()
    for _ in range(3):
        workers.submit(picture(RED), ["words"], answers)
    workers.close(drop=True)
    assert len(answers.values) <= 1
