"""Labels are judged by photos that nothing was learned from, nor anything attached of."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.data.query_photos import read_query_photos
from bench.relevance import attachment, learning
from bench.relevance.learning import (
    LearningTrial,
    choose_attached,
    measure_attached_bursts,
    untrained_heads,
)
from features.embedding.training.labelled_vectors import LabelledVectors
from indexer.errors import FeedUnreadable
from tests.bench.conftest import Run

PRODUCTS, PHOTOS, WIDTH = 6, 10, 32


@pytest.fixture
def sample() -> LabelledVectors:
    """Photos that show their product weakly, next to where it stood, which differs by burst."""
    chance = np.random.default_rng(1)
    labels = np.repeat(np.arange(PRODUCTS), PHOTOS)
    said = np.eye(PRODUCTS, WIDTH)
    shelves = np.repeat(chance.normal(size=(PRODUCTS * PHOTOS // 2, WIDTH)), 2, axis=0) / 3
    photos = (said[labels] + shelves)[:, np.newaxis].repeat(2, axis=1)
    shop = said[:, np.newaxis].repeat(2, axis=1)
    return LabelledVectors(
        photos.astype(np.float32), labels, shop.astype(np.float32), np.arange(PRODUCTS)
    )


def test_so_many_photos_of_every_product_are_attached(sample: LabelledVectors) -> None:
    some = choose_attached(sample, 3, seed=1)
    assert np.unique(some.labels, return_counts=True)[1].tolist() == [3] * PRODUCTS
    assert len(choose_attached(sample, 99, seed=1).labels) == PRODUCTS * PHOTOS


def test_attached_photos_help_photos_of_other_bursts(sample: LabelledVectors) -> None:
    figures = list(measure_attached_bursts(sample, seeds=1))
    assert {one.photos for _, one in figures} == {12}
    shares = {name: one.top1 for name, one in figures}
    assert shares["attach.10.bursts.backbone.closer"] >= shares["attach.1.bursts.backbone.closer"]


def test_a_photo_that_is_attached_itself_finds_itself(sample: LabelledVectors) -> None:
    head = untrained_heads(sample)["backbone"]
    figures = dict(LearningTrial(sample, sample).figures(head, sample))
    assert figures["closer"].top1 == 1.0


def test_unseen_products_are_searched_among_themselves(
    sample: LabelledVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught: list[set[int]] = []

    def learns_nothing(learned: LabelledVectors, loss: str, seed: int) -> object:
        taught.append(set(learned.labels.tolist()))
        return untrained_heads(learned)

    # What is learned is tested elsewhere; here it is who is asked, in how many folds.
    monkeypatch.setattr(learning, "train_heads", learns_nothing)
    figures = list(learning.measure_unseen_products(sample, "contrastive", seeds=1))
    assert [len(one) for one in taught] == [3] * 4
    assert set().union(*taught) == set(range(PRODUCTS))
    assert {one.photos for _, one in figures} == {3 * PHOTOS}


def test_photos_are_attached_and_others_asked_through_the_index(
    run: Run, folder_of_photos: Path, photo_of: Callable[[int], Image.Image], tmp_path: Path
) -> None:
    """Product p1's photos show what no shop picture shows: only an attached one finds it."""
    with (tmp_path / "products.jsonl").open("w") as feed:
        for number in range(4):
            image = f"{folder_of_photos.name}/{number}.png"
            feed.write(json.dumps({"id": f"p{number}", "image": image}) + "\n")
    photo_of(9).convert("RGB").resize((200, 150)).save(tmp_path / "attached.jpg")
    photo_of(9).convert("RGB").resize((180, 135)).save(tmp_path / "asked.jpg")
    queries = tmp_path / "queries.csv"
    queries.write_text("image,product_id,split\nattached.jpg,p1,train\nasked.jpg,p1,val\n")
    given = ("street2shop", "--products", tmp_path / "products.jsonl", "--queries", queries)
    without, with_one = (run(*given, "--attach", count)["embedding.map"] for count in (0, 1))
    assert (without["sizes"]["attached"], with_one["sizes"]["attached"]) == (0, 1)
    assert with_one["sizes"]["queries"] == 1
    assert with_one["figure"] == 1.0 > without["figure"]


def test_a_list_without_a_split_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("image,product_id\na.jpg,1\n")
    with pytest.raises(FeedUnreadable, match="column split"):
        attachment.split_by_training(path, read_query_photos(path))
