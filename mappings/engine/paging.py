"""Pages through everything a search finds, by the sort values of each page's last hit."""

from collections.abc import Callable, Iterator, Sequence

from features.base import Json


def search_pages(
    search: Callable[[Json], Json], body: Json, size: int, after: Sequence[Json] | None = None
) -> Iterator[list[Json]]:
    """Yield the hits of a search, `size` at a time, none of the pages empty.

    `search` runs one body, whose `sort` must end in a unique field. The first page begins behind
    the sort values `after`. Raises what `search` does.
    """
    while True:
        behind = {} if after is None else {"search_after": list(after)}
        hits: list[Json] = search({**body, **behind, "size": size})["hits"]["hits"]
        if hits:
            yield hits
        if len(hits) < size:
            return
        after = hits[-1]["sort"]
