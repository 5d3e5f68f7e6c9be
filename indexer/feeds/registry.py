"""Finds the feed readers: ours and those of other packages come through one entry-point group.

An entry point of the group ``lookalike.readers`` names a callable that takes an `Environment` and
returns a `Reader`, or None where a reader that must be set up first is not.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from core import plug_ins
from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from core.plug_ins import PlugInProblem
from features.contract import NAME_PATTERN, name_violations
from indexer.errors import FeedUnreadable
from indexer.feeds.reader import Reader, Recognition
from indexer.feeds.source import Source
from indexer.feeds.unreadable import explain

GROUP = "lookalike.readers"


class ReaderRegistry(Mapping[str, Reader]):
    """The readers in use, by name. `problems` are those that had to be left out."""

    def __init__(self, readers: Iterable[Reader], problems: Sequence[PlugInProblem] = ()) -> None:
        self.problems = tuple(problems)
        self._readers: dict[str, Reader] = {}
        for reader in readers:
            if not NAME_PATTERN.fullmatch(reader.name):
                raise InvalidSetting(f"reader name {reader.name!r} is not {NAME_PATTERN.pattern}")
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
        """Return the reader a person named; raises UnknownName, or InvalidSetting if left out."""
        if name in self._readers:
            return self._readers[name]
        for problem in self.problems:
            if problem.name == name:
                raise InvalidSetting(str(problem))
        raise UnknownName("reader", name, self._readers)

    def choose(self, source: Source) -> Reader:
        """Return the reader that is surest of a source.

        Raises FeedUnreadable where none recognises it, and where two are equally sure.
        """
        sure = {name: reader.recognise(source) for name, reader in self.items()}
        best = max(sure.values(), default=Recognition.NO)
        if best is Recognition.NO:
            raise FeedUnreadable("; ".join((explain(source), *map(str, self.problems))))
        names = [name for name, recognition in sure.items() if recognition is best]
        if len(names) > 1:
            raise FeedUnreadable(
                f"{source.name} could be read as {' or as '.join(names)}; say which with --reader"
            )
        return self[names[0]]


def load(environment: Environment) -> ReaderRegistry:
    """Build every installed reader that is set up.

    A reader of another package that cannot be used is left out, with an error in the log. Raises
    whatever the constructor of one of ours raises.
    """
    readers = load_usable(environment)
    plug_ins.log_problems(readers.problems)
    return readers


def load_usable(environment: Environment) -> ReaderRegistry:
    """Do what `load` does without logging; the registry says what was left out."""
    installed, problems = plug_ins.installed(GROUP)
    readers: list[Reader] = []
    for entry in installed.values():
        reader, problem = plug_ins.build(entry, environment, reader_violations)
        if problem is not None:
            problems.append(problem)
        elif reader is not None:
            readers.append(reader)
    if not readers:
        raise InvalidSetting("no feed reader is installed; run `make install` again")
    return ReaderRegistry(readers, problems)


def find_problems(environment: Environment) -> list[PlugInProblem]:
    """Return why readers of other packages would be left out."""
    return list(load_usable(environment).problems)


def reader_violations(reader: object, name: str) -> list[str]:
    """Return what a reader, built by the entry point of this name, breaks of the contract."""
    if not isinstance(reader, Reader):
        return ["it is no reader: it lacks name, recognise, columns, count or read"]
    return name_violations(reader, name)
