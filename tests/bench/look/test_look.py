"""Scenes are composed as they say, and searched over HTTP."""

from PIL import Image

from bench.look.grounds import GROUNDS
from bench.look.scenes import FEWEST, MOST, SIZE, compose, cut_out
from features.regions.overlap import intersection_over_union
from tests.bench.conftest import Run


def goods(count: int) -> list[tuple[str, Image.Image]]:
    colours = ("red", "navy", "green", "purple", "black", "teal")
    return [(str(n), Image.new("RGBA", (90 + 20 * n, 120), colours[n])) for n in range(count)]


def test_scenes_have_three_to_five_things_apart_on_every_ground() -> None:
    scenes = [compose(goods(6), number) for number in range(18)]
    assert {scene.ground for scene in scenes} == set(GROUNDS)
    assert {len(scene.objects) for scene in scenes} == set(range(FEWEST, MOST + 1))
    for scene in scenes:
        assert scene.image.size == SIZE
        boxes = [thing.box for thing in scene.objects]
        pairs = [(a, b) for a in boxes for b in boxes if a is not b]
        assert max(intersection_over_union(a, b) for a, b in pairs) == 0


def test_same_number_gives_the_same_scene() -> None:
    first, second = compose(goods(4), 7), compose(goods(4), 7)
    assert first.image.tobytes() == second.image.tobytes()
    assert first.objects == second.objects


def test_goods_are_cut_out_of_a_plain_ground_and_a_full_picture_is_not() -> None:
    packshot = Image.new("RGB", (200, 200), "white")
    packshot.paste("red", (60, 50, 140, 160))
    cut = cut_out(packshot)
    assert cut is not None
    assert abs(cut.width - 80) <= 2
    assert abs(cut.height - 110) <= 2
    assert cut_out(Image.effect_noise((200, 200), 90).convert("RGB")) is None


def test_look_reports_proposals_and_times(run: Run) -> None:
    figures = run("look", "--products", 20, "--scenes", 6)
    assert figures["look.proposed"]["figure"] > 0.7
    assert 3 <= figures["look.parts_mean"]["figure"] <= 6
    assert figures["look.answered_p95"]["figure"] > 0
    assert figures["look.proposed"]["sizes"]["objects"] == 18
