"""Colour: the words people use, and measures that agree with OpenCV and with the server."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.errors import UnknownName
from features.base import ClauseContext, Feature, Picture
from features.colour.feature import Colour
from features.colour.names import NAMES
from tests.support.nested_index import NestedIndex
from tests.support.pictures import clothing, cropped, load, plain, resized

PICTURES = 5

OPENCV = {
    "bhattacharyya": lambda a, b: cv2.compareHist(a, b, cv2.HISTCMP_BHATTACHARYYA),
    "intersection": lambda a, b: 1 - cv2.compareHist(a, b, cv2.HISTCMP_INTERSECT),
    "correlation": lambda a, b: 1 - cv2.compareHist(a, b, cv2.HISTCMP_CORREL),
    "chi_square": lambda a, b: cv2.compareHist(a, b, cv2.HISTCMP_CHISQR_ALT),
}


def drawn(ground: str, things: dict[tuple[int, int, int, int], str]) -> Picture:
    """Return a picture of 200 x 200 with rectangles on it."""
    picture = plain(ground, (200, 200))
    pen = ImageDraw.Draw(picture.pixels)
    for box, colour in things.items():
        pen.rectangle(box, fill=colour)
    return picture


def names(picture: Picture) -> list[str]:
    value = Colour().extract([picture])[0]
    assert value is not None
    found: list[str] = value["names"]
    return found


@pytest.mark.parametrize("word", NAMES)
def test_a_plain_colour_goes_by_its_own_word(word: str) -> None:
    # The web's plain "pink", "purple" and "brown" are a pale red, a magenta and a red.
    shades = {"pink": "hotpink", "purple": "blueviolet", "brown": "saddlebrown"}
    assert names(plain(shades.get(word, word))) == [word]


@pytest.mark.parametrize(
    ("shade", "word"),
    [
        ("navy", "blue"),
        ("maroon", "red"),
        ("olive", "green"),
        ("tan", "brown"),
        ("lightpink", "pink"),
        ("ivory", "white"),
        ("#232225", "black"),
        ("slateblue", "blue"),
        ("gold", "yellow"),
    ],
)
def test_a_shade_goes_by_the_basic_word(shade: str, word: str) -> None:
    assert names(plain(shade)) == [word]


def test_words_come_most_first_and_traces_are_left_out() -> None:
    thing = drawn("navy", {(0, 0, 199, 60): "red", (0, 190, 199, 199): "yellow"})
    assert names(thing) == ["blue", "red"]


def test_white_ground_of_a_catalogue_picture_is_not_its_colour() -> None:
    assert names(drawn("white", {(60, 60, 140, 140): "green"})) == ["green"]


def test_white_inside_the_thing_is_its_colour() -> None:
    thing = {(40, 40, 160, 160): "green", (60, 60, 140, 140): "white"}
    assert names(drawn("white", thing)) == ["green", "white"]


def test_something_white_on_white_is_white() -> None:
    assert names(plain("white")) == ["white"]


def test_white_that_only_touches_the_frame_is_kept() -> None:
    assert names(drawn("red", {(50, 0, 150, 150): "white"})) == ["red", "white"]


def test_catalogue_picture_of_an_orange_is_orange(shared_data: Path) -> None:
    (path,) = (shared_data / "grocery" / "iconic").rglob("*_Orange.jpg")
    assert names(load(path))[0] == "orange"


def test_vectors_have_the_mapped_length_and_sum(shared_data: Path) -> None:
    properties = Colour().mapping()["properties"]
    for value in Colour().extract(clothing(shared_data, PICTURES)):
        assert value is not None
        histogram, coherence = value["histogram"], value["coherence"]
        assert len(histogram) == properties["histogram"]["dims"]
        assert len(coherence) == properties["coherence"]["dims"]
        assert sum(root**2 for root in histogram) == pytest.approx(1, abs=1e-4)
        assert sum(coherence) == pytest.approx(1, abs=1e-4)


def test_red_noise_of_a_jpeg_stays_in_one_bin() -> None:
    pixels = np.full((64, 64, 3), (200, 20, 20), np.uint8)
    pixels[::2, :, 1] += 12  # a hue a little over 0
    pixels[1::2, :, 2] += 12  # and a little under
    value = Colour().extract([Picture(Image.fromarray(pixels), 64, 64)])[0]
    assert value is not None
    assert max(value["histogram"]) == 1.0


def test_scattered_dots_are_incoherent_and_a_patch_is_not() -> None:
    ground = np.full((100, 100, 3), (0, 0, 160), np.uint8)
    dotted, patched = ground.copy(), ground.copy()
    dotted[::5, ::5] = (200, 0, 0)
    patched[:20, :20] = (200, 0, 0)
    values = Colour().extract([Picture(Image.fromarray(p), 100, 100) for p in (dotted, patched)])
    assert [round(sum(value["coherence"][64:]), 2) for value in values if value] == [0.04, 0]
    first, second = values
    assert Colour().distance(first, second, "intersection") == pytest.approx(0, abs=1e-5)
    assert Colour().distance(first, second, "coherence") == pytest.approx(0.08)


@pytest.mark.parametrize("measure", OPENCV)
def test_distance_is_that_of_opencv(shared_data: Path, measure: str) -> None:
    colour = Colour()
    first, *others = colour.extract(clothing(shared_data, PICTURES))
    assert first is not None
    for other in others:
        assert other is not None
        h, g = (np.square(value["histogram"], dtype=np.float32) for value in (first, other))
        expected = OPENCV[measure](h, g)
        assert colour.distance(first, other, measure) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("measure", Colour.measures)
def test_resized_is_nearer_than_cropped_is_nearer_than_another(
    shared_data: Path, measure: str
) -> None:
    colour = Colour()
    pictures = clothing(shared_data, PICTURES)
    for picture, another in zip(pictures, pictures[1:] + pictures[:1], strict=True):
        own, *rest = colour.extract([picture, resized(picture), cropped(picture), another])
        small, cut, other = (colour.distance(own, value, measure) for value in rest)
        assert small < cut < other


@pytest.mark.parametrize("measure", Colour.measures)
def test_server_scores_what_python_does(
    shared_data: Path, nested_index: Callable[[Feature], NestedIndex], measure: str
) -> None:
    colour = Colour()
    pictures = [*clothing(shared_data, 12), plain("white"), plain("navy"), plain("red")]
    values = colour.extract(pictures)
    index = nested_index(colour)
    index.put([(str(n), value) for n, value in enumerate(values)] + [("none", None)])
    for value in (values[0], values[-1]):
        scores = index.ask(colour.clause(value, ClauseContext(index.field, measure=measure)))
        expected = {str(n): colour.similarity(value, v, measure) for n, v in enumerate(values)}
        assert scores == pytest.approx(expected, abs=1e-5)
        assert all(0 <= score <= 1 for score in scores.values())
        apart = colour.distance(value, values[1], measure)
        assert colour.evidence(scores["1"], measure)["distance"] == pytest.approx(apart, abs=1e-4)


def test_default_clause_is_the_bhattacharyya_coefficient() -> None:
    value = {"names": ["red"], "histogram": [1.0, 0.0], "coherence": [1.0, 0.0]}
    assert Colour().clause(value, ClauseContext("images.colour")) == {
        "script_score": {
            "query": {"bool": {"filter": [{"exists": {"field": "images.colour.histogram"}}]}},
            "script": {
                "source": "return Math.max(0, Math.min(1, "
                "cosineSimilarity(params.query, 'images.colour.histogram')));",
                "params": {"query": [1.0, 0.0]},
            },
        }
    }


def test_unknown_measure_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="unknown measure 'taste'; known: bhattacharyya"):
        Colour().clause({}, ClauseContext("images.colour", measure="taste"))
