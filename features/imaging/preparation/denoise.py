"""Removes sensor noise from a photo."""

import cv2
import numpy as np
from PIL import Image

STRENGTH = 3.0
"""Filter strength for luminance and colour, OpenCV's default: more blurs print."""


def denoise(image: Image.Image) -> Image.Image:
    """Return the RGB image after non-local means (Buades et al., 2011, in OpenCV)."""
    return Image.fromarray(
        cv2.fastNlMeansDenoisingColored(np.asarray(image), None, STRENGTH, STRENGTH)
    )
