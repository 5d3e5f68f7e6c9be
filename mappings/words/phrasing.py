"""Words that say how a query is meant and name nothing themselves: negations and comparisons."""

import re

NEGATIONS = frozenset({"without", "no", "not", "non", "except", "minus", "excluding", "never"})
"""English words that deny the part behind them; also `instead of`."""

RELATIONS = frozenset(
    {"same", "but", "like", "similar", "just", "only", "exactly", "different", "other", "version",
     "colour", "color", "colored", "coloured", "one", "ones", "than", "instead"}
)  # fmt: skip
"""English words that tie a query to its photo, as in "the same one but in green"."""

JAPANESE_RELATIONS = frozenset(
    {"みたい", "様", "よう", "同じ", "似る", "似た", "感じ", "物", "もの", "やつ", "奴", "違う",
     "色違い", "無い", "為る", "下さる", "欲しい", "探す", "有る", "する", "色", "カラー", "方",
     "ほう"}
)  # fmt: skip
"""Normal forms of Japanese words that do the same."""

JAPANESE_NEGATION = re.compile(
    r"(?:じゃなくて?|ではなくて?|じゃない|ではない|以外の?|なしの?|無しの?|抜きの?)"
)
"""What stands behind a denied part in Japanese."""

SIZE_WORDS = frozenset({"size", "サイズ", "号"})
"""Words that say that the next, or the last, part is a size."""


def denied_ends(folded: str) -> frozenset[int]:
    """Return where the denied parts of a folded Japanese text end."""
    return frozenset(match.start() for match in JAPANESE_NEGATION.finditer(folded))


def denials(folded: str) -> tuple[tuple[int, int], ...]:
    """Return the places of the Japanese words that deny."""
    return tuple(match.span() for match in JAPANESE_NEGATION.finditer(folded))
