"""Learning a centring head as a person does: from photos in a folder and an index in service."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from core.environment import Environment
from features import registry
from features.embedding import feature as embeddings
from features.embedding.feature import Embedding
from features.embedding.head import Head, normalise
from indexer.__main__ import main
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.errors import ModelMismatch
from mappings.engine.connection import EngineSettings, connect
from mappings.planning.sample import draw_pictures


@pytest.fixture(scope="module")
def embedding() -> Embedding:
    return embeddings.create(Environment.current())


@pytest.fixture
def here(environment: Environment) -> Environment:
    return Environment({**environment.values, "LOOKALIKE_FEATURES": "embedding"})


@pytest.fixture
def queries(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "grocery" / "queries").iterdir())[:60]


def vectors(count: int) -> np.ndarray:
    return normalise(np.random.default_rng(3).normal(0.02, 1, (count, 1280)).astype(np.float32))


def fill(here: Environment, stored: np.ndarray) -> Catalogue:
    settings = EngineSettings.from_env(here)
    catalogue = Catalogue(connect(settings), registry.load(here), settings.index)
    catalogue.prepare()
    documents = [
        {
            "id": f"p{number}",
            "title": "p",
            "images": [{"image_id": str(number), "source": source, "embedding": row.tolist()}],
        }
        for number, row in enumerate(stored)
        for source in ["shopper" if number == 0 else "catalogue"]
    ]
    assert not catalogue.write(documents, refresh=True)
    return catalogue


def centre(here: Environment, *arguments: object) -> Result:
    given = [str(argument) for argument in arguments]
    return CliRunner().invoke(main, ["centre", *given], env=dict(here.values))


def as_list(paths: list[Path], folder: Path) -> Path:
    (folder / "photos.csv").write_text("image\n" + "\n".join(map(str, paths)) + "\n")
    return folder / "photos.csv"


def test_both_means_are_learned_and_what_is_next_is_said(
    here: Environment, embedding: Embedding, queries: list[Path], tmp_path: Path
) -> None:
    stored = vectors(71)
    fill(here, stored)
    # A broken photo and a copy say nothing.
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(queries[0].read_bytes())
    out = tmp_path / "head.npz"
    listed = as_list([*queries, copy, broken], tmp_path)
    done = centre(here, "--photos", listed, "--out", out)
    assert done.exit_code == 0, done.output
    assert f"skipped: {broken}: " in done.output
    assert f"LOOKALIKE_EMBEDDING_HEAD={out}" in done.output
    assert "--rebuild" in done.output
    assert "corrected by 60 reference photos" in done.output
    head = Head.load(out)
    assert (head.facts["catalogue_pictures"], head.facts["photos"]) == (70, 60)
    # What a shopper attached to a product is no catalogue picture.
    assert np.allclose(head.catalogue_mean, stored[1:].mean(axis=0), atol=1e-5)
    assert not np.allclose(head.query_mean, head.catalogue_mean, atol=1e-2)
    made = Environment({**here.values, "LOOKALIKE_EMBEDDING_HEAD": str(out)})
    assert embeddings.create(made).identity()["head_sha256"] == head.sha256


def test_an_index_made_without_the_head_refuses_before_anything_is_written(
    here: Environment, embedding: Embedding, tmp_path: Path
) -> None:
    before = fill(here, vectors(3))
    nothing = np.zeros(1280, np.float32)
    Head(nothing, nothing, None, embedding.backbone_identity()).save(tmp_path / "head.npz")
    headed = Environment({**here.values, "LOOKALIKE_EMBEDDING_HEAD": str(tmp_path / "head.npz")})
    settings = EngineSettings.from_env(headed)
    catalogue = Catalogue(connect(settings), registry.load(headed), settings.index)
    with pytest.raises(ModelMismatch, match="head_sha256"):
        catalogue.prepare()
    before.refresh()
    assert before.summary()["products"] == 3


@pytest.mark.parametrize(
    ("photos", "stored", "told"),
    [
        (49, 60, "centring needs at least 50 photos and got 49"),
        (60, 49, "centring needs at least 50 usable catalogue pictures and got 49"),
    ],
    ids=["photos", "catalogue pictures"],
)
def test_too_few_are_refused_with_the_number_needed(
    here: Environment, queries: list[Path], tmp_path: Path, photos: int, stored: int, told: str
) -> None:
    fill(here, vectors(stored + 1))
    done = centre(here, "--photos", as_list(queries[:photos], tmp_path), "--out", tmp_path / "head")
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "head").exists()


def test_shop_pictures_may_be_given_instead_of_an_index(
    here: Environment, queries: list[Path], shared_data: Path, tmp_path: Path
) -> None:
    shown = shared_data / "grocery" / "iconic"
    listed = as_list(queries, tmp_path)
    done = centre(here, "--photos", listed, "--pictures", shown, "--out", tmp_path / "head.npz")
    assert done.exit_code == 0, done.output
    head = Head.load(tmp_path / "head.npz")
    assert head.facts["catalogue_pictures"] == 81
    assert head.reference_photos is not None
    assert head.reference_photos.shape == (60, 1280)
    made = Environment({**here.values, "LOOKALIKE_EMBEDDING_HEAD": str(tmp_path / "head.npz")})
    assert embeddings.create(made).mapping()["dims"] == 1282


def test_a_list_that_is_none_is_named(here: Environment, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text("picture\na.jpg\n")
    done = centre(here, "--photos", tmp_path / "wrong.csv")
    assert done.exit_code == 2
    assert "needs the column image" in done.output


def test_a_sample_is_drawn_once_each_and_never_beyond_its_size(here: Environment) -> None:
    catalogue = fill(here, vectors(150))
    drawn = [picture["image_id"] for picture in draw_pictures(catalogue, 100)]
    assert len(set(drawn)) == len(drawn) == 100
    assert drawn == [picture["image_id"] for picture in draw_pictures(catalogue, 100)]
    assert drawn[:5] != [picture["image_id"] for picture in draw_pictures(catalogue, 5, seed=2)]
    assert len(list(draw_pictures(catalogue, 1000))) == 150
