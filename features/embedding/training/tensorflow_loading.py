"""Loads TensorFlow for training, which takes seconds, without its messages."""

import importlib
import os
import sys
from pathlib import Path

from features.embedding.convert import QUIET

STDERR = 2
"""The file descriptor to which TensorFlow's C++ code writes before it reads any setting."""


def load_tensorflow() -> None:
    """Import TensorFlow for Keras with any GPU visible; does nothing if it is loaded already."""
    if "tensorflow" in sys.modules:
        return
    os.environ.update({name: QUIET[name] for name in QUIET if name != "CUDA_VISIBLE_DEVICES"})
    os.environ["KERAS_BACKEND"] = "tensorflow"
    sys.stderr.flush()
    stderr = os.dup(STDERR)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        importlib.import_module("tensorflow")
    finally:
        os.dup2(stderr, STDERR)
        os.close(stderr)
