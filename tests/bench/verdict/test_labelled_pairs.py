"""Labelled pairs: the same again, no relatives in two splits, truths the catalogues bear out."""

import io
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from bench.data import attack_module, judged_pairs
from bench.data.judged_pairs import JudgedPair, group_connected
from bench.data.sample_pictures import SamplePicture, read_pictures
from bench.edits import random_edits
from bench.verdict.labelled_pairs import labelled_pairs, render
from bench.verdict.nearest_pictures import nearest_pictures
from bench.verdict.pair_planning import (
    EDITED_SIDE,
    GROUP,
    OTHER_SIDE,
    PlannedPair,
    group_relatives,
    plan_pairs,
    split_of,
    truth_by_rule,
)
from core.environment import Environment
from features.imaging.decode import decode
from indexer.errors import FeedUnreadable

ATTACKS = ("crop_5", "hflip")
JUDGED = judged_pairs.read_judged_pairs()
FEW = 16


@pytest.fixture(scope="module")
def shots(shared_data: Path) -> list[SamplePicture]:
    """Every picture of the three sets."""
    return read_pictures(shared_data)


@pytest.fixture(scope="module")
def small_data(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds a few pictures of each set, by reference."""
    data = tmp_path_factory.mktemp("data")
    (data / "attacks.py").symlink_to(shared_data / "attacks.py")
    for folder in ("clothing/images/hat", "saleor/images", "grocery/iconic"):
        (data / folder).mkdir(parents=True)
        for path in sorted((shared_data / folder).iterdir())[:FEW]:
            (data / folder / path.name).symlink_to(path)
    for feed in ("saleor/products.jsonl", "grocery/products.jsonl"):
        rows = (shared_data / feed).read_text(encoding="utf-8").splitlines()
        (data / feed).write_text("\n".join(rows[:FEW]), encoding="utf-8")
    (data / "grocery/queries_dev.csv").write_text("image,product_id\n")
    return data


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Settings with a cache of the tests' own, but for the converted models."""
    environment = Environment.current()
    models = environment.cache_dir() / "models"
    models.mkdir(parents=True, exist_ok=True)
    cache = tmp_path_factory.mktemp("cache")
    (cache / "models").symlink_to(models)
    return Environment({**environment.values, "LOOKALIKE_CACHE_DIR": str(cache)})


def ring(shots: list[SamplePicture]) -> dict[str, list[str]]:
    """Call the next picture of its set each one's nearest, and the one after that its second."""
    sets = defaultdict(list)
    for shot in shots:
        sets[shot.set].append(shot.id)
    return {
        key: [members[(n + 1) % len(members)], members[(n + 2) % len(members)]]
        for members in sets.values()
        for n, key in enumerate(members)
    }


def planned(shots: list[SamplePicture], near: dict[str, list[str]]) -> list[PlannedPair]:
    return list(plan_pairs(shots, near, JUDGED, ATTACKS, seed=7))


def test_same_seed_same_files_and_another_seed_other_ones(
    small_data: Path, own_cache: Environment
) -> None:
    def firsts(seed: int) -> list[tuple[bytes, str]]:
        pairs = labelled_pairs(small_data, seed, ("fit", "test"), 20, own_cache)
        return [(pair.first, f"{pair.second} {pair.truth}") for pair in pairs]

    assert firsts(7) == firsts(7)
    assert firsts(7) != firsts(8)


def test_every_labelled_pair_is_a_picture_beside_a_picture(
    small_data: Path, own_cache: Environment
) -> None:
    pairs = list(labelled_pairs(small_data, splits=("fit",), limit=60, environment=own_cache))
    assert len(pairs) == 60
    assert {pair.split for pair in pairs} == {"fit"}
    assert {pair.truth for pair in pairs} == set(judged_pairs.TRUTHS)
    for pair in pairs:
        assert min(decode(pair.first).pixels.size) > 20
        assert pair.second.is_file()


def test_neighbours_are_others_of_the_same_set(small_data: Path, own_cache: Environment) -> None:
    shots = [shot for shot in read_pictures(small_data) if shot.set == "saleor"]
    near = nearest_pictures(shots, own_cache)
    assert near == nearest_pictures(shots, own_cache)
    assert near.keys() == {shot.id for shot in shots}
    assert near["saleor/images/saleor-beanie-1"][0] == "saleor/images/saleor-beanie-2"
    assert all(key not in others and len(set(others)) == 6 for key, others in near.items())


def test_no_picture_nor_its_relatives_in_two_splits(shots: list[SamplePicture]) -> None:
    chosen = [shot for shot in shots if shot.set != "clothing"]
    splits: dict[str, set[str]] = defaultdict(set)
    groups: dict[str, set[str]] = defaultdict(set)
    products: dict[str, set[str]] = defaultdict(set)
    for plan in planned(chosen, ring(chosen)):
        for shot in (plan.a, plan.b):
            splits[shot.id].add(plan.split)
            products[shot.product].add(plan.split)
        groups[plan.group].add(plan.split)
    assert splits.keys() == {shot.id for shot in chosen}
    for found in (splits, groups, products):
        assert all(len(each) == 1 for each in found.values())


def test_kin_are_always_together_and_the_merely_near_up_to_a_size(
    shots: list[SamplePicture],
) -> None:
    groups = group_relatives(shots, ring(shots), JUDGED)
    assert all(groups[one.a] == groups[one.b] for one in JUDGED if one.truth != "different")
    clothes = Counter(groups[shot.id] for shot in shots if shot.set == "clothing")
    assert max(clothes.values()) <= GROUP
    assert len(clothes) < sum(clothes.values()) / 5


def test_firm_links_join_whatever_the_size_and_loose_ones_up_to_it() -> None:
    firm = [("a", "b"), ("b", "c"), ("d", "d")]
    assert group_connected(firm, [("c", "d"), ("e", "d")], most=3) == {
        "a": "a", "b": "a", "c": "a", "d": "d", "e": "d"
    }  # fmt: skip


def test_splits_are_about_as_large_as_told() -> None:
    drawn = [split_of(f"group {number}", 7) for number in range(4000)]
    shares = {name: drawn.count(name) / len(drawn) for name in ("fit", "calibrate", "test")}
    assert shares == pytest.approx({"fit": 0.5, "calibrate": 0.15, "test": 0.35}, abs=0.03)


def test_attacks_occur_in_test_alone(shots: list[SamplePicture]) -> None:
    chosen = [shot for shot in shots if shot.set in {"saleor", "grocery"}]
    found = planned(chosen, ring(chosen))
    attacked = [plan for plan in found if plan.edit.startswith("attack:")]
    assert {plan.split for plan in attacked} == {"test"}
    tested = {plan.a.id for plan in found if plan.split == "test"}
    edited = {(p.a.id, p.edit) for p in attacked if p.kind == "edited"}
    assert edited == {(key, f"attack:{name}") for key in tested for name in ATTACKS}


def test_edit_never_makes_a_match_of_two_pictures(shots: list[SamplePicture]) -> None:
    chosen = [shot for shot in shots if shot.set == "saleor"]
    for plan in planned(chosen, ring(chosen)):
        copy = plan.a == plan.b and plan.kind != "variant"
        assert (plan.truth == "same_photo") == copy


def test_judgement_comes_before_the_rule(shots: list[SamplePicture]) -> None:
    chosen = [shot for shot in shots if shot.set == "saleor"]
    a, b = chosen[0].id, chosen[1].id
    found = plan_pairs(chosen, ring(chosen), [JudgedPair(a, b, "same_photo", "")], ATTACKS, 7)
    own = [plan for plan in found if {plan.a.id, plan.b.id} == {a, b}]
    assert {(plan.truth, plan.kind) for plan in own} == {("same_photo", "judged")}
    assert {bool(plan.edit) for plan in own} == {False, True}


def test_catalogue_tells_siblings_from_strangers(shots: list[SamplePicture]) -> None:
    known = {shot.id: shot for shot in shots}
    milk = known["grocery/iconic/grocery-040_Arla-Medium-Fat-Milk"]
    other = known["grocery/iconic/grocery-041_Arla-Standard-Milk"]
    juice = known["grocery/iconic/grocery-030_God-Morgon-Apple-Juice"]
    burst = [shot for shot in shots if shot.set == "photos" and shot.product == milk.product]
    assert truth_by_rule(milk, other) == "same_product"
    assert truth_by_rule(burst[0], burst[1]) == "same_product"
    assert truth_by_rule(burst[0], milk) == "same_product"
    assert truth_by_rule(milk, juice) == "different"
    clothes = [shot for shot in shots if shot.set == "clothing"]
    assert truth_by_rule(clothes[0], clothes[1]) == "different"


def test_picture_as_it_is_keeps_its_bytes(shots: list[SamplePicture], shared_data: Path) -> None:
    module = attack_module.open_module(shared_data / "attacks.py")
    plan = PlannedPair(shots[0], shots[1], "", "different", "random", "g", "fit")
    assert render(plan, module, 7) == shots[0].path.read_bytes()


def test_other_side_is_also_seen_edited(shots: list[SamplePicture], shared_data: Path) -> None:
    module = attack_module.open_module(shared_data / "attacks.py")
    made = []
    for shoe in (shot for shot in shots if "plimsolls" in shot.id):
        as_made, edited = (
            render(PlannedPair(shoe, shoe, edit, "same_product", "variant", "g", "fit"), module, 7)
            for edit in (OTHER_SIDE, EDITED_SIDE)
        )
        assert (as_made is None) == (edited is None)
        assert as_made is None or as_made != edited
        made.append(as_made is not None)
    assert any(made)
    assert set(random_edits.LEGIBLE) < set(random_edits.EDITS)


@pytest.mark.parametrize("name", sorted(random_edits.EDITS))
@pytest.mark.parametrize("size", [(400, 300), (198, 198), (33, 90)], ids=str)
def test_every_edit_makes_a_file_that_opens_and_differs(name: str, size: tuple[int, int]) -> None:
    grain = np.random.default_rng(1).integers(0, 256, (*size[::-1], 3), np.uint8)
    picture = Image.fromarray(grain).filter(ImageFilter.GaussianBlur(1))
    for number in range(6):
        data = random_edits.apply_edit(picture, name, f"key {number}", seed=7)
        assert data == random_edits.apply_edit(picture, name, f"key {number}", seed=7)
        with Image.open(io.BytesIO(data)) as made:
            assert made.convert("RGB").tobytes() != picture.tobytes()


def test_judged_pairs_are_of_pictures_that_exist(shots: list[SamplePicture]) -> None:
    known = {shot.id for shot in shots}
    assert len(JUDGED) >= 150
    assert all(one.pair <= known and one.note for one in JUDGED)


@pytest.mark.parametrize(
    "rows", ["a,b,maybe,\n", "a,a,different,\n", "a,b,different,\nb,a,same_photo,\n"]
)
def test_ill_formed_judgement_is_refused(rows: str, tmp_path: Path) -> None:
    (tmp_path / "judged.csv").write_text(f"a,b,truth,note\n{rows}")
    with pytest.raises(FeedUnreadable, match="repeated pair or has an unknown truth"):
        judged_pairs.read_judged_pairs(tmp_path / "judged.csv")
