"""Real-time calls go before batch calls, and no call suffers from another's picture."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import Busy
from features.base import Json, Picture
from features.remote.messages import ExtractionCall, Lane
from features.service.lanes import LaneScheduler
from tests.support.pictures import plain
from tests.support.plain_features import Arrow

PLACES = {Lane.REALTIME: 8, Lane.BATCH: 2}


class Counting(Arrow):
    """Waits for `go` before each extraction, and notes which widths were extracted together."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.began = threading.Semaphore(0)
        self.steps: list[list[int]] = []

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        self.began.release()
        assert self.go.acquire(timeout=20)
        self.steps.append([picture.width for picture in pictures])
        if any(picture.width == 13 for picture in pictures):
            raise ZeroDivisionError("thirteen")
        return [[float(picture.width)] for picture in pictures]


def call(*widths: int) -> ExtractionCall:
    pictures = tuple(plain("red", (width, 1)) for width in widths)
    return ExtractionCall("arrow", {}, "extract", pictures)


def test_real_time_calls_pass_a_long_batch_call_and_go_together() -> None:
    feature = Counting()
    scheduler = LaneScheduler({"arrow": feature}, PLACES, step_ms=0.001)
    with ThreadPoolExecutor(4) as threads:
        batch = threads.submit(scheduler.run, Lane.BATCH, call(1, 2, 3))
        feature.began.acquire()
        urgent = [threads.submit(scheduler.run, Lane.REALTIME, call(n)) for n in (7, 8)]
        while scheduler._urgent < 2:
            threading.Event().wait(0.01)
        feature.go.release(10)
        assert sorted(one.result(20)[0] for one in urgent) == [[7.0], [8.0]]
        assert batch.result(20) == [[1.0], [2.0], [3.0]]
    assert feature.steps[0] == [1]
    assert sorted(feature.steps[1]) == [7, 8]
    assert feature.steps[2:] == [[2], [3]]
    scheduler.close()


def test_a_real_time_call_of_one_feature_holds_back_the_batches_of_all() -> None:
    slow, quick = Counting(), Counting()
    scheduler = LaneScheduler({"slow": slow, "quick": quick}, PLACES, step_ms=0.001)
    with ThreadPoolExecutor(2) as threads:
        urgent = threads.submit(
            scheduler.run, Lane.REALTIME, ExtractionCall("slow", {}, "extract", call(5).pictures)
        )
        slow.began.acquire()
        batch = threads.submit(
            scheduler.run, Lane.BATCH, ExtractionCall("quick", {}, "extract", call(6).pictures)
        )
        quick.go.release()
        assert not quick.began.acquire(timeout=0.3)
        slow.go.release()
        assert urgent.result(20) == [[5.0]]
        assert batch.result(20) == [[6.0]]
    scheduler.close()


def test_a_picture_that_fails_costs_its_own_call_alone() -> None:
    feature = Counting()
    scheduler = LaneScheduler({"arrow": feature}, PLACES, step_ms=1000)
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(scheduler.run, Lane.REALTIME, call(1))
        feature.began.acquire()
        others = [threads.submit(scheduler.run, Lane.REALTIME, call(n)) for n in (13, 2)]
        while scheduler._urgent < 3:
            threading.Event().wait(0.01)
        feature.go.release(10)
        assert first.result(20) == [[1.0]]
        with pytest.raises(ZeroDivisionError, match="thirteen"):
            others[0].result(20)
        assert others[1].result(20) == [[2.0]]
    scheduler.close()


def test_quick_pictures_make_longer_steps() -> None:
    feature = Counting()
    feature.go.release(100)
    scheduler = LaneScheduler({"arrow": feature}, PLACES, step_ms=10_000)
    for _ in range(2):
        assert len(scheduler.run(Lane.BATCH, call(*range(20, 60)))) == 40
    assert len(feature.steps[0]) == 1
    assert len(feature.steps[-1]) == 40
    scheduler.close()


def test_a_lane_without_a_place_refuses_and_the_other_does_not() -> None:
    scheduler = LaneScheduler({"arrow": Arrow()}, PLACES, step_ms=20)
    with scheduler.place(Lane.BATCH), scheduler.place(Lane.BATCH):
        with pytest.raises(Busy, match="2 batch calls"), scheduler.place(Lane.BATCH):
            pass
        with scheduler.place(Lane.REALTIME):
            assert scheduler.count_held(Lane.REALTIME) == 1
    with scheduler.place(Lane.BATCH):
        assert scheduler.count_held(Lane.BATCH) == 1
    scheduler.close()


def test_what_waits_when_the_service_stops_is_refused() -> None:
    feature = Counting()
    scheduler = LaneScheduler({"arrow": feature}, PLACES, step_ms=20)
    with ThreadPoolExecutor(3) as threads:
        works = [threads.submit(scheduler.run, Lane.REALTIME, call(n)) for n in (1,)]
        feature.began.acquire()
        works.append(threads.submit(scheduler.run, Lane.REALTIME, call(2)))
        while scheduler._urgent < 2:
            threading.Event().wait(0.01)
        closing = threads.submit(scheduler.close)
        with pytest.raises(Busy, match="stopped"):
            works[1].result(20)
        feature.go.release()
        assert works[0].result(20) == [[1.0]]
        closing.result(20)
