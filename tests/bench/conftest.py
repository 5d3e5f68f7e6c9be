"""Runs a bench as a user does, on the real server, and gives back its lines."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from bench.__main__ import main
from bench.data.drawn_pictures import draw_picture
from core.environment import Environment

Figures = dict[str, dict[str, Any]]
Run = Callable[..., Figures]


@pytest.fixture
def run(environment: Environment) -> Run:
    """Return what runs `python -m bench …` and gives its lines by name."""

    def runs(*arguments: object) -> Figures:
        done = CliRunner().invoke(main, [str(a) for a in arguments], env=dict(environment.values))
        assert done.exit_code in (0, 1), f"{done.output}\n{done.exception!r}"
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.exit_code == any(line["pass"] is False for line in lines)
        return {line["name"]: line for line in lines}

    return runs


@pytest.fixture
def photo_of() -> Callable[[int], Image.Image]:
    """Return what draws a picture by number: equal numbers, equal pictures."""

    def make(number: int) -> Image.Image:
        return Image.open(io.BytesIO(draw_picture(number)))

    return make


@pytest.fixture
def folder_of_photos(tmp_path: Path, photo_of: Callable[[int], Image.Image]) -> Path:
    """A folder of four different pictures."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(4):
        photo_of(number).save(folder / f"{number}.png")
    return folder
