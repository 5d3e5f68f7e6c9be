"""Chooses what runs the embedding model: LiteRT on the CPU, or TensorFlow on a GPU."""

import logging
from pathlib import Path

from core.environment import Environment
from core.setting import Setting
from features.embedding.image_model import ImageModel
from features.embedding.litert import LiteRTModel
from features.embedding.model_choice import ModelChoice
from features.errors import ModelUnavailable

CPU, GPU, AUTO = "cpu", "gpu", "auto"
VARIABLE = "LOOKALIKE_EMBEDDING_DEVICE"

SETTINGS = (
    Setting(
        VARIABLE,
        "`cpu`; `auto` in the feature service",
        "`gpu` runs the model in TensorFlow on a GPU, `auto` does where there is one",
    ),
)

NVIDIA = Path("/dev/nvidia0")
"""TensorFlow takes seconds to load: it is asked for its GPUs only where there may be one."""

log = logging.getLogger(__name__)


def model_on_device(
    environment: Environment, choice: ModelChoice, converted: LiteRTModel
) -> ImageModel:
    """Return the model on the device of the settings; `converted` is it on the CPU.

    Raises InvalidSetting, and ModelUnavailable where a GPU is demanded and there is none.
    """
    wish = environment.choice(VARIABLE, CPU, (CPU, GPU, AUTO))
    if wish == CPU or (wish == AUTO and not NVIDIA.exists()):
        return converted
    if choice.own_file is not None and choice.own_file.suffix == ".tflite":
        log.warning("a .tflite model runs on the CPU alone")
        return converted
    from features.embedding import tensorflow_model  # noqa: PLC0415

    if not tensorflow_model.has_gpu():
        if wish == AUTO:
            log.warning("TensorFlow finds no GPU: the embedding model runs on the CPU")
            return converted
        raise ModelUnavailable(
            f"{VARIABLE}=gpu, and TensorFlow finds no GPU: install its GPU build "
            "(docs/OPERATIONS.md) and the driver, or set it to cpu"
        )
    log.info("the embedding model runs on a GPU")
    return tensorflow_model.TensorFlowModel(choice, converted)
