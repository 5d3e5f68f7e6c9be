"""From pictures to a Keras file: fine-tuned, or an autoencoder's encoder."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

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
"""Training that takes longer than this on a processor is asked about first."""


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
    """Train the wanted model end to end and write it to `path`.

    Raises TooFewPhotos and ModelUnavailable, and click.UsageError where it would take long on a
    processor and nobody said that this is fine.
    """
    load_tensorflow()
    from features.embedding.training import fine_tuning  # noqa: PLC0415

    labels = [one.label if isinstance(one, LabelledPhoto) else one.product_id for one in pictures]
    numbers = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    readable = _readable([one.path for one in pictures], decode)
    _, counts = np.unique(numbers[readable], return_counts=True)
    if len(readable) < MIN_PICTURES or (counts > 1).sum() < 2:
        raise TooFewPhotos(
            f"{len(readable)} pictures can be read, of which {(counts > 1).sum()} labels have two "
            f"or more: at least {MIN_PICTURES}, and two such labels, are needed"
        )
    model = fine_tuning.load_trainable(choice)
    side = int(model.input_shape[1] or 224)
    files = [pictures[place].path for place in readable]
    kept = TrainingPictures(files, numbers[readable], decode, side)
    schedule = fine_tuning.FineTuningConfig(loss=loss, epochs=epochs)
    if not on_cpu and not fine_tuning.has_gpu():
        wait = fine_tuning.estimate_seconds(model, kept, schedule)
        if wait > CONFIRM_AFTER_S:
            raise click.UsageError(
                f"there is no GPU, and {epochs} epochs over {len(files)} pictures would take about "
                f"{wait / 60:.0f} minutes on this processor: add --cpu to go on"
            )
    with show_progress(Work("fine-tuning", "epochs"), epochs) as progress:
        fine_tuning.fine_tune(
            model,
            kept,
            schedule,
            lambda epoch, loss: progress.move_to(epoch, f"loss {loss:.3f}"),
        )
    fine_tuning.save(model, path)


def autoencoder(
    shown: Sequence[CataloguePicture],
    decode: Decode,
    path: Path,
    *,
    side: int,
    dims: int,
    epochs: int,
) -> float:
    """Train an autoencoder on the pictures, write its encoder; return its mean squared error."""
    load_tensorflow()
    from features.embedding.training import autoencoder as model  # noqa: PLC0415
    from features.embedding.training.fine_tuning import save  # noqa: PLC0415

    files = [one.path for one in shown]
    readable = _readable(files, decode)
    if len(readable) < MIN_PICTURES:
        raise TooFewPhotos(
            f"{len(readable)} pictures can be read: at least {MIN_PICTURES} are needed"
        )
    pictures = TrainingPictures(
        [files[place] for place in readable], np.arange(len(readable)), decode, side
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
    """Return the places of the files that are pictures; the others are named."""
    found = []
    with show_progress(Work("checking", "pictures"), len(files)) as progress:
        for place, path in enumerate(files):
            try:
                decode(path.read_bytes())
            except (LookalikeError, OSError) as error:
                click.echo(f"left out: {path}: {error}", err=True)
            else:
                found.append(place)
            progress.move_to(place + 1)
    return found
