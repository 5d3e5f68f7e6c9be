"""Apply the transforms of Thorn's published image-hash benchmark, with its parameters.

https://github.com/thorn-oss/perception/blob/master/docs/examples/benchmarking.rst

The original uses `imgaug`; its calls are written out here with OpenCV. The published table has
`resize0.5`, which the published code lacks. `noop` is the picture at 256 pixels, from which all
others are made; all are saved as JPEG at OpenCV's quality of 95.
"""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Height × width × 3, RGB."""

SIDE = 256
QUALITY = 95
TEXT, TEXT_SHARE, TEXT_ALPHA = "TEST", 0.2, 200 / 255
FONT_SCALE, THICKNESS = 5.0, 5
WORST_QUALITY = 7
"""imgaug's compression of 95: round(1 + 99 × (1 - 95 / 101))."""

PUBLISHED: Mapping[str, Mapping[str, float]] = {
    "pdq": {
        "blur2": 0.99948, "crop0.05": 0.0903, "gamma2": 1.0, "jpeg95": 0.99896,
        "noise0.2": 0.99222, "noop": 1.0, "pad0.2": 0.01349, "resize0.5": 0.99844,
        "rotate4": 0.54489, "vignette": 1.0, "watermark": 0.99014, "all": 0.77181,
    },
    "phash": {
        "blur2": 1.0, "crop0.05": 0.07058, "gamma2": 1.0, "jpeg95": 0.99896,
        "noise0.2": 0.99896, "noop": 1.0, "pad0.2": 0.02387, "resize0.5": 1.0,
        "rotate4": 0.59626, "vignette": 1.0, "watermark": 0.99377, "all": 0.81967,
    },
}  # fmt: skip
"""Recall at a precision of 99.99 %, on 3,854 pictures a transform; its pHash has 256 bits."""


def blur(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Blur with a Gaussian of 2 pixels; imgaug cuts the kernel at 7."""
    return _whole(cv2.GaussianBlur(pixels, (7, 7), 2.0, borderType=cv2.BORDER_REFLECT_101))


def crop(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Cut 5 % away on each side."""
    height, width = pixels.shape[:2]
    down, across = round(0.05 * height), round(0.05 * width)
    return np.ascontiguousarray(pixels[down : height - down, across : width - across])


def gamma(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Darken by a gamma of 2."""
    return _whole(255 * (pixels / 255) ** 2)


def jpeg(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Save at JPEG quality 7."""
    return decode_jpeg(encode_jpeg(pixels, WORST_QUALITY))


def noise(pixels: Pixels, chance: np.random.Generator) -> Pixels:
    """Add Gaussian noise of a fifth of the range, the same to all three channels."""
    return _whole(np.rint(pixels + chance.normal(0, 0.2 * 255, pixels.shape[:2])[..., None]))


def pad(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Put black bars of 20 % of the height above and below."""
    bar = round(0.2 * pixels.shape[0])
    return np.pad(pixels, ((bar, bar), (0, 0), (0, 0)))


def resize(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Halve both sides."""
    return _scaled(pixels, 0.5)


def rotate(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Turn by 4° about the middle; the frame stays, its corners turn black."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), -4, 1)
    return _whole(cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_LINEAR))


def vignette(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Darken towards the corners by a Gaussian of half the height and half the width."""
    height, width = pixels.shape[:2]
    down = cv2.getGaussianKernel(height, height / 2)
    across = cv2.getGaussianKernel(width, width / 2)
    light = down * across.T
    return _whole(pixels * (light / light.max())[..., None])


def watermark(pixels: Pixels, _: np.random.Generator) -> Pixels:
    """Write TEST in black at 200/255 near the lower left, a fifth of the width wide."""
    font = cv2.FONT_HERSHEY_SIMPLEX
    (width, height), _base = cv2.getTextSize(TEXT, font, FONT_SCALE, THICKNESS)
    factor = TEXT_SHARE * pixels.shape[1] / width
    place = int(height * factor), int(pixels.shape[0] - height * factor)
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.putText(mask, TEXT, place, font, FONT_SCALE * factor, 255, THICKNESS)
    return _whole(pixels * (1 - TEXT_ALPHA * mask[..., None] / 255))


TRANSFORMS: Mapping[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "blur2": blur,
    "crop0.05": crop,
    "gamma2": gamma,
    "jpeg95": jpeg,
    "noise0.2": noise,
    "noop": lambda pixels, _: pixels,
    "pad0.2": pad,
    "resize0.5": resize,
    "rotate4": rotate,
    "vignette": vignette,
    "watermark": watermark,
}


def transform_files(pixels: Pixels, seed: int) -> dict[str, bytes]:
    """Return the picture at 256 pixels (`noop`) and every transform of it, as JPEG files."""
    small = encode_jpeg(_scaled(pixels, SIDE / max(pixels.shape[:2])))
    base = decode_jpeg(small)
    transformed = {
        name: encode_jpeg(transform(base, np.random.default_rng(seed)))
        for name, transform in TRANSFORMS.items()
    }
    # Saving once more would give another file; the published one is the source itself.
    return {**transformed, "noop": small}


def encode_jpeg(pixels: Pixels, quality: int = QUALITY) -> bytes:
    """Return a JPEG file of RGB pixels."""
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, quality)
    )
    return data.tobytes()


def decode_jpeg(data: bytes) -> Pixels:
    """Return the RGB pixels of a file."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if decoded is None:
        raise ValueError("the file is not a picture")
    return _whole(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB))


def _scaled(pixels: Pixels, factor: float) -> Pixels:
    height, width = pixels.shape[:2]
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return _whole(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC))


def _whole(values: NDArray[np.generic]) -> Pixels:
    """Return values as bytes, clipped to 0 to 255, fractions dropped as numpy casts."""
    return np.clip(np.asarray(values, np.float64), 0, 255).astype(np.uint8)
