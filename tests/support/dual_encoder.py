"""A real, tiny dual encoder in ONNX: it sees what colour a picture is, and knows colours' names.

Both encoders put out (redness, greenness, blueness, a constant), so that the picture of a red thing
and the word "red" point the same way, as they do after a training of the usual kind.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

SIDE = 32
LENGTH = 8
CONSTANT = 0.1
COLOURS = {"red": (2, -1, -1), "green": (-1, 2, -1), "blue": (-1, -1, 2), "orange": (2, 1, -3)}
VOCABULARY = {"[PAD]": 0, "[UNK]": 1, **{name: 2 + n for n, name in enumerate(COLOURS)}}

PREPARED = {
    "do_resize": True,
    "size": {"shortest_edge": SIDE},
    "do_center_crop": True,
    "crop_size": {"height": SIDE, "width": SIDE},
    "resample": 3,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}
OPEN_CLIP_PREPARED = {
    "size": [SIDE, SIDE],
    "mode": "RGB",
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "interpolation": "bicubic",
    "resize_mode": "shortest",
}
TOKENS = {"pad_token": "[PAD]", "model_max_length": LENGTH}

Array = NDArray[np.float32]


def write(folder: Path, *, masked: bool = True, scale: float = 1.0) -> Path:
    """Write it as transformers' exports lie; `scale` gives other weights that mean the same."""
    (folder / "onnx").mkdir(parents=True)
    onnx.save(pictures(scale), folder / "onnx" / "vision_model.onnx")
    onnx.save(words(masked=masked), folder / "onnx" / "text_model.onnx")
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPARED))
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENS))
    tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def write_open_clip(folder: Path) -> Path:
    """Write the same as OpenCLIP's exports lie: other names, rows of fixed length, no mask."""
    (folder / "visual").mkdir(parents=True)
    (folder / "textual").mkdir()
    onnx.save(pictures(source="image"), folder / "visual" / "model.onnx")
    textual = words(masked=False, source="text", kind=TensorProto.INT32, length=LENGTH)
    onnx.save(textual, folder / "textual" / "model.onnx")
    (folder / "visual" / "preprocess_cfg.json").write_text(json.dumps(OPEN_CLIP_PREPARED))
    (folder / "textual" / "tokenizer_config.json").write_text(
        json.dumps({"pad_token": {"content": "[PAD]"}, "model_max_length": int(1e30)})
    )
    tokenizer().save(str(folder / "textual" / "tokenizer.json"))
    return folder


def pictures(
    scale: float = 1.0, dims: int = 4, side: int | None = None, source: str = "pixel_values"
) -> onnx.ModelProto:
    """Return the encoder of pictures: the mean colour's distance from grey."""
    towards = np.zeros((3, dims), np.float32)
    towards[:, :3] = np.eye(3) - 1 / 3
    bias = np.zeros(dims, np.float32)
    bias[3] = CONSTANT
    nodes = [
        helper.make_node("ReduceMean", [source, "area"], ["colour"], keepdims=0),
        helper.make_node("MatMul", ["colour", "towards"], ["chroma"]),
        helper.make_node("Add", ["chroma", "bias"], ["image_embeds"]),
    ]
    shape = ["batch", 3, side or "height", side or "width"]
    return model(
        nodes,
        [helper.make_tensor_value_info(source, TensorProto.FLOAT, shape)],
        helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, ["batch", dims]),
        area=np.array([2, 3], np.int64),
        towards=towards * np.float32(scale),
        bias=bias * np.float32(scale),
    )


def words(
    *,
    masked: bool,
    source: str = "input_ids",
    kind: int = TensorProto.INT64,
    length: int | None = None,
) -> onnx.ModelProto:
    """Return the encoder of words: the sum of the colours named."""
    table = np.zeros((len(VOCABULARY), 4), np.float32)
    table[VOCABULARY["[UNK]"], 3] = CONSTANT
    for name, colour in COLOURS.items():
        table[VOCABULARY[name], :3] = colour
    # Without its mask, the sum of masked rows would be spoilt by what fills them.
    table[VOCABULARY["[PAD]"]] = (9, 9, 9, 9) if masked else (0, 0, 0, 0)
    nodes = [helper.make_node("Gather", ["table", source], ["rows"])]
    shape = ["batch", length or "length"]
    inputs = [helper.make_tensor_value_info(source, kind, shape)]
    constants: dict[str, NDArray[Any]] = {"table": table, "along": np.array([1], np.int64)}
    if masked:
        inputs.append(helper.make_tensor_value_info("attention_mask", kind, shape))
        constants["last"] = np.array([2], np.int64)
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["kept"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["kept", "last"], ["wide"]),
            helper.make_node("Mul", ["rows", "wide"], ["said"]),
        ]
    summed = "said" if masked else "rows"
    nodes.append(helper.make_node("ReduceSum", [summed, "along"], ["text_embeds"], keepdims=0))
    output = helper.make_tensor_value_info("text_embeds", TensorProto.FLOAT, ["batch", 4])
    return model(nodes, inputs, output, **constants)


def model(nodes: Any, inputs: Any, output: Any, **constants: NDArray[Any]) -> onnx.ModelProto:
    initial = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, [output], initial)
    # Older than what is installed writes by itself: ONNX Runtime follows some months behind.
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def tokenizer() -> Tokenizer:
    made = Tokenizer(WordLevel(VOCABULARY, unk_token="[UNK]"))
    made.normalizer = Lowercase()
    made.pre_tokenizer = Whitespace()
    return made
