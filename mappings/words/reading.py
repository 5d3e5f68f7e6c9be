"""Read a query: which of its parts name a brand, a colour, a size or a price, and which are words.

"same but green, under 30 euros"   →  colour green; price at most 30 EUR
"nike shoes 42"                    →  brand Nike; category Shoes; size 42
"mug without handle"               →  word mug; not: word handle
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mappings.words import phrasing
from mappings.words.codes import asked_codes
from mappings.words.colours import NAMES_OF_THINGS, SHADES, basic_colour
from mappings.words.folding import fold
from mappings.words.lexicon import Lexicon, Meaning
from mappings.words.price_phrases import PricePhrase, find_prices
from mappings.words.synonyms import Synonyms
from mappings.words.terms import Word, cut_words

LONGEST_QUERY = 512
"""Characters that are read; what follows is left out, and the reading says so."""

MOST_PARTS = 32

NO_SYNONYMS = Synonyms()


@dataclass(frozen=True)
class Phrase:
    """Words that stand together.

    `meanings` are the product fields they name; `colour` the basic colour. With neither they are
    plain text. `is_shade` says that the catalogue itself has that shade of the colour.
    """

    words: tuple[Word, ...]
    meanings: tuple[Meaning, ...] = ()
    colour: str | None = None
    is_shade: bool = False

    @property
    def field(self) -> str | None:
        """The field the phrase is about, the likeliest where it may be several; None for text."""
        if self.colour is not None:
            return "color"
        return self.meanings[0].field if self.meanings else None


@dataclass(frozen=True)
class Synonym:
    """What the shop's synonyms say that a part also means, as the shop writes it."""

    text: str
    phrase: Phrase


@dataclass(frozen=True)
class Part:
    """A part of a query that products must match, or must not where `is_negative`.

    `phrase` is what was typed between `start` and `end` of the folded query; a product that has one
    of the `synonyms` instead matches, too. A part that `is_optional` ranks and decides nothing.

    A part that names a field's value matches products that have the value, not products that only
    mention it. A shade matches that shade. With `is_wide`, mentions and other shades match, too.
    """

    phrase: Phrase
    start: int
    end: int
    synonyms: tuple[Synonym, ...] = ()
    is_negative: bool = False
    is_optional: bool = False
    is_wide: bool = False

    @property
    def words(self) -> tuple[Word, ...]:
        """The words as they were typed."""
        return self.phrase.words

    @property
    def meanings(self) -> tuple[Meaning, ...]:
        """The product fields that were named."""
        return self.phrase.meanings

    @property
    def colour(self) -> str | None:
        """The basic colour that was named."""
        return self.phrase.colour

    @property
    def field(self) -> str | None:
        """The field the part is about, by its own words or else by a synonym; None for text."""
        fields = (self.phrase.field, *(synonym.phrase.field for synonym in self.synonyms))
        return next((name for name in fields if name is not None), None)


@dataclass(frozen=True)
class Reading:
    """A query as it was understood.

    `text` is the folded query that `start` and `end` of its parts count in; `codes` are the keys
    of product numbers it may be, the longest first. `is_cut` says that the end of an over-long
    query was not read.
    """

    text: str = ""
    parts: tuple[Part, ...] = ()
    price: PricePhrase | None = None
    codes: tuple[str, ...] = ()
    is_cut: bool = False

    @property
    def required(self) -> tuple[Part, ...]:
        """The parts that decide whether a product is meant."""
        return tuple(p for p in self.parts if not (p.is_negative or p.is_optional))

    @property
    def negative(self) -> tuple[Part, ...]:
        """The parts that a product must not match."""
        return tuple(p for p in self.parts if p.is_negative)

    def names_colour(self) -> bool:
        """Say whether the query names a colour that products should have."""
        return any(part.colour is not None for part in self.required)

    def widened(self) -> "Reading":
        """Return the reading in which mentions of named things and all shades match, too."""
        return replace(
            self,
            parts=tuple(
                replace(part, is_wide=True) if part.field is not None else part
                for part in self.parts
            ),
        )

    def is_empty(self) -> bool:
        """Say whether nothing in the query says anything."""
        return not (self.parts or self.price or self.codes)

    def surface(self, part: Part | PricePhrase) -> str:
        """Return a part as it was typed, folded."""
        return self.text[part.start : part.end]

    def without(self, part: Part | PricePhrase) -> str:
        """Return the query without a part: what to ask when a shopper takes it off."""
        return " ".join(f"{self.text[: part.start]} {self.text[part.end :]}".split())

    def corrected(self, corrections: Mapping[str, str]) -> str:
        """Return the query with words replaced by those meant instead: word → correction."""
        text = self.text
        words = [word for part in self.parts for word in part.words]
        for word in sorted(words, key=lambda word: word.start, reverse=True):
            if word.surface in corrections:
                text = text[: word.start] + corrections[word.surface] + text[word.end :]
        return text


def read(query: str, lexicon: Lexicon, synonyms: Synonyms = NO_SYNONYMS) -> Reading:
    """Return what a query means to a catalogue whose own phrases are `lexicon`."""
    folded = fold(query[: 4 * LONGEST_QUERY])
    text = folded[:LONGEST_QUERY]
    prices = list(find_prices(text))
    taken = [(price.start, price.end) for price in prices]
    words = [w for w in cut_words(text) if not any(a < w.end and w.start < b for a, b in taken)]
    parts = list(_parts(words, lexicon, synonyms, text))
    return Reading(
        text=text,
        parts=tuple(_deciding(parts)[:MOST_PARTS]),
        price=prices[0] if prices else None,
        codes=asked_codes(text) if not prices else (),
        is_cut=len(folded) > LONGEST_QUERY or len(query) > 4 * LONGEST_QUERY,
    )


def _deciding(parts: Sequence[Part]) -> list[Part]:
    """Return the parts; where all are optional, each decides: "same" may be a product's name."""
    if parts and all(part.is_optional for part in parts):
        return [replace(part, is_optional=False) for part in parts]
    return [p for p in parts if not (p.is_optional and _is_relation(p.words[0]))]


def _parts(
    words: Sequence[Word], lexicon: Lexicon, synonyms: Synonyms, text: str
) -> Iterator[Part]:
    denied_ends = phrasing.denied_ends(text)
    denials = phrasing.denials(text)
    negative = False
    at = 0
    while at < len(words):
        word = words[at]
        if any(start <= word.start and word.end <= end for start, end in denials):
            at += 1
            continue
        count, meanings = lexicon.longest(words[at:])
        alike, texts = synonyms.longest(words[at:])
        if alike > count:
            count, meanings = alike, ()
        elif alike < count:
            texts = ()
        if not count and word.surface in phrasing.NEGATIONS and not _is_number(words, at + 1):
            negative = True
            at += 1
            continue
        if not count and word.surface == "instead":
            negative = at + 1 < len(words) and words[at + 1].surface == "of"
        if word.is_stop and not count:
            yield Part(Phrase((word,)), word.start, word.end, is_optional=True)
            at += 1
            continue
        count = max(count, 1)
        part = _part(words[at : at + count], meanings, lexicon)
        if texts:
            alternatives = tuple(_synonym(text, lexicon) for text in texts)
            part = replace(part, synonyms=alternatives, is_optional=False)
        if part.end in denied_ends:
            part = replace(part, is_negative=True)
        if negative and not part.is_optional:
            part, negative = replace(part, is_negative=True), False
        yield part
        at += count


def _part(words: Sequence[Word], meanings: tuple[Meaning, ...], lexicon: Lexicon) -> Part:
    phrase = _phrase(words, meanings, lexicon)
    weak = phrase.field is None and (_is_relation(words[0]) or _is_shade(words[0]))
    return Part(phrase, words[0].start, words[-1].end, is_optional=weak)


def _synonym(text: str, lexicon: Lexicon) -> Synonym:
    words = cut_words(text)
    count, meanings = lexicon.longest(words)
    return Synonym(text, _phrase(words, meanings if count == len(words) else (), lexicon))


def _phrase(words: Sequence[Word], meanings: tuple[Meaning, ...], lexicon: Lexicon) -> Phrase:
    colour = None
    if len(words) == 1:
        colour = basic_colour(words[0].surface) or basic_colour(words[0].term)
        if words[0].surface in NAMES_OF_THINGS and not _names_colour(meanings):
            colour = None
    elif _names_colour(meanings):
        colour = next((c for w in words if (c := basic_colour(w.surface))), None)
    if colour is not None and not _names_colour(meanings):
        # The catalogue's own values of a basic colour: "green" also means what it calls sage.
        own = lexicon.colours.get(colour, ()) if words[0].surface == colour else ()
        meanings = (*meanings, Meaning("color", own)) if own else meanings
    elif colour is not None and words[0].surface == colour:
        others = lexicon.colours.get(colour, ())
        meanings = tuple(
            Meaning("color", tuple(dict.fromkeys((*meaning.values, *others))))
            if meaning.field == "color"
            else meaning
            for meaning in meanings
        )
    shade = colour is not None and _names_colour(meanings) and words[0].surface != colour
    return Phrase(tuple(words), meanings, colour, is_shade=shade)


def _names_colour(meanings: Sequence[Meaning]) -> bool:
    return any(meaning.field == "color" for meaning in meanings)


def _is_relation(word: Word) -> bool:
    return (
        word.is_stop
        or word.surface in phrasing.RELATIONS
        or word.surface in phrasing.SIZE_WORDS
        or word.term in phrasing.JAPANESE_RELATIONS
    )


def _is_shade(word: Word) -> bool:
    return word.surface in SHADES


def _is_number(words: Sequence[Word], at: int) -> bool:
    return at < len(words) and words[at].surface[:1].isdigit()
