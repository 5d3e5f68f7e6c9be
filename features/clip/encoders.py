"""The two encoders: from a picture, and from text, to a vector in the space they share."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from features.base import Json
from features.clip.folder import read_json
from features.clip.input_preparation import InputPreparation
from features.clip.onnx_model import ModelInput, OnnxModel, Vector
from features.errors import ModelUnavailable

CONTEXT = 77
"""Tokens CLIP was trained with, where neither the model nor its tokenizer states a number."""

LONGEST_CONTEXT = 4096
"""A larger `model_max_length` means no limit: transformers writes 1e30 then."""

MASK = "attention_mask"


class PictureEncoder:
    """Encodes pictures. Raises ModelUnavailable for a model with other inputs."""

    def __init__(self, model: OnnxModel, framing: InputPreparation) -> None:
        self._model = model
        self._framing = framing
        match model.inputs:
            case [ModelInput(name, dtype, (_, 3, height, width))] if np.issubdtype(
                dtype, np.floating
            ):
                self._name = name
            case _:
                raise ModelUnavailable(
                    f"{model.path} takes {_inputs(model)}, not one RGB picture as floats of shape "
                    "(1, 3, height, width)"
                )
        if {height, width} - {None, framing.side}:
            raise ModelUnavailable(
                f"{model.path} takes pictures of {height} × {width}, and they are to be prepared "
                f"at {framing.side} × {framing.side}: the two files belong to different models"
            )

    def encode(self, image: Image.Image) -> Vector:
        """Return the RGB image's vector, as long as the model makes it."""
        return self._model.run({self._name: self._framing.apply(image)})

    def encode_blank(self) -> Vector:
        """Return the vector of a blank picture."""
        return self.encode(Image.new("RGB", (1, 1)))


class TextEncoder:
    """Encodes text. Raises ModelUnavailable for a model or tokenizer of another kind.

    Text longer than the model was trained with is cut off.
    """

    def __init__(self, model: OnnxModel, tokenizer: Path, tokens: Path | None) -> None:
        self._model = model
        config = read_json(tokens) if tokens else {}
        self._tokenizer = _tokenizer(tokenizer)
        ids = [field for field in model.inputs if field.name != MASK]
        match ids:
            case [ModelInput(name, dtype, (_, length))] if np.issubdtype(dtype, np.integer):
                self._name = name
            case _:
                raise ModelUnavailable(
                    f"{model.path} takes {_inputs(model)}, not the numbers of tokens (with or "
                    f"without their {MASK})"
                )
        self.length = length or _configured_length(config)
        self._tokenizer.enable_truncation(self.length)
        # With a mask, a model of open length needs no padding; without a mask it was trained on
        # full rows only.
        self.padding = self._padding(config) if length or len(model.inputs) == 1 else None
        if self.padding is None:
            self._tokenizer.no_padding()
        else:
            self._tokenizer.enable_padding(pad_id=self.padding, length=self.length)

    def encode(self, text: str) -> Vector:
        """Return the vector of a text, as long as the model makes it."""
        encoded = self._tokenizer.encode(text)
        inputs = {self._name: encoded.ids, MASK: encoded.attention_mask}
        return self._model.run({name: np.asarray([row]) for name, row in inputs.items()})

    def identity(self) -> dict[str, Json]:
        """Return what two sides must share for their vectors to be comparable."""
        return {"length": self.length, "padding": self.padding}

    def _padding(self, config: Mapping[str, Json]) -> int:
        """Return the token that fills a row: the tokenizer's own, or 0 as in the first CLIP."""
        own = self._tokenizer.padding
        if own:
            return int(own["pad_id"])
        match config.get("pad_token"):
            case str(token) | {"content": str(token)}:
                return self._tokenizer.token_to_id(token) or 0
        return 0


def _tokenizer(path: Path) -> Any:
    try:
        from tokenizers import Tokenizer  # noqa: PLC0415
    except ImportError as error:
        raise ModelUnavailable(
            f"{path} needs its reader: pip install tokenizers (the extra `clip`)"
        ) from error
    try:
        return Tokenizer.from_file(str(path))
    # The library raises plain Exception.
    except Exception as error:
        raise ModelUnavailable(f"{path} is no tokenizer: {str(error)[:300]}") from error


def _configured_length(config: Mapping[str, Json]) -> int:
    most = config.get("model_max_length")
    return int(most) if isinstance(most, int) and 0 < most <= LONGEST_CONTEXT else CONTEXT


def _inputs(model: OnnxModel) -> str:
    return ", ".join(f"{one.name} {np.dtype(one.dtype)} {list(one.shape)}" for one in model.inputs)
