"""Words beside photos: questions made by rule, and a weight judged on the other half."""

from pathlib import Path

from bench.data.query_photos import QueryPhoto
from bench.words.photo_words import WEIGHTS, make_questions
from tests.bench.conftest import Run

TITLES = {"a": "Green mug", "b": "Green bowl", "c": "Blue mug", "d": "Lamp", "e": "Chair",
          "f": "Sofa", "g": "Stool", "h": "Bench"}  # fmt: skip


def test_word_is_shared_by_titles_and_in_few_of_them() -> None:
    photos = [QueryPhoto(Path(f"{key}.jpg"), key, "") for key in TITLES for _ in range(8)]
    questions = make_questions(TITLES, photos, seed=1)
    asked = {(question.photo.product_id, question.word) for question in questions}
    assert asked == {("a", "green"), ("a", "mug"), ("b", "green"), ("c", "mug")}


def test_weights_are_compared_on_both_halves(run: Run, shared_data: Path) -> None:
    grocery = shared_data / "grocery"
    arguments = ("--products", grocery / "products.jsonl", "--limit", 8)
    figures = run("photo-words", *arguments, "--queries", grocery / "queries_dev.csv")
    assert figures["half_a.best_weight"]["figure"] in WEIGHTS
    assert 0 <= figures["half_b.other_half.top1"]["figure"] <= 1
    assert figures["1.top5"]["sizes"]["products"] > 50
