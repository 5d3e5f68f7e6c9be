"""Words for colours, in English and Japanese, and which of the eleven basic colours each means.

The eleven are the basic colour terms of Berlin & Kay (1969), by which pictures are named
(`features.colour`). A catalogue's own names ("sage", "butter") count as written, too.
"""

BASIC: dict[str, tuple[str, ...]] = {
    "black": (
        "black", "黒", "黒色", "くろ", "ブラック", "漆黒",
    ),
    "white": (
        "white", "ivory", "off-white", "offwhite", "白", "白色", "しろ", "ホワイト", "アイボリー",
        "オフホワイト", "生成り", "乳白色",
    ),
    "grey": (
        "grey", "anthracite", "charcoal", "gray", "gunmetal", "silver", "グレー", "グレイ",
        "灰色", "灰", "ねずみ色", "鼠色", "チャコール", "シルバー", "銀", "銀色",
    ),
    "red": (
        "red", "bordeaux", "burgundy", "carmine", "crimson", "maroon", "oxblood", "scarlet",
        "vermilion", "赤", "赤色", "あか", "レッド", "紅", "紅色", "朱色", "えんじ", "臙脂",
        "ワインレッド", "真紅",
    ),
    "orange": (
        "orange", "オレンジ", "オレンジ色", "橙", "橙色", "だいだい", "みかん色", "コーラル",
        "柿色",
    ),
    "yellow": (
        "yellow", "canary-yellow", "gold", "golden", "黄", "黄色", "きいろ", "イエロー", "金",
        "金色", "ゴールド", "からし色", "山吹色", "レモン色", "クリーム色",
    ),
    "green": (
        "green", "chartreuse", "forest-green", "khaki", "seafoam", "緑", "緑色", "みどり",
        "グリーン", "若草", "若草色", "黄緑", "抹茶色", "カーキ", "深緑", "萌黄", "萌黄色",
    ),
    "blue": (
        "blue", "aqua", "azure", "baby-blue", "cerulean", "cobalt", "cyan", "indigo",
        "midnight-blue", "navy", "periwinkle", "royal-blue", "sky-blue", "teal", "turquoise",
        "ultramarine", "青", "青色", "あお", "ブルー", "紺", "紺色", "ネイビー", "水色", "空色",
        "藍", "藍色", "ターコイズ", "群青", "群青色", "瑠璃色",
    ),
    "purple": (
        "purple", "lavender", "lilac", "magenta", "mauve", "violet", "紫", "紫色", "むらさき",
        "パープル", "バイオレット", "ラベンダー", "藤色", "すみれ色",
    ),
    "pink": (
        "pink", "fuchsia", "hot-pink", "ピンク", "ピンク色", "桃色", "もも色", "桜色",
        "サーモンピンク",
    ),
    "brown": (
        "brown", "beige", "bronze", "ecru", "sepia", "sienna", "tan", "taupe", "umber", "茶",
        "茶色", "ちゃいろ", "ブラウン", "ベージュ", "キャメル", "褐色", "栗色", "焦げ茶",
        "こげ茶", "チョコレート色",
    ),
}  # fmt: skip
"""Basic colour → its words: English, then Japanese, each folded."""

THINGS: dict[str, tuple[str, ...]] = {
    "black": ("coal", "ebony", "ink", "jet", "obsidian", "onyx", "raven", "墨"),
    "white": ("alabaster", "chalk", "eggshell", "pearl", "snow"),
    "grey": ("ash", "dove", "graphite", "pewter", "slate", "smoke", "steel", "stone"),
    "red": (
        "brick", "cherry", "cranberry", "garnet", "poppy", "raspberry", "ruby", "strawberry",
        "tomato", "wine",
    ),
    "orange": (
        "amber", "apricot", "clay", "copper", "coral", "mandarin", "papaya", "peach", "pumpkin",
        "rust", "tangerine", "terracotta", "柿", "みかん",
    ),
    "yellow": (
        "butter", "cream", "honey", "lemon", "maize", "mustard", "ochre", "saffron", "sunflower",
        "vanilla", "山吹",
    ),
    "green": (
        "avocado", "basil", "emerald", "eucalyptus", "fern", "forest", "jade", "lime", "matcha",
        "mint", "moss", "olive", "pine", "pistachio", "sage", "抹茶", "ミント", "オリーブ",
    ),
    "blue": ("cornflower", "denim", "lagoon", "ocean", "petrol", "sapphire", "sky"),
    "purple": ("amethyst", "aubergine", "eggplant", "grape", "iris", "orchid", "plum", "wisteria"),
    "pink": ("blush", "bubblegum", "flamingo", "peony", "rose", "salmon", "ローズ"),
    "brown": (
        "camel", "caramel", "chestnut", "chocolate", "cinnamon", "cocoa", "coffee", "cognac",
        "espresso", "hazel", "mahogany", "mocha", "oat", "oatmeal", "sand", "toffee", "walnut",
    ),
}  # fmt: skip
"""Basic colour → words that are things first. In a query they are colours only where the catalogue
has them as such: honey is no yellow."""

COLOURS: dict[str, str] = {
    word: basic for table in (THINGS, BASIC) for basic, words in table.items() for word in words
}
"""Word → basic colour."""

NAMES_OF_THINGS = frozenset(word for words in THINGS.values() for word in words)

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
