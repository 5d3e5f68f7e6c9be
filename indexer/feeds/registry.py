"""Finds the feed readers: ours and those of other packages come through one entry-point group.

An entry point of the group ``lookalike.readers`` names a callable that takes an `Environment` and
returns a `Reader`, or None where a reader that must be set up first is not.
"""

from collections.abc import Iterable, Iterator, Mapping

from core import plugins
from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from indexer.errors import FeedUnreadable
from indexer.feeds.reader import Reader, Recognition
from indexer.feeds.source import Source
from indexer.feeds.unreadable import explain

GROUP = "lookalike.readers"


class ReaderRegistry(Mapping[str, Reader]):
    """The readers in use, by name. `failed` maps those that could not be built to the reason."""

    def __init__(self, readers: Iterable[Reader], failed: Mapping[str, str] | None = None) -> None:
        self.failed = dict(failed or {})
        self._readers: dict[str, Reader] = {}
        for reader in readers:
            if not plugins.NAME.fullmatch(reader.name):
                raise InvalidSetting(f"reader name {reader.name!r} is not {plugins.NAME.pattern}")
            if reader.name in self._readers:
                raise InvalidSetting(f"two readers are named {reader.name!r}")
            self._readers[reader.name] = reader

    def __getitem__(self, name: str) -> Reader:
        return self._readers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)

    def by_name(self, name: str) -> Reader:
        """Return the reader a person named; raises UnknownName or InvalidSetting."""
        if name in self.failed:
            raise InvalidSetting(f"the reader {name!r} cannot be used: {self.failed[name]}")
        if name not in self._readers:
            raise UnknownName("reader", name, self._readers)
        return self._readers[name]

    def choose(self, source: Source) -> Reader:
        """Return the reader that is surest of a source.

        Raises FeedUnreadable where none recognises it, and where two are equally sure.
        """
        sure = {name: reader.recognise(source) for name, reader in self.items()}
        best = max(sure.values(), default=Recognition.NO)
        if best is Recognition.NO:
            broken = "".join(
                f"; the reader {name!r} cannot be used: {reason}"
                for name, reason in self.failed.items()
            )
            raise FeedUnreadable(f"{explain(source)}{broken}")
        names = [name for name, recognition in sure.items() if recognition is best]
        if len(names) > 1:
            raise FeedUnreadable(
                f"{source.name} could be read as {' or as '.join(names)}; say which with --reader"
            )
        return self[names[0]]


def load(environment: Environment) -> ReaderRegistry:
    """Build every installed reader. One that fails is named in the log, and the others work.

    Raises InvalidSetting for an ill-formed or doubled name.
    """
    found = plugins.build_all(GROUP, "reader", environment)
    for name, reader in found.built.items():
        if reader.name != name:
            raise InvalidSetting(f"the reader installed as {name!r} calls itself {reader.name!r}")
    if not found.built:
        raise InvalidSetting("no feed reader is installed; run `make install` again")
    return ReaderRegistry(found.built.values(), found.failed)
