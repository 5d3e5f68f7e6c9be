"""Pages through everything a search finds, by the sort values of each page's last hit."""

from collections.abc import Callable, Iterator, Sequence

from features.base import Json


def search_after(after: Sequence[Json] | None) -> dict[str, Json]:
    """Return what makes a search body begin behind these sort values; nothing without any."""
    return {"search_after": list(after)} if after else {}


def search_pages(
    search: Callable[[Json], Json], body: Json, size: int, after: Sequence[Json] | None = None
) -> Iterator[list[Json]]:
    """Yield the hits of a search, `size` at a time, none of the pages empty.

    `search` runs one body, whose `sort` must end in a unique field. The first page begins behind
    the sort values `after`. Raises what `search` does.
    """
    while True:
        hits: list[Json] = search({**body, **search_after(after), "size": size})["hits"]["hits"]
        if hits:
            yield hits
        if len(hits) < size:
            return
        after = hits[-1]["sort"]
