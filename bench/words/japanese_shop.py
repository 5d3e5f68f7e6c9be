"""A small Japanese shop, made by rule, and the ways its goods are written.

Each noun of `SPELLINGS` is sold under its first spelling and asked for under the others.
"""

import itertools
from collections.abc import Iterator, Sequence

from bench.words.known_items import KnownItemQuestion

SPELLINGS: Sequence[tuple[str, ...]] = (
    ("鞄", "かばん", "カバン", "ｶﾊﾞﾝ"),
    ("帽子", "ぼうし", "ボウシ"),
    ("財布", "さいふ", "サイフ"),
    ("時計", "とけい", "トケイ"),
    ("傘", "かさ", "カサ"),
    ("眼鏡", "めがね", "メガネ", "ﾒｶﾞﾈ"),
    ("箸", "はし", "お箸"),
    ("皿", "お皿", "さら"),
    ("鍋", "なべ", "ナベ"),
    ("包丁", "ほうちょう"),
    ("石鹸", "せっけん", "石けん"),
    ("布団", "ふとん"),
    ("人形", "にんぎょう"),
    ("玩具", "おもちゃ", "オモチャ"),
    ("林檎", "りんご", "リンゴ"),
    ("醤油", "しょうゆ", "しょう油"),
    ("手袋", "てぶくろ"),
    ("浴衣", "ゆかた"),
    ("座布団", "ざぶとん"),
    ("花瓶", "かびん"),
    ("カーテン", "ｶｰﾃﾝ"),
    ("タオル", "ﾀｵﾙ"),
    ("スニーカー", "ｽﾆｰｶｰ"),
    ("リュックサック", "ﾘｭｯｸｻｯｸ"),
    ("マグカップ", "ﾏｸﾞｶｯﾌﾟ"),
)

COLOURS = ("赤い", "青い", "黒い", "白い")
MATERIALS = ("木製の", "革の", "綿の", "陶器の")


def rows() -> Iterator[dict[str, str]]:
    """Yield the feed's rows: every noun in two colours and materials."""
    for number, spellings in enumerate(SPELLINGS):
        for side, name in enumerate(_names(number)):
            yield {
                "id": f"ja-{number:02}-{side}",
                "title": f"{name}{spellings[0]}",
                "description": f"毎日使える{spellings[0]}です。",
                "color": name[0],
                "price": f"{900 + 100 * number} JPY",
                "image_link": f"{number:02}-{side}.png",
            }


def questions() -> list[KnownItemQuestion]:
    """Return the questions: every spelling alone, and with a colour that one of the two has."""
    made = []
    for number, spellings in enumerate(SPELLINGS):
        targets = frozenset(f"ja-{number:02}-{side}" for side in (0, 1))
        for spelling in spellings:
            made.append(KnownItemQuestion("japanese", spelling, targets))
            colour = _names(number)[0][:2]
            made.append(
                KnownItemQuestion(
                    "japanese", f"{colour}{spelling}", frozenset({f"ja-{number:02}-0"})
                )
            )
    return made


def _names(number: int) -> tuple[str, str]:
    every = list(itertools.product(COLOURS, MATERIALS))
    first, second = every[number % len(every)], every[(number + 5) % len(every)]
    return "".join(first), "".join(second)
