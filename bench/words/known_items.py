"""Known-item questions: a shopper has one product in mind and types some of its words.

Each is two to four words of a product that no other product has all of. The other kinds write the
same words wrongly, in another form, or joined and split; or they ask for the product's numbers.
"""

import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from bench.words.listing import Listing, plain_words

FEWEST_WORDS, MOST_WORDS = 2, 4
TRIES = 20
SHORTEST_MISTAKE = 5
"""Letters of a word that gets a typo: in a shorter one, few could say what was meant."""

WORDY = ("title", "brand", "category", "color")
"""Fields whose words are asked; a size is asked whole, by `bench.words.meant`."""

NUMBER_FIELDS = ("id", "sku", "gtin", "mpn")
SHORTEST_PREFIX = 4


@dataclass(frozen=True)
class KnownItemQuestion:
    """Words to ask, and the ids of which any is the right answer."""

    kind: str
    text: str
    targets: frozenset[str]


class KnownItems:
    """Makes questions about a catalogue; the same seed makes the same questions."""

    def __init__(self, listings: Sequence[Listing], seed: int) -> None:
        self._listings = listings
        self._dice = random.Random(seed)
        self._vocabulary = {word for listing in listings for word in listing.words}

    def questions(self, kind: str, count: int) -> list[KnownItemQuestion]:
        """Return up to `count` questions of a kind: a key of `KINDS`."""
        make = KINDS[kind]
        made: dict[str, KnownItemQuestion] = {}
        order = [*self._listings] * (1 + count // max(1, len(self._listings)))
        self._dice.shuffle(order)
        for listing in order:
            for text, targets in make(self, listing):
                made.setdefault(text, KnownItemQuestion(kind, text, targets))
                break
            if len(made) == count:
                break
        return list(made.values())

    def plain(self, listing: Listing) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield words that only this product has all of."""
        shown = [word for name in WORDY for word in plain_words(listing.text(name))]
        offered = list(dict.fromkeys(word for word in shown if not word.isdigit()))
        for _ in range(TRIES):
            count = self._dice.randint(FEWEST_WORDS, MOST_WORDS)
            words = [
                w for w in offered if w in self._dice.sample(offered, min(count, len(offered)))
            ]
            targets = frozenset(one.id for one in self._listings if one.words.issuperset(words))
            if len(words) >= FEWEST_WORDS and targets == {listing.id}:
                yield " ".join(words), targets

    def typo(self, listing: Listing) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the words with one letter wrong in one of them, and that no word of the shop."""
        for text, targets in self.plain(listing):
            words = text.split()
            places = [n for n, w in enumerate(words) if len(w) >= SHORTEST_MISTAKE and w.isalpha()]
            if not places:
                continue
            place = self._dice.choice(places)
            words[place] = mistyped(words[place], self._dice)
            if words[place] not in self._vocabulary:
                yield " ".join(words), targets

    def form(self, listing: Listing) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield the words with one in its plural, its singular or as a possessive."""
        for text, targets in self.plain(listing):
            words = text.split()
            place = self._dice.choice(range(len(words)))
            if words[place].isalpha() and words[place].isascii():
                words[place] = other_form(words[place], self._dice)
                yield " ".join(words), targets

    def compound(self, listing: Listing) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield a title with two words in a row written as one, or with a hyphen."""
        title = listing.text("title").lower()
        for text, targets in self.plain(listing):
            words = text.split()
            pairs = [(a, b) for a, b in permutations(words, 2)
                     if f"{a} {b}" in title and (a + b).isalpha()]  # fmt: skip
            if not pairs:
                continue
            left, right = self._dice.choice(pairs)
            joined = self._dice.choice((f"{left}{right}", f"{left}-{right}"))
            others = [word for word in words if word not in (left, right)]
            yield " ".join([*others, joined]), targets

    def number(self, listing: Listing) -> Iterator[tuple[str, frozenset[str]]]:
        """Yield one of a product's numbers: whole, begun, or with other marks in it."""
        held = [name for name in NUMBER_FIELDS if len(listing.text(name)) >= SHORTEST_PREFIX]
        if not held:
            return
        name = self._dice.choice(held)
        whole = listing.text(name)
        typed = self._dice.choice((whole, _begun(whole, self._dice), _remarked(whole, self._dice)))
        key = _key(typed)
        if len(key) >= SHORTEST_PREFIX:
            targets = frozenset(
                other.id
                for other in self._listings
                if any(_key(other.text(field)).startswith(key) for field in NUMBER_FIELDS)
            )
            exact = frozenset(
                other.id
                for other in self._listings
                if any(_key(other.text(field)) == key for field in NUMBER_FIELDS)
            )
            yield typed, exact or targets


KINDS: dict[str, Callable[[KnownItems, Listing], Iterator[tuple[str, frozenset[str]]]]] = {
    "plain": KnownItems.plain,
    "typo": KnownItems.typo,
    "form": KnownItems.form,
    "compound": KnownItems.compound,
    "number": KnownItems.number,
}


def mistyped(word: str, dice: random.Random) -> str:
    """Return a word with one letter doubled, dropped, exchanged or swapped; never its first."""
    at = dice.randrange(1, len(word) - 1)
    wrong = dice.choice(string.ascii_lowercase)
    return dice.choice((
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1 :],
        word[:at] + wrong + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    ))  # fmt: skip


def other_form(word: str, dice: random.Random) -> str:
    """Return an English noun in another form: plural for singular, singular for plural, or 's."""
    if word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    if dice.random() < 1 / 3:
        return f"{word}'s"
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word[-1] == "y" and word[-2] not in "aeiou" else f"{word}s"


def _begun(whole: str, dice: random.Random) -> str:
    return whole[: dice.randint(max(SHORTEST_PREFIX, len(whole) - 4), len(whole))]


def _remarked(whole: str, dice: random.Random) -> str:
    mark = dice.choice((" ", "-", "."))
    if any(c in whole for c in " -."):
        return whole.translate(str.maketrans("", "", " -."))
    half = len(whole) // 2
    return f"{whole[:half]}{mark}{whole[half:]}"


def _key(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
