"""What a part of a photo shows, by the categories of its best matches."""

from collections import Counter
from collections.abc import Sequence

from mappings.search.results import Hit

CATEGORY = "category"
VOTERS = 3
"""Best matches that are asked."""


def shared_category(hits: Sequence[Hit]) -> str:
    """Return the deepest category that most of the best matches are in; "" where there is none.

    `hits` are those that look like the part, best first. A single match decides alone.
    """
    voters = [set(_paths(hit)) for hit in hits[:VOTERS]]
    votes = Counter(path for paths in voters for path in paths)
    shared = [path for path, count in votes.items() if 2 * count > len(voters)]
    return max(shared, key=lambda path: (len(path), path), default="")


def _paths(hit: Hit) -> list[str]:
    paths = hit.product.get(CATEGORY) or []
    return [str(path) for path in (paths if isinstance(paths, list) else [paths])]
