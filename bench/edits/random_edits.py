"""Apply edits of random strength to pictures, to fit the verdict model on.

They are not the attacks that judge the model. Strengths cover what sellers and sites do to
pictures; none was chosen by what the verdict model gets right.
"""

import hashlib
import io
import random
from collections.abc import Callable

from PIL import Image

from bench.edits import framings, overprints, tones

Edit = Callable[[Image.Image, random.Random], Image.Image]

TONES: tuple[Edit, ...] = (
    tones.exposure, tones.contrast, tones.cast, tones.sepia, tones.vignette, tones.gamma,
    tones.saturation, tones.haze, tones.sharpen, tones.blur, tones.noise, tones.squeeze,
)  # fmt: skip
OVERPRINTS: tuple[Edit, ...] = (
    overprints.ribbon, overprints.sticker, overprints.price_tag, overprints.captions,
    overprints.watermarks, overprints.redact,
)  # fmt: skip
CUTS: tuple[Edit, ...] = (framings.trim, framings.mirror_trim, framings.tilt, framings.stretch)
FRAMES: tuple[Edit, ...] = (
    framings.collage, framings.phone, framings.page, framings.pattern,
)  # fmt: skip
STEPS = (CUTS, TONES, OVERPRINTS, FRAMES, (framings.shrink,))
"""In the order in which a chain applies them; it takes at most one of each."""


def chain_edits(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Apply two or more edits, each of another kind, one after the other."""
    count = roll.randint(2, len(STEPS))
    for step in sorted(roll.sample(range(len(STEPS)), count)):
        picture = roll.choice(STEPS[step])(picture, roll)
    return picture


EDITS: dict[str, Edit] = {edit.__name__: edit for step in STEPS for edit in step} | {
    "chain": chain_edits
}

LEGIBLE = ("cast", "gamma", "saturation", "haze", "stretch")
"""The edits that keep all lettering legible."""


def apply_edit(picture: Image.Image, name: str, key: str, seed: int) -> bytes:
    """Return the picture after one of `EDITS`, as a file; equal arguments give equal bytes."""
    roll = seeded_random(seed, name, key)
    return encode_as_upload(EDITS[name](picture, roll), roll)


def encode_as_upload(picture: Image.Image, roll: random.Random) -> bytes:
    """Return the picture as a file: mostly JPEG of quality 60 to 95, some WebP or PNG."""
    file = io.BytesIO()
    kind = roll.choices(("JPEG", "WEBP", "PNG"), (8, 1, 1))[0]
    if kind == "PNG":
        picture.save(file, "PNG")
    else:
        picture.save(file, kind, quality=roll.randint(60, 95))
    return file.getvalue()


def seeded_random(seed: int, *words: str) -> random.Random:
    """Return a random generator that depends on the seed and the words alone."""
    digest = hashlib.sha256("|".join((str(seed), *words)).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))
