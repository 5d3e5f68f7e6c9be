"""Does the feature service answer, where one is named?"""

import urllib3

from features.remote.settings import RemoteSettings
from ops.checks.finding import Finding, Situation

SUBJECT = "feature service"


def check(situation: Situation) -> Finding:
    """Ask the service how it is."""
    settings = RemoteSettings.from_env(situation.environment)
    if settings is None:
        return Finding(SUBJECT, "none is used: features are computed here")
    try:
        answer = urllib3.request("GET", f"{settings.url}/health", retries=False, timeout=5.0)
    except urllib3.exceptions.HTTPError as error:
        return Finding(
            SUBJECT,
            f"{settings.url} does not answer ({error})",
            "start it with `python -m features.serve`, or unset LOOKALIKE_FEATURE_URL",
        )
    if answer.status != 200:
        return Finding(
            SUBJECT,
            f"{settings.url} answers with HTTP {answer.status}",
            "correct LOOKALIKE_FEATURE_URL",
        )
    return Finding(SUBJECT, f"{settings.url} answers")
