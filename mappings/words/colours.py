"""Words for colours, in English and Japanese, and which of the eleven basic colours each means.

The eleven are the basic colour terms of Berlin & Kay (1969), by which pictures are named
(`features.colour`). A catalogue's own names ("sage", "butter") count as written, too.
"""

BASIC: dict[str, tuple[str, ...]] = {
    "black": (
        "black", "jet", "ebony", "onyx", "ink", "黒", "黒色", "くろ", "ブラック", "墨", "漆黒",
    ),
    "white": (
        "white", "ivory", "snow", "chalk", "off-white", "offwhite", "白", "白色", "しろ",
        "ホワイト", "アイボリー", "オフホワイト", "生成り", "乳白色",
    ),
    "grey": (
        "grey", "gray", "silver", "charcoal", "anthracite", "graphite", "slate", "ash",
        "グレー", "グレイ", "灰色", "灰", "ねずみ色", "鼠色", "チャコール", "シルバー", "銀",
        "銀色",
    ),
    "red": (
        "red", "crimson", "scarlet", "burgundy", "maroon", "ruby", "cherry", "wine",
        "vermilion", "carmine", "赤", "赤色", "あか", "レッド", "紅", "紅色", "朱色", "えんじ",
        "臙脂", "ワインレッド", "真紅",
    ),
    "orange": (
        "orange", "tangerine", "apricot", "coral", "rust", "amber", "オレンジ", "オレンジ色",
        "橙", "橙色", "だいだい", "みかん色", "コーラル", "柿色",
    ),
    "yellow": (
        "yellow", "gold", "golden", "mustard", "lemon", "butter", "cream", "黄", "黄色",
        "きいろ", "イエロー", "金", "金色", "ゴールド", "からし色", "山吹", "山吹色",
        "レモン色", "クリーム色",
    ),
    "green": (
        "green", "olive", "sage", "mint", "emerald", "khaki", "lime", "moss", "forest-green",
        "緑", "緑色", "みどり", "グリーン", "若草", "若草色", "黄緑", "抹茶", "抹茶色",
        "オリーブ", "カーキ", "ミント", "深緑", "萌黄", "萌黄色",
    ),
    "blue": (
        "blue", "navy", "azure", "cobalt", "indigo", "turquoise", "teal", "cyan", "aqua",
        "sky-blue", "denim", "青", "青色", "あお", "ブルー", "紺", "紺色", "ネイビー", "水色",
        "空色", "藍", "藍色", "ターコイズ", "群青", "群青色", "瑠璃色",
    ),
    "purple": (
        "purple", "violet", "lilac", "lavender", "plum", "mauve", "aubergine", "magenta", "紫",
        "紫色", "むらさき", "パープル", "バイオレット", "ラベンダー", "藤色", "すみれ色",
    ),
    "pink": (
        "pink", "rose", "salmon", "fuchsia", "blush", "ピンク", "ピンク色", "桃色", "もも色",
        "桜色", "ローズ", "サーモンピンク",
    ),
    "brown": (
        "brown", "tan", "camel", "beige", "chocolate", "coffee", "cognac", "taupe", "walnut",
        "chestnut", "bronze", "茶", "茶色", "ちゃいろ", "ブラウン", "ベージュ", "キャメル",
        "褐色", "栗色", "焦げ茶", "こげ茶", "チョコレート色",
    ),
}  # fmt: skip
"""Basic colour → its words: English, then Japanese, each folded."""

COLOURS: dict[str, str] = {word: basic for basic, words in BASIC.items() for word in words}
"""Word → basic colour."""

SHADES = frozenset(
    {"light", "dark", "bright", "pale", "deep", "pastel", "neon", "soft", "warm", "cool", "vivid"}
)
"""English words that shade the colour word behind them."""

COMPOUNDS = {
    "黒い": "黒",
    "白い": "白",
    "赤い": "赤",
    "青い": "青",
    "黄色い": "黄色",
    "茶色い": "茶色",
}
"""Japanese adjectives → the noun of the colour."""


def basic_colour(word: str) -> str | None:
    """Return the basic colour that a folded word means, or None where it means none."""
    return COLOURS.get(COMPOUNDS.get(word, word))
