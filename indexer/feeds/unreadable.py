"""Says why no reader recognises a source, and what to do about it."""

from indexer.feeds.encodings import UTF_32
from indexer.feeds.source import BINARY_FORMATS, Source


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
        "": "no text; export the products as CSV, TSV, XML or JSON",
        "<": "XML or HTML that no reader knows: Google Merchant's RSS and Atom, and "
        "pages with schema.org's JSON-LD, are read",
    }
    start = source.text.lstrip()[:1]
    return meanings.get(start, "in no format that an installed reader knows")
