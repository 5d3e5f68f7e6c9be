"""The way from the shop's front down to a category."""

from collections.abc import Sequence
from urllib.parse import urlencode

from app.pages.address import RESULTS
from app.pages.language import Language
from mappings.words.lexicon import PATH_SEPARATOR


def category_steps(paths: Sequence[str], language: Language) -> list[tuple[str, str]]:
    """Return name and address of the shop and of each category down to the deepest of `paths`.

    Nothing where there is no category, or where the paths branch.
    """
    deepest = max(paths, key=len, default="")
    if not deepest or any(not f"{deepest}{PATH_SEPARATOR}".startswith(path) for path in paths):
        return []
    names = deepest.split(PATH_SEPARATOR)
    steps = [(language.text("nav.home"), "/")]
    for depth, name in enumerate(names, 1):
        branch = PATH_SEPARATOR.join(names[:depth])
        steps.append((name, f"{RESULTS}?{urlencode({'filter': f'category:{branch}'})}"))
    return steps
