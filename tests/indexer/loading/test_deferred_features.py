"""Slow features in processes of their own."""

import os
import threading
from collections.abc import Mapping, Sequence

import pytest
from PIL import Image

from core.threads import thread_count
from features.base import Feature, Json, Picture
from indexer.loading.deferred_features import DeferredFeatureWorkers
from tests.indexer.doubles import GREEN, RED, Words, slow


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


class Circumstances(Words):
    """Says how its process runs."""

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [{"niceness": os.nice(0), "threads": thread_count(8)} for _ in pictures]


def circumstances() -> Mapping[str, Feature]:
    """Build the feature above; run in its worker process."""
    return {"words": Circumstances()}


def test_searches_come_first_and_a_process_takes_one_core() -> None:
    answers = Answers()
    workers = DeferredFeatureWorkers(circumstances, 1, 2)
    workers.submit(picture(RED), ["words"], answers)
    workers.close()
    lower = min(19, os.nice(0) + 5)
    assert answers.values == [({"words": {"niceness": lower, "threads": 1}}, "")]
