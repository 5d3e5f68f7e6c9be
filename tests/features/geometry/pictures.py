"""Pictures of the shared data, and how tests of the geometric check compare them."""

import io
from pathlib import Path

from PIL import Image

from features.geometry.alignment import Alignment
from features.geometry.comparison import compare
from features.geometry.view import PictureView

PHOTO = "clothing/images/dress"
CARTON = "grocery/iconic/grocery-043_Garant-Ecological-Standard-Milk"
OTHER_CARTON = "grocery/iconic/grocery-042_Garant-Ecological-Medium-Fat-Milk"
DRINK, OTHER_DRINK = "saleor/images/saleor-carrot-drink", "saleor/images/saleor-banana-drink"


def load(shared_data: Path, name: str) -> Image.Image:
    (path,) = (shared_data / name).parent.glob(f"{Path(name).name}.*")
    with Image.open(path) as picture:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def align(first: Image.Image, second: Image.Image) -> Alignment:
    alignment = compare(PictureView.of(first), PictureView.of(second))
    assert alignment is not None
    return alignment


def compress(picture: Image.Image, quality: int = 40) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")
