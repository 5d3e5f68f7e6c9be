"""Whether the shop's own synonyms can be read."""

from app.search.synonym_file import load_synonyms, synonym_path
from core.errors import InvalidSetting
from ops.checks.finding import Finding, Situation

SUBJECT = "synonyms"


def check(situation: Situation) -> Finding:
    """Name the line that is no rule. The web server does not start with it."""
    path = synonym_path(situation.environment)
    if path is None:
        return Finding(SUBJECT, "none are set up")
    try:
        synonyms = load_synonyms(path)
    except InvalidSetting as error:
        return Finding(SUBJECT, str(error), "mend that line, or set LOOKALIKE_SYNONYMS to no file")
    return Finding(SUBJECT, f"{len(synonyms.texts)} phrases have synonyms")
