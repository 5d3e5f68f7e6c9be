"""Prepares pictures as the model was trained, by the configuration file of its export."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from features.base import Json
from features.clip.folder import OPEN_CLIP, read_json
from features.errors import ModelUnavailable

Planes = NDArray[np.float32]

LARGEST_SIDE = 2048


@dataclass(frozen=True)
class InputPreparation:
    """How a picture becomes the model's input of `side` × `side` pixels.

    `crop` is the share of the short side that is kept, from the middle; None squeezes the whole
    picture into the square. A sample x (0 … 255) becomes (x × scale − mean) / std, by channel.
    """

    side: int
    crop: float | None
    resample: Image.Resampling
    scale: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def apply(self, image: Image.Image) -> Planes:
        """Return the RGB image as float32 of shape (1, 3, side, side)."""
        width, height = image.size
        box = (0.0, 0.0, float(width), float(height))
        if self.crop is not None:
            side = self.crop * min(width, height)
            left, top = (width - side) / 2, (height - side) / 2
            box = (left, top, left + side, top + side)
        framed = image.resize((self.side, self.side), self.resample, box=box)
        samples = np.asarray(framed, np.float32) * np.float32(self.scale)
        normal = (samples - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(normal.transpose(2, 0, 1)[np.newaxis])

    def identity(self) -> dict[str, Json]:
        """Return what two sides must share for their vectors to be comparable."""
        return {
            "side": self.side,
            "crop": self.crop,
            "resample": self.resample.name.lower(),
            "scale": self.scale,
            "mean": list(self.mean),
            "std": list(self.std),
        }


def load(path: Path) -> InputPreparation:
    """Read transformers' `preprocessor_config.json` or OpenCLIP's `preprocess_cfg.json`.

    Raises ModelUnavailable for a file that lacks a value, or whose input is no square.
    """
    config = read_json(path)
    parse = _open_clip if path.name == OPEN_CLIP else _transformers
    return _validate(config, parse, path)


def _validate(
    config: Json, parse: Callable[[Mapping[str, Json]], InputPreparation], path: Path
) -> InputPreparation:
    try:
        framing = parse(config)
        if not 0 < framing.side <= LARGEST_SIDE:
            raise ValueError(f"a side of {framing.side} pixels")
        if not all(deviation > 0 for deviation in framing.std):
            raise ValueError(f"a standard deviation of {framing.std}")
    except KeyError as error:
        raise ModelUnavailable(f"{path} lacks {error}, which a picture is prepared by") from error
    except (TypeError, ValueError) as error:
        raise ModelUnavailable(f"{path} asks for what we do not know: {error}") from error
    return framing


def _transformers(config: Mapping[str, Json]) -> InputPreparation:
    """Follow CLIPImageProcessor (the middle) or SiglipImageProcessor (all of it)."""
    match config["size"]:
        case int(edge) | {"shortest_edge": int(edge)}:
            if not config.get("do_center_crop", True):
                raise ValueError("a short side without a crop: pictures would not be square")
            side = _square(config.get("crop_size", edge))
            if not 0 < side <= edge:
                raise ValueError(f"a crop of {side} out of {edge} pixels")
            crop: float | None = side / edge
        case size:
            side, crop = _square(size), None
    normal = config.get("do_normalize", True)
    return InputPreparation(
        side=side,
        crop=crop,
        resample=Image.Resampling(config.get("resample", Image.Resampling.BICUBIC)),
        scale=float(config.get("rescale_factor", 1 / 255))
        if config.get("do_rescale", True)
        else 1.0,
        mean=_channels(config["image_mean"]) if normal else (0.0, 0.0, 0.0),
        std=_channels(config["image_std"]) if normal else (1.0, 1.0, 1.0),
    )


def _open_clip(config: Mapping[str, Json]) -> InputPreparation:
    """Follow OpenCLIP's image_transform for evaluation."""
    mode = config.get("resize_mode", "shortest")
    if mode not in ("shortest", "squash"):
        raise ValueError(f"resize_mode {mode!r}")
    return InputPreparation(
        side=_square(config["size"]),
        crop=1.0 if mode == "shortest" else None,
        resample=Image.Resampling[str(config.get("interpolation", "bicubic")).upper()],
        scale=1 / 255,
        mean=_channels(config["mean"]),
        std=_channels(config["std"]),
    )


def _square(size: Json) -> int:
    match size:
        case int(side):
            return side
        case [int(height), int(width)] | {"height": int(height), "width": int(width)} if (
            height == width
        ):
            return height
    raise ValueError(f"a size of {size}, which is no square")


def _channels(values: Json) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
