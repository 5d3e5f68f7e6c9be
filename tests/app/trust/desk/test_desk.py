"""Who gets which case, for how long, and what waits in the queues; on the real engine."""

from datetime import timedelta

import pytest

from app.trust.desk.case import QUEUES, Case
from app.trust.desk.case_store import QueueState
from app.trust.errors import CaseTaken
from core.errors import NotFound, UnknownName
from mappings.engine.gateway import Gateway
from tests.support.desk import START, Office, actions, case, office, party, verdicts, version


@pytest.fixture
def at_work(gateway: Gateway, alias: str) -> Office:
    return office(gateway, alias)


def test_a_case_comes_back_as_it_was_opened(at_work: Office) -> None:
    (asked,) = at_work.opened(case(party("b"), party("c")))
    assert at_work.desk.case(asked.id) == asked


@pytest.mark.parametrize("name", ["nowhere-1", "", "../x", "x" * 600, "\ud800"])
def test_a_case_nobody_opened_is_not_found(at_work: Office, name: str) -> None:
    with pytest.raises(NotFound):
        at_work.desk.case(name)


def test_the_oldest_case_comes_first(at_work: Office) -> None:
    ages = [3, 9, 5]
    cases = at_work.opened(*(case(opened_at=START - timedelta(hours=age)) for age in ages))
    given = [at_work.desk.claim_next("same_photo", name) for name in ("aoi", "ben", "chi")]
    assert [one and one.id for one in given] == [cases[1].id, cases[2].id, cases[0].id]
    assert at_work.desk.claim_next("same_photo", "dan") is None
    assert at_work.desk.claim_next("same_file", "dan") is None


def test_an_unknown_queue_is_named(at_work: Office) -> None:
    with pytest.raises(UnknownName, match="second_look"):
        at_work.desk.claim_next("nonsense", "aoi")


def test_asking_again_gives_the_case_already_on_the_desk(at_work: Office) -> None:
    at_work.opened(case(), case())
    first = at_work.desk.claim_next("same_photo", "aoi")
    again = at_work.desk.claim_next("same_photo", "aoi")
    assert first is not None
    assert again == first
    assert again.version == first.version


def test_only_cases_above_the_threshold_are_given(at_work: Office) -> None:
    _, likely = at_work.opened(case(probability=0.7), case(probability=0.95))
    given = at_work.desk.claim_next("same_photo", "aoi", min_probability=0.95)
    assert given is not None
    assert given.id == likely.id
    assert at_work.desk.claim_next("same_photo", "ben", min_probability=0.95) is None


def test_a_held_case_is_refused_to_others_with_who_and_when(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    at_work.desk.claim(asked.id, "aoi")
    with pytest.raises(CaseTaken, match="aoi has been reviewing this case") as refused:
        at_work.desk.claim(asked.id, "ben")
    assert refused.value.reviewer == "aoi"
    assert refused.value.at is not None
    assert abs(refused.value.at - at_work.clock.at) < timedelta(seconds=1)


def test_a_lease_that_ran_out_frees_the_case_and_acting_renews_it(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    at_work.desk.claim(asked.id, "aoi")
    at_work.clock.pass_by(minutes=10)
    at_work.desk.comment(asked.id, "aoi", "the seller was asked")
    at_work.clock.pass_by(minutes=10)
    assert at_work.desk.claim_next("same_photo", "ben") is None
    at_work.clock.pass_by(minutes=10)
    given = at_work.desk.claim_next("same_photo", "ben")
    assert given is not None
    assert given.claimed_by == "ben"
    with pytest.raises(CaseTaken, match="ben has been reviewing this case"):
        at_work.desk.decide(asked.id, "aoi", verdicts(given), version=version(given))


def test_looking_at_one_s_own_case_again_renews_it_late_and_changes_no_version_early(
    at_work: Office,
) -> None:
    (asked,) = at_work.opened(case())
    first = at_work.desk.claim(asked.id, "aoi")
    at_work.clock.pass_by(minutes=5)
    early = at_work.desk.claim(asked.id, "aoi")
    at_work.clock.pass_by(minutes=5)
    late = at_work.desk.claim(asked.id, "aoi")
    assert early.version == first.version
    assert late.version != first.version
    assert late.claimed_until == at_work.clock.at + timedelta(minutes=15)


def test_a_released_case_is_free(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    at_work.desk.claim(asked.id, "aoi")
    at_work.desk.release(asked.id, "ben")
    assert at_work.desk.case(asked.id).claimed_by == "aoi"
    at_work.desk.release(asked.id, "aoi")
    given = at_work.desk.claim_next("same_photo", "ben")
    assert given is not None
    assert given.id == asked.id


def test_a_skipped_case_goes_to_others_and_never_back(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    at_work.desk.claim(asked.id, "aoi")
    skipped = at_work.desk.skip(asked.id, "aoi", "too small to tell")
    assert (skipped.claimed_by, skipped.skipped_by) == (None, ("aoi",))
    assert [one["text"] for one in skipped.comments] == ["too small to tell"]
    assert at_work.desk.claim_next("same_photo", "aoi") is None
    assert at_work.desk.claim_next("same_photo", "ben") is not None
    with pytest.raises(CaseTaken):
        at_work.desk.skip(asked.id, "aoi")
    assert actions(at_work, asked.id) == ["skipped"]


def test_queues_tell_what_is_open_what_is_held_and_the_oldest(at_work: Office) -> None:
    at_work.opened(*(case(opened_at=START - timedelta(hours=age)) for age in (1, 2, 3)))
    at_work.decided(case_of(at_work), "aoi")
    at_work.desk.claim_next("same_photo", "ben")
    queues = at_work.desk.queue_states()
    assert tuple(queues) == QUEUES
    oldest = START.replace(microsecond=123000) - timedelta(hours=2)
    assert queues["same_photo"] == QueueState(open=2, claimed=1, oldest=oldest)
    assert queues["flood"] == QueueState(0, 0, None)


def case_of(at_work: Office) -> Case:
    given = at_work.desk.claim_next("same_photo", "aoi")
    assert given is not None
    return given


def test_thresholds_count_the_open_cases_from_each_hundredth_on(at_work: Office) -> None:
    at_work.opened(*(case(probability=p) for p in (0.5, 0.95, 0.95, 1.0)))
    at_work.opened(case(probability=0.7, queue="same_product"))
    counts = dict(at_work.desk.count_by_threshold())
    assert len(counts) == 101
    assert [counts[t] for t in (0.0, 0.5, 0.51, 0.7, 0.71, 0.95, 0.96, 1.0)] == [
        5, 5, 4, 4, 3, 3, 1, 1,
    ]  # fmt: skip
    assert dict(at_work.desk.count_by_threshold("same_product"))[0.7] == 1
    assert dict(at_work.desk.count_by_threshold("same_product"))[0.71] == 0
