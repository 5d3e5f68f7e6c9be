"""Words with facets are timed on the real server, inside the process and under a real gunicorn."""

from bench.words.made_products import Question, make_product, make_questions
from features.base import Json
from tests.bench.conftest import Run


def test_words_speed_reports_times_and_what_was_found(run: Run) -> None:
    figures = run("words-speed", "--products", 40, "--queries", 10, "--clients", 2)
    assert figures["search.success_at_10"]["figure"] == 1
    assert figures["search.p50"]["limit"] == "<= 15"
    assert figures["search.p95"]["limit"] == "<= 40"
    assert figures["http.rate"]["limit"] == ">= 100"
    assert figures["http.p99"]["limit"] == "<= 200"
    assert 0 < figures["http.p50"]["figure"] <= figures["http.p99"]["figure"]
    for name in ("search.python_cpu", "search.engine_cpu", "http.cpu"):
        assert figures[name]["figure"] > 0, name
    assert figures["search.p50"]["sizes"]["products"] == 40


def test_number_gives_the_same_product_and_no_other() -> None:
    assert make_product(7) == make_product(7)
    assert make_product(7) != make_product(8)


def test_target_product_has_the_words_asked_for_but_the_misspelt_one() -> None:
    questions = list(make_questions(50, 20))
    missing = [words_missing(question) for question in questions if question.target]
    assert {len(words) for words in missing} == {0, 1}
    assert sum(map(len, missing)) == 10, "every fifth question has a typo"


def test_target_product_passes_the_filters() -> None:
    filtered = [question for question in make_questions(50, 20) if question.filters]
    assert len(filtered) == 10
    for question in filtered:
        product = target_product(question)
        assert question.filters["brand"] == [product["brand"]]
        assert question.price_max is not None
        assert product["price"] <= question.price_max


def target_product(question: Question) -> dict[str, Json]:
    """Return the product that a question is about."""
    assert question.target is not None
    return make_product(int(question.target.removeprefix("P")))


def words_missing(question: Question) -> list[str]:
    """Return the words of a question that its product lacks."""
    product = target_product(question)
    texts = [str(product["title"]), str(product["brand"]), *map(str, product["color"])]
    there = " ".join(texts).split()
    return [word for word in question.words.split() if word not in there]
