"""Can text in pictures be read, with the engine that is set?"""

from core.errors import InvalidSetting
from features.errors import ModelUnavailable
from features.ocr.choice import engine_name
from features.ocr.rapidocr import RapidOcr
from features.ocr.rapidocr_models import model_paths
from ops.checks import tesseract
from ops.checks.finding import Finding, Situation

SUBJECT = "OCR"


def check(situation: Situation) -> Finding:
    """Look for the engine in use. Only who has chosen Tesseract needs it."""
    try:
        engine = engine_name(situation.environment)
        if engine == RapidOcr.name:
            folder = model_paths()[0].parent
            return Finding(SUBJECT, f"{engine}, with its models in {folder}")
    except InvalidSetting as error:
        return Finding(SUBJECT, str(error), "unset LOOKALIKE_OCR_ENGINE, or correct it")
    except ModelUnavailable as error:
        return Finding(SUBJECT, str(error), "make install")
    return tesseract.check(situation)
