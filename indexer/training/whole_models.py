"""Trains a Keras file on pictures: a fine-tuned model, or an autoencoder's encoder."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

from core.command_line import skip_line
from core.errors import LookalikeError
from core.progress import Work, show_progress
from features.base import Picture
from features.embedding.errors import TooFewPhotos
from features.embedding.model_choice import ModelChoice
from features.embedding.training.tensorflow_loading import load_tensorflow
from features.embedding.training.training_pictures import TrainingPictures
from indexer.training.photo_list import LabelledPhoto
from indexer.training.picture_sources import CataloguePicture

Decode = Callable[[bytes], Picture]

MIN_PICTURES = 50
CONFIRM_AFTER_S = 600
"""Training estimated to take longer than this without a GPU needs --cpu."""


def fine_tune(
    choice: ModelChoice,
    pictures: Sequence[LabelledPhoto | CataloguePicture],
    decode: Decode,
    path: Path,
    *,
    loss: str,
    epochs: int,
    on_cpu: bool,
) -> None:
    """Train all layers of the chosen model and write it to `path`.

    Raises TooFewPhotos, ModelUnavailable, and click.UsageError if there is no GPU, training would
    take longer than CONFIRM_AFTER_S and `on_cpu` is False.
    """
    load_tensorflow()
    from features.embedding.training import fine_tuning  # noqa: PLC0415

    labels = [one.label if isinstance(one, LabelledPhoto) else one.product_id for one in pictures]
    numbers = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    readable = _readable([one.path for one in pictures], decode)
    _, counts = np.unique(numbers[readable], return_counts=True)
    if len(readable) < MIN_PICTURES or (counts > 1).sum() < 2:
        raise TooFewPhotos(
            f"{len(readable)} pictures can be read, and {(counts > 1).sum()} labels have two or "
            f"more: at least {MIN_PICTURES} pictures and two such labels are needed"
        )
    model = fine_tuning.load_trainable(choice)
    side = int(model.input_shape[1] or 224)
    files = [pictures[position].path for position in readable]
    training = TrainingPictures(files, numbers[readable], decode, side)
    config = fine_tuning.FineTuningConfig(loss=loss, epochs=epochs)
    if not on_cpu and not fine_tuning.has_gpu():
        wait = fine_tuning.estimate_seconds(model, training, config)
        if wait > CONFIRM_AFTER_S:
            raise click.UsageError(
                f"there is no GPU, and {epochs} epochs over {len(files)} pictures would take about "
                f"{wait / 60:.0f} minutes on this processor: add --cpu to continue"
            )
    with show_progress(Work("fine-tuning", "epochs"), epochs) as progress:
        fine_tuning.fine_tune(
            model,
            training,
            config,
            lambda epoch, loss: progress.move_to(epoch, f"loss {loss:.3f}"),
        )
    fine_tuning.save(model, path)


def autoencoder(
    catalogue: Sequence[CataloguePicture],
    decode: Decode,
    path: Path,
    *,
    side: int,
    dims: int,
    epochs: int,
) -> float:
    """Train an autoencoder, write its encoder to `path`, and return its mean squared error."""
    load_tensorflow()
    from features.embedding.training import autoencoder as model  # noqa: PLC0415
    from features.embedding.training.fine_tuning import save  # noqa: PLC0415

    files = [one.path for one in catalogue]
    readable = _readable(files, decode)
    if len(readable) < MIN_PICTURES:
        raise TooFewPhotos(
            f"{len(readable)} pictures can be read: at least {MIN_PICTURES} are needed"
        )
    pictures = TrainingPictures(
        [files[position] for position in readable], np.arange(len(readable)), decode, side
    )
    with show_progress(Work("learning", "epochs"), epochs) as progress:
        encoder, error = model.train(
            pictures,
            model.AutoencoderConfig(side=side, dims=dims, epochs=epochs),
            lambda epoch, error: progress.move_to(epoch, f"error {error:.3f}"),
        )
    save(encoder, path)
    return error


def _readable(files: Sequence[Path], decode: Decode) -> list[int]:
    """Return the positions of the readable pictures; names the others."""
    positions = []
    with show_progress(Work("checking", "pictures"), len(files)) as progress:
        for position, path in enumerate(files):
            try:
                decode(path.read_bytes())
            except (LookalikeError, OSError) as error:
                progress.say(skip_line(path, error))
            else:
                positions.append(position)
            progress.move_to(position + 1)
    return positions
