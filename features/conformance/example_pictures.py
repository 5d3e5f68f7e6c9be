"""Two drawn pictures for tests of plug-ins: sharp, colourful, lettered, and nothing alike."""

import hashlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from features.base import Picture

SIZE = (640, 480)
LETTER_HEIGHT = 56


def example_pictures() -> list[Picture]:
    """Return the two pictures, the same on every call."""
    return [
        _draw("OAT MILK", 1, ground=(235, 228, 210), inks=("firebrick", "navy", "olive")),
        _draw("SOAP 250 g", 2, ground=(40, 90, 120), inks=("gold", "white", "tomato")),
    ]


def _draw(text: str, seed: int, ground: tuple[int, int, int], inks: tuple[str, ...]) -> Picture:
    random = np.random.default_rng(seed)
    noise = random.normal(0, 6, (SIZE[1], SIZE[0], 3)) + np.array(ground)
    image = Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for number in range(24):
        left, top = (int(edge) for edge in random.integers((0, 0), (560, 300)))
        across, down = (int(side) for side in random.integers(20, 130, 2))
        shape = draw.ellipse if number % (seed + 1) else draw.rectangle
        shape((left, top, left + across, top + down), fill=inks[number % len(inks)])
    draw.rectangle((0, 360, SIZE[0], SIZE[1]), fill="white")
    draw.text((60, 385), text, fill="black", font=ImageFont.load_default(LETTER_HEIGHT))
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    return Picture(image, *SIZE, digest)
