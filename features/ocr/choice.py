"""Which engine reads, by LOOKALIKE_OCR_ENGINE."""

from core.environment import Environment
from core.setting import Setting
from features.ocr.engine import TextEngine
from features.ocr.rapidocr import RapidOcr
from features.ocr.tesseract import Tesseract

SETTINGS = (
    Setting(
        "LOOKALIKE_OCR_ENGINE",
        "`rapidocr`",
        "`rapidocr` reads English, Japanese and Chinese; `tesseract` is slower to find words on "
        "things and reads any language it has data for",
    ),
    Setting(
        "LOOKALIKE_OCR_LANGUAGES",
        "`eng,jpn`",
        "Tesseract's language codes, the most likely first; `rapidocr` takes none",
    ),
    Setting(
        "LOOKALIKE_OCR_TIMEOUT_S",
        "20",
        "time limit for reading one picture, in seconds; `rapidocr` counts those of a core, "
        "and keeps the lines read by then",
    ),
)

ENGINES = ("rapidocr", "tesseract")

LANGUAGES = ("eng", "jpn")


def engine_name(environment: Environment) -> str:
    """Return the engine in use; raises InvalidSetting, which names the choices."""
    return environment.choice("LOOKALIKE_OCR_ENGINE", ENGINES[0], ENGINES)


def create_engine(environment: Environment) -> TextEngine:
    """Return the engine in use.

    Raises InvalidSetting, and ModelUnavailable where the engine or its data is missing.
    """
    timeout_s = environment.number("LOOKALIKE_OCR_TIMEOUT_S", 20, low=1, high=600)
    if engine_name(environment) == Tesseract.name:
        return Tesseract(environment.names("LOOKALIKE_OCR_LANGUAGES", LANGUAGES), timeout_s)
    return RapidOcr(timeout_s)
