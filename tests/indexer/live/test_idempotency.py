"""A key stands for one request: carried out once, answered again, never mixed up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.live.errors import KeyInUse, KeyReused
from indexer.live.idempotency import ABANDONED_S, KEEP_S, Answers, StoredAnswer
from indexer.live.live_database import open_database

ANSWER = StoredAnswer(201, {"ETag": '"x"'}, b"{}")
NOON = 1_800_000_000.0


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[Answers]:
    database = open_database(tmp_path, "products")
    yield Answers(database)
    database.close()


def test_a_request_is_answered_again_as_the_first_time(answers: Answers) -> None:
    assert answers.begin("key", "request") is None
    answers.complete("key", ANSWER)
    assert answers.begin("key", "request") == ANSWER
    assert answers.begin("another key", "request") is None


def test_a_key_belongs_to_one_request(answers: Answers) -> None:
    answers.begin("key", "request")
    with pytest.raises(KeyReused):
        answers.begin("key", "another request")


def test_a_request_that_is_being_worked_on_is_not_begun_again(answers: Answers) -> None:
    answers.begin("key", "request", NOON)
    with pytest.raises(KeyInUse):
        answers.begin("key", "request", NOON + 1)
    # Its process must have died.
    assert answers.begin("key", "request", NOON + 1 + ABANDONED_S) is None


def test_a_request_that_failed_may_be_repeated(answers: Answers) -> None:
    answers.begin("key", "request")
    answers.release("key")
    assert answers.begin("key", "request") is None
    answers.complete("key", ANSWER)
    answers.release("key")
    assert answers.begin("key", "request") == ANSWER


def test_answers_are_forgotten_after_a_day(answers: Answers) -> None:
    answers.begin("key", "request", NOON)
    answers.complete("key", ANSWER)
    assert answers.begin("key", "another request", NOON + KEEP_S + 1) is None
