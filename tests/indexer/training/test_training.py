"""Training as a person does it: a list of photos, a feed or an index in, a file and figures out."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from core.environment import Environment
from features.embedding import feature as embeddings
from features.embedding.head import Head
from features.imaging.decode import decode
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry
from indexer.__main__ import main
from indexer.errors import FeedUnreadable
from indexer.feeds.feed import open_feed
from indexer.training import photo_list, picture_sources
from indexer.training.photo_list import LabelledPhoto
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.support.plain_features import Arrow

PRODUCTS = 6


Learn = Callable[..., Result]


def run(environment: Environment, *arguments: object) -> Result:
    given = [str(argument) for argument in arguments]
    return CliRunner().invoke(main, given, env=dict(environment.values))


@pytest.fixture
def rows(shared_data: Path) -> list[dict[str, str]]:
    """Photos of six groceries: fourteen learned from and some to judge by, each."""
    with (shared_data / "grocery" / "queries_dev.csv").open(newline="") as lines:
        every = list(csv.DictReader(lines))
    names = sorted({row["product_id"] for row in every if row["source_split"] == "val"})[:PRODUCTS]
    chosen = []
    for name in names:
        own = [row for row in every if row["product_id"] == name]
        chosen += [row for row in own if row["source_split"] == "train"][:14]
        chosen += [row for row in own if row["source_split"] == "val"][:2]
    return chosen


@pytest.fixture
def learn(environment: Environment, tmp_path: Path, shared_data: Path) -> Learn:
    """Return what writes a list of photos that lie elsewhere, and trains on it beside the feed."""
    grocery = shared_data / "grocery"

    def train(rows: list[dict[str, str]], *options: object) -> Result:
        path = tmp_path / "photos.jsonl"
        for row in rows:
            row["image"] = str(grocery / row["image"])
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        feed = grocery / "products.jsonl"
        return run(environment, "train-head", "--photos", path, "--catalogue", feed, *options)

    return train


def test_a_head_is_learned_judged_and_taken_by_the_embedding(
    environment: Environment, rows: list[dict[str, str]], learn: Learn, tmp_path: Path
) -> None:
    out = tmp_path / "head.npz"
    done = learn(rows, "--epochs", 10, "--dims", 32, "--out", out)
    assert done.exit_code == 0, done.output
    assert "held out by column" in done.output
    assert f"LOOKALIKE_EMBEDDING_HEAD={out}" in done.output
    head = Head.load(out)
    assert (head.dims, head.facts["photos"], head.facts["labels"]) == (32, 14 * PRODUCTS, PRODUCTS)
    figures = {name: one[0]["top1"] for name, one in head.facts["held_out"].items()}
    assert figures["head"] > figures["backbone"]
    with_head = {**environment.values, "LOOKALIKE_EMBEDDING_HEAD": str(out)}
    feature = embeddings.create(Environment(with_head))
    photo = decode(Path(rows[0]["image"]).read_bytes())
    (value,) = feature.extract_photo([photo])
    assert np.linalg.norm(value) == pytest.approx(1)
    assert len(value) == 32


def test_too_few_photos_are_refused_with_the_number_needed(
    rows: list[dict[str, str]], learn: Learn
) -> None:
    done = learn(rows[:20])
    assert done.exit_code == 2
    assert "20 photos to learn from: at least 50 are needed" in done.output


def test_a_random_split_that_leaks_is_refused(
    rows: list[dict[str, str]], learn: Learn, tmp_path: Path
) -> None:
    out = tmp_path / "head.npz"
    done = learn(rows, "--split", "random", "--out", out)
    assert done.exit_code == 2
    assert "near-identical" in done.output
    assert not out.exists()


def test_a_feed_alone_says_nothing_to_learn(environment: Environment, shared_data: Path) -> None:
    feed = shared_data / "grocery" / "products.jsonl"
    done = run(environment, "train-head", "--catalogue", feed)
    assert (done.exit_code, "--photos or --categories" in done.output) == (2, True)


def test_fine_tuning_a_large_net_on_a_processor_asks_first(
    rows: list[dict[str, str]], learn: Learn, tmp_path: Path
) -> None:
    out = tmp_path / "tuned.keras"
    done = learn(rows, "--fine-tune", "--epochs", 10_000, "--out", out)
    assert done.exit_code == 2
    assert "minutes on this processor: add --cpu to continue" in done.output
    assert not out.exists()


def test_a_list_is_read_by_its_own_names_and_others(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('label,path,split,taken_at\n"a, b",x.jpg,train,2026-01-02\nc,y.jpg,,\n')
    first, second = photo_list.read_photos(path)
    assert (first.path, first.label) == (tmp_path / "x.jpg", "a, b")
    assert (first.origin.split, first.origin.taken_at, second.origin.split) == (
        "train",
        "2026-01-02",
        "",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lists no photos"),
        ("path,colour\nx.jpg,red\n", "photo 1 lacks a value in column product_id or label"),
        ('{"path": "x.jpg", "label": "a"}\n[1]\n', "line 2 is not a JSON object"),
        ('{"path": "x.jpg", \n', "Expecting"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    with pytest.raises(FeedUnreadable, match=said):
        photo_list.read_photos(path)


def test_categories_are_photos_whose_product_is_the_source(shared_data: Path) -> None:
    shown = picture_sources.feed_pictures(open_feed(shared_data / "grocery" / "products.jsonl"))
    photos = picture_sources.label_by_category(shown)
    assert len(shown) == len(photos) == 81
    first = next(one for one in photos if one.origin.source == "grocery-000")
    assert first.label == "Fruit > Apple"


def test_the_index_gives_its_pictures_and_the_shoppers_photos(
    gateway: Gateway, alias: str, shared_data: Path, tmp_path: Path
) -> None:
    catalogue = Catalogue(gateway, Registry([Arrow()]), alias)
    catalogue.prepare()
    files = sorted((shared_data / "grocery" / "queries").iterdir())[:3]
    kept, copies = Thumbnails(tmp_path / "media"), Thumbnails(tmp_path / "shoppers")
    own, photo, lost = (decode(path.read_bytes()) for path in files)
    kept.save(own)
    copies.save(photo)
    pictures = [
        {"image_id": own.sha256, "source": "catalogue"},
        {"image_id": photo.sha256, "source": "shopper", "added_at": "2026-01-02T00:00:00Z"},
        {"image_id": lost.sha256, "source": "catalogue"},
    ]
    catalogue.write(
        [{"id": "a", "category": ["Fruit", "Fruit > Apple"], "images": pictures}], refresh=True
    )
    shown, photos = picture_sources.index_pictures(catalogue, kept, copies)
    assert [(one.product_id, one.category) for one in shown] == [("a", "Fruit > Apple")]
    assert [(one.label, one.origin.taken_at) for one in photos] == [("a", "2026-01-02T00:00:00Z")]
    assert isinstance(photos[0], LabelledPhoto)
