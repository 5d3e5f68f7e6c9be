"""A shop's photo, for tests of the geometric check."""

from pathlib import Path

import pytest
from PIL import Image

from tests.features.geometry.pictures import PHOTO


@pytest.fixture(scope="module")
def photo(shared_data: Path) -> Image.Image:
    with Image.open(min((shared_data / PHOTO).iterdir())) as picture:
        return picture.convert("RGB")
