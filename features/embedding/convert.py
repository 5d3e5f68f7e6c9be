"""Prepares the embedding model in the settings: ``python -m features.embedding.convert``.

Only this process loads TensorFlow, and it ends when the model is on disk. Progress goes to standard
error and the reason of a failure to standard output, for `features.embedding.feature`, which runs
this command if the model is not prepared. Exit code 0: prepared; 2: failed.
"""

import fcntl
import os
import sys
import time
from pathlib import Path

import click

from core.atomic_file import make_folder
from core.environment import Environment
from core.errors import LookalikeError
from features.embedding.model_choice import ModelChoice

QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "ABSL_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
}
"""Conversion needs no GPU, and TensorFlow's warnings are of no use here."""


def prepare(choice: ModelChoice, force: bool = False) -> Path:
    """Return the path of the prepared model, converting it first if needed.

    A second process that needs the same model waits for the first. Raises ModelUnavailable.
    """
    target = choice.converted_path()
    if target == choice.own_file:
        return target
    make_folder(target.parent)
    with target.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if force or not choice.is_ready():
            started = time.monotonic()
            _say(f"preparing {choice.label} (once; about half a minute)")
            # Imported after the variables that silence TensorFlow are set.
            from features.embedding.conversion import convert  # noqa: PLC0415

            convert(choice, target)
            _say(
                f"ready: {target} ({target.stat().st_size / 1e6:.1f} MB, "
                f"{time.monotonic() - started:.0f} s)"
            )
    return target


@click.command()
@click.option("--force", is_flag=True, help="Convert the model again even if it is prepared.")
@click.option("--verbose", is_flag=True, help="Show TensorFlow's own messages.")
def main(force: bool, verbose: bool) -> None:
    """Prepare the embedding model named by LOOKALIKE_EMBEDDING_MODEL."""
    environment = Environment.current()
    if not verbose:
        _silence_tensorflow()
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("KERAS_HOME", str(environment.cache_dir() / "keras"))
    try:
        print(prepare(ModelChoice.from_env(environment), force))
    except LookalikeError as error:
        print(error)
        sys.exit(2)
    except OSError as error:
        print(f"the model cannot be stored: {error.strerror}: {error.filename}")
        sys.exit(2)


def _say(line: str) -> None:
    print(f"embedding: {line}", file=sys.stderr, flush=True)


def _silence_tensorflow() -> None:
    os.environ.update(QUIET)
    # TensorFlow's C++ code writes to the file descriptor, in part before it reads any setting.
    stderr = os.fdopen(os.dup(sys.stderr.fileno()), "w")
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    sys.stderr = stderr


if __name__ == "__main__":
    main()
