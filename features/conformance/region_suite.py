"""What every region finder promises, as tests."""

import pytest

from features import contract
from features.base import Box, Picture, RegionFinder
from features.conformance.subjects import PictureFixtures, blank_picture


class RegionFinderConformance(PictureFixtures):
    """What every region finder promises. A subclass has a fixture `finder`, of the scope class."""

    @pytest.fixture(scope="class")
    @classmethod
    def finder(cls) -> RegionFinder:
        raise NotImplementedError("write a fixture `finder` that returns the plug-in's finder")

    def test_it_breaks_nothing_that_is_checked_at_start(self, finder: RegionFinder) -> None:
        assert contract.region_finder_violations(finder, finder.name) == []

    def test_regions_are_boxes_with_scores(
        self, finder: RegionFinder, pictures: list[Picture]
    ) -> None:
        for picture in pictures:
            for region in finder.find_regions(picture):
                assert isinstance(region.box, Box)
                assert 0 <= region.score <= 1
                assert isinstance(region.label, str)
                assert min(picture.crop(region.box).pixels.size) >= 1

    def test_the_likeliest_comes_first(self, finder: RegionFinder, pictures: list[Picture]) -> None:
        for picture in pictures:
            scores = [region.score for region in finder.find_regions(picture)]
            assert scores == sorted(scores, reverse=True)

    def test_the_same_picture_has_the_same_regions(
        self, finder: RegionFinder, pictures: list[Picture]
    ) -> None:
        assert finder.find_regions(pictures[0]) == finder.find_regions(pictures[0])

    @pytest.mark.parametrize("size", [(1, 1), (400, 1), (1, 400)], ids=str)
    def test_a_picture_of_any_shape_has_regions_or_none(
        self, finder: RegionFinder, size: tuple[int, int]
    ) -> None:
        assert isinstance(finder.find_regions(blank_picture(size)), list)
