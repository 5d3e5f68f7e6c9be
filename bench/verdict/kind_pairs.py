"""Pairs of the kinds on which verdicts fail most easily: dyes, prints, words, angles, cards.

Each split has instances of its own: other seeds, colours, words and fonts, other real pictures.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.edits import random_edits, rephotographs, variant_pairs, word_pairs
from bench.edits.random_edits import encode_as_upload, seeded_random
from bench.edits.stage import Pair, PairStage
from bench.verdict.labelled_pairs import LabelledPair

STORED_QUALITY = 90


@dataclass(frozen=True)
class PairKind:
    """The truth about pairs of a kind, and what makes a pair."""

    truth: str
    make: Callable[[PairStage], Pair]


def _rephotographed(edit: random_edits.Edit) -> Callable[[PairStage], Pair]:
    def make(stage: PairStage) -> Pair:
        picture = stage.real()
        return edit(picture, stage.roll), picture

    return make


KINDS: Mapping[str, PairKind] = {
    "dyed": PairKind("same_product", variant_pairs.dyed),
    "same dye, edited": PairKind("same_photo", variant_pairs.same_dye_edited),
    "other trim": PairKind("same_product", variant_pairs.other_trim),
    "other print": PairKind("same_product", variant_pairs.other_print),
    "print, overprinted": PairKind("same_photo", variant_pairs.print_overprinted),
    "other words": PairKind("same_product", word_pairs.other_words),
    "words, overprinted": PairKind("same_photo", word_pairs.words_overprinted),
    "at an angle": PairKind("same_photo", _rephotographed(rephotographs.angle)),
    "in uneven light": PairKind("same_photo", _rephotographed(rephotographs.uneven_light)),
    "off a screen": PairKind("same_photo", _rephotographed(rephotographs.screen_grain)),
    "photographed again": PairKind("same_photo", _rephotographed(rephotographs.photograph_again)),
    "unrelated cards": PairKind("different", word_pairs.unrelated_cards),
    "card, edited": PairKind("same_photo", word_pairs.card_edited),
    "other ground": PairKind("same_photo", variant_pairs.other_ground),
    "bars": PairKind("same_photo", variant_pairs.bars),
}
"""Kind → what a pair of it is, by name."""


def kind_pairs(
    split: str, pictures: Sequence[Path], count: int, folder: Path, seed: int = 7
) -> Iterator[LabelledPair]:
    """Yield `count` pairs of each kind; stored files are written to `folder`.

    `pictures` are the split's real ones. Equal arguments give equal pairs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for kind, plan in KINDS.items():
        for number in range(count):
            roll = seeded_random(seed, split, kind, str(number))
            first, second = plan.make(PairStage(roll, split, pictures))
            name = f"{split} {kind} {number}"
            path = folder / f"{name}.jpg"
            second.convert("RGB").save(path, "JPEG", quality=STORED_QUALITY)
            upload = encode_as_upload(first.convert("RGB"), roll)
            yield LabelledPair(upload, path, plan.truth, kind, name, split, "", name, name)
