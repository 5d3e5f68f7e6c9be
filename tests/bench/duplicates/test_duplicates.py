"""Edited copies are checked against the index that holds the originals."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from bench.data import attack_module
from core.errors import InvalidSetting
from tests.bench.conftest import Run

ATTACKS = """
import os
from PIL import Image, ImageOps

LOSSLESS = {"same"}
ATTACKS = {
    "same": lambda picture: picture,
    "smaller": lambda picture: picture.resize((200, 150)),
    "blank": lambda picture: Image.new("RGB", picture.size, "white"),
}

def load(path):
    with Image.open(path) as opened:
        return opened.convert("RGB")

def variant(picture, attack, source_id, seed):
    return ATTACKS[attack](picture)

def sources(folder, limit, seed):
    names = sorted(os.listdir(folder))[:limit]
    return [(name, os.path.join(folder, name)) for name in names]
"""


@pytest.fixture
def attacks(tmp_path: Path) -> Path:
    path = tmp_path / "attacks.py"
    path.write_text(ATTACKS)
    return path


def test_duplicates_measures_copies_and_strangers(
    run: Run, tmp_path: Path, folder_of_photos: Path, attacks: Path,
    photo_of: Callable[[int], Image.Image],
) -> None:  # fmt: skip
    others = tmp_path / "others"
    others.mkdir()
    photo_of(9).save(others / "stranger.png")
    # The same photo as the first source in another file: a false match if it were another photo.
    photo_of(0).save(others / "relisted.jpg", quality=90)
    figures = run(
        "duplicates", "--sources", folder_of_photos, "--attacks", attacks, "--distractors", others
    )
    assert figures["same.recall"]["figure"] == 1.0
    assert figures["smaller.recall"]["figure"] == 1.0
    assert figures["smaller.recall"]["figure"] == 1.0
    assert figures["blank.recall"]["figure"] == 0.0
    assert figures["all.recall"]["figure"] == pytest.approx(2 / 3, abs=1e-4)
    # Two edits of the first source each prove the relisted one as well.
    assert figures["all.called_another"]["figure"] == 2
    assert figures["pairs_of_one_file"]["figure"] == 0
    assert figures["false_matches"]["figure"] == 1
    assert figures["check.p95"]["unit"] == "ms"
    sizes = figures["false_matches"]["sizes"]
    assert sizes["pairs"] == 6 + 4 * 2
    assert (sizes["sources"], sizes["distractors"], sizes["pictures"]) == (4, 2, 6)


def test_only_the_chosen_attacks_are_made(attacks: Path, folder_of_photos: Path) -> None:
    module = attack_module.open_module(attacks)
    assert attack_module.attack_names(module) == ["same", "smaller", "blank"]
    chosen = attack_module.attack_names(module, ("blank", "same"))
    (source, *_) = attack_module.list_sources(module, [folder_of_photos], None)
    assert [name for name, _ in attack_module.make_variants(module, source, chosen)] == [
        "same",
        "blank",
    ]
    with pytest.raises(InvalidSetting, match="no attack is called upside; there are same, smaller"):
        attack_module.attack_names(module, ("upside",))


def test_limit_is_shared_among_the_folders(attacks: Path, folder_of_photos: Path) -> None:
    module = attack_module.open_module(attacks)
    found = attack_module.list_sources(module, [folder_of_photos] * 2, 5)
    assert [source.id for source in found] == [
        "0/0.png",
        "0/1.png",
        "1/0.png",
        "1/1.png",
        "1/2.png",
    ]


def test_module_without_attacks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.py"
    path.write_text("ATTACKS = {}\n")
    with pytest.raises(InvalidSetting, match="LOSSLESS, load, sources, variant"):
        attack_module.open_module(path)
