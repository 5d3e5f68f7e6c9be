"""Says why no reader recognises a source, and what to do about it."""

from indexer.feeds.source import BINARY_FORMATS, UTF_32, Source


def explain(source: Source) -> str:
    """Return a sentence that names the source, what it is, and the cure."""
    if source.path is None:
        return f"{source.name}: no installed reader reads from {source.scheme}:// addresses"
    if source.is_folder:
        return f"{source.path} holds no pictures"
    return f"{source.name} is {_describe(source)}"


def _describe(source: Source) -> str:
    for magic, meaning in BINARY_FORMATS.items():
        if source.head.startswith(magic):
            return meaning
    if source.is_blank:
        return "empty"
    if source.head.startswith(UTF_32):
        return "UTF-32; save it as UTF-8"
    meanings = {
        "": "not UTF-8 text; UTF-16 needs a byte order mark, or save it as UTF-8",
        "<": "XML or HTML; export it as CSV, TSV or JSON lines",
        "[": "one JSON array; write one object a line instead",
    }
    start = source.text.lstrip()[:1]
    return meanings.get(start, "in no format that an installed reader knows")
