"""Loads TensorFlow, which takes seconds, where something is trained, and without its chatter."""

import importlib
import os
import sys
from pathlib import Path

from features.embedding.convert import QUIET

STDERR = 2
"""The file descriptor that TensorFlow's C++ half writes to before it reads any setting."""


def load_tensorflow() -> None:
    """Import TensorFlow for Keras; a GPU stays visible. What is loaded already stays as it is."""
    if "tensorflow" in sys.modules:
        return
    os.environ.update({name: QUIET[name] for name in QUIET if name != "CUDA_VISIBLE_DEVICES"})
    os.environ["KERAS_BACKEND"] = "tensorflow"
    sys.stderr.flush()
    kept = os.dup(STDERR)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), STDERR)
        importlib.import_module("tensorflow")
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
