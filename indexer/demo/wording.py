"""The words of the shop: what each kind of product is called, costs and is said to be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Wording:
    """How one kind of product is described.

    `category` is its `product_type`; `price` a range in euros; `japanese` its name in Japanese;
    `labels` what may be printed on it: (on the label, in the title, in Japanese).
    `sentences` are two sets to pick one from each, about a `{pattern}`, `{colour}`, `{material}`,
    `{other}` colour or `{label}`.
    """

    noun: str
    category: str
    materials: tuple[str, ...]
    price: tuple[int, int]
    japanese: str
    sentences: tuple[tuple[str, ...], tuple[str, ...]]
    sizes: tuple[str, ...] = ()
    labels: tuple[tuple[str, str, str], ...] = ()


TEAS = (
    ("EARL GREY", "Earl Grey Tea", ""), ("抹茶", "Matcha", "抹茶"),
    ("DARK ROAST", "Dark Roast Coffee", ""), ("珈琲", "Kissaten Coffee", "珈琲"),
    ("CHAMOMILE", "Chamomile Tea", ""), ("煎茶", "Sencha", "煎茶"),
    ("ASSAM GOLD", "Assam Gold Tea", ""), ("ROOIBOS", "Rooibos Tea", ""),
    ("玄米茶", "Genmaicha", "玄米茶"), ("JASMINE", "Jasmine Tea", ""),
    ("ESPRESSO", "Espresso Beans", ""), ("DARJEELING", "Darjeeling Tea", ""),
)  # fmt: skip
SAUCES = (
    ("醤油", "Soy Sauce", "醤油"), ("OLIVE OIL", "Olive Oil", ""), ("HONEY", "Forest Honey", ""),
    ("米酢", "Rice Vinegar", "米酢"), ("MAPLE", "Maple Syrup", ""), ("HOT SAUCE", "Hot Sauce", ""),
    ("FIG JAM", "Fig Jam", ""), ("味醂", "Mirin", "味醂"), ("CASSIS", "Cassis Cordial", ""),
    ("VINEGAR", "Cider Vinegar", ""), ("PLUM JAM", "Plum Jam", ""), ("GINGER", "Ginger Syrup", ""),
)  # fmt: skip
STAPLES = (
    ("SEA SALT", "Sea Salt", ""), ("COCOA", "Baking Cocoa", ""), ("GRANOLA", "Oat Granola", ""),
    ("味噌", "Miso", "味噌"), ("SHORTBREAD", "Shortbread", ""), ("HOUSE BLEND", "Coffee Beans", ""),
    ("玄米", "Brown Rice", "玄米"), ("CRACKERS", "Seed Crackers", ""), ("POLENTA", "Polenta", ""),
    ("蕎麦", "Soba Noodles", "蕎麦"), ("BISCOTTI", "Biscotti", ""), ("TRAIL MIX", "Trail Mix", ""),
)  # fmt: skip


def _plain(*labels: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((label, "", "") for label in labels)


WORDINGS: dict[str, Wording] = {
    "mug": Wording(
        "Mug", "Home > Kitchen & Dining > Mugs", ("stoneware", "porcelain", "enamelled steel"),
        (9, 24), "マグカップ",
        (("A {material} mug with a {pattern} glaze in {colour}.",
          "This {colour} mug in {material} carries a {pattern} pattern all the way round."),
         ("It holds a generous 350 ml and goes through the dishwasher.",
          "The handle has room for three fingers, the foot is left unglazed.")),
    ),
    "plate": Wording(
        "Dinner Plate", "Home > Kitchen & Dining > Plates", ("stoneware", "porcelain"), (11, 32),
        "皿",
        (("A {material} plate, 27 cm across, with a {pattern} design in {colour} and {other}.",
          "The {pattern} pattern on this {colour} plate is painted by hand."),
         ("It stacks neatly and is safe in the microwave.",
          "Lovely on its own, better in a mixed set of six.")),
        ("21 cm", "27 cm"),
    ),
    "bottle": Wording(
        "Water Bottle", "Home > Kitchen & Dining > Bottles", ("steel",), (18, 39), "水筒",
        (("A double-walled {material} bottle, {colour} above and {pattern} below.",
          "This {colour} bottle keeps water cold for a day and tea hot for twelve hours."),
         ("The cap closes tight, and the powder coat shrugs off scratches.",
          "It fits the holder of a bicycle and the side pocket of a backpack.")),
        ("500 ml", "750 ml"), _plain("REFILL", "TRAIL", "STAY WILD", "SIP", "NORTH", "OCEAN"),
    ),
    "vase": Wording(
        "Vase", "Home > Decor > Vases", ("stoneware", "terracotta", "earthenware"), (22, 79),
        "花瓶",
        (("A hand-thrown {material} vase with a {pattern} glaze in {colour}.",
          "This {colour} vase in {material} is as good empty as with a branch in it."),
         ("The glaze breaks to {other} at the edges, so no two are alike.",
          "Watertight, with felt under the foot.")),
    ),
    "lamp": Wording(
        "Table Lamp", "Home > Decor > Lamps", ("cotton", "linen", "paper"), (45, 149), "ランプ",
        (("A table lamp with a {pattern} {material} shade in {colour}.",
          "Warm light through a {material} shade, {pattern} in {colour} and {other}."),
         ("It takes an E14 bulb and has a switch on the cord.",
          "The cord is two metres long and covered in cloth.")),
    ),
    "cushion": Wording(
        "Cushion", "Home > Textiles > Cushions", ("cotton", "linen", "velvet"), (19, 49),
        "クッション",
        (("A plump {material} cushion, {pattern} in {colour} and {other}.",
          "This {pattern} cushion brings {colour} to a quiet sofa."),
         ("The cover zips off and washes at 30 °C.",
          "Filled with recycled fibre and finished with piping.")),
        ("45 x 45 cm", "60 x 40 cm"),
    ),
    "rug": Wording(
        "Rug", "Home > Textiles > Rugs", ("wool", "cotton", "jute"), (59, 289), "ラグ",
        (("A flat-woven {material} rug, {pattern} in {colour} and {other}.",
          "Woven by hand in {material}, this {colour} rug has a {pattern} field."),
         ("It lies flat, can be turned over and does not shed.",
          "Shake it out, and it is clean.")),
        ("80 x 150 cm", "120 x 180 cm", "170 x 240 cm"),
    ),
    "scarf": Wording(
        "Scarf", "Fashion > Accessories > Scarves", ("lambswool", "cotton", "merino"), (25, 85),
        "スカーフ",
        (("A soft {material} scarf, {pattern} in {colour} and {other}.",
          "Long enough to wrap twice, this {colour} scarf is woven in {material}."),
         ("The ends are fringed by hand.", "It weighs almost nothing and keeps the wind out.")),
    ),
    "shirt": Wording(
        "T-Shirt", "Fashion > Clothing > T-Shirts", ("organic cotton", "heavy cotton"), (19, 42),
        "Tシャツ",
        (("A {colour} T-shirt in {material}, with {other} details.",
          "Cut straight from {material}, this {colour} T-shirt sits easily."),
         ("The print is water-based and stays soft.", "Pre-washed, so it keeps its size.")),
        ("XS", "S", "M", "L", "XL"),
        _plain("WANDER", "OCEAN", "SUNDAY CLUB", "WILD TIDE", "SLOW DAYS", "NORTH"),
    ),
    "socks": Wording(
        "Socks", "Fashion > Accessories > Socks", ("cotton", "merino", "bamboo"), (7, 16), "靴下",
        (("A pair of {pattern} socks in {colour}, knitted from {material}.",
          "These {colour} {material} socks have a {pattern} leg and a contrasting heel."),
         ("The toe is closed by hand, so nothing presses.",
          "They stay up without pinching.")),
        ("36-40", "41-45"),
    ),
    "sneaker": Wording(
        "Sneakers", "Fashion > Shoes > Sneakers", ("canvas", "recycled canvas"), (49, 119),
        "スニーカー",
        (("Light {material} sneakers, {pattern} in {colour}, on a white rubber sole.",
          "These {colour} sneakers in {material} have a {pattern} upper."),
         ("The insole comes out for washing.", "They run true to size and need no breaking in.")),
        ("37", "39", "41", "43"),
    ),
    "tote": Wording(
        "Tote Bag", "Fashion > Bags > Tote Bags", ("canvas", "organic cotton"), (12, 34),
        "トートバッグ",
        (("A sturdy {material} tote in {colour} with {other} handles.",
          "This {colour} tote bag carries a week of market shopping."),
         ("The handles are long enough for the shoulder.",
          "There is a small pocket inside for keys.")),
        (), _plain("MARKET DAY", "GOOD BREAD", "READ MORE", "PLANT CLUB", "HELLO SUN", "LA MER"),
    ),
    "backpack": Wording(
        "Backpack", "Fashion > Bags > Backpacks", ("waxed canvas", "recycled nylon"), (55, 139),
        "リュック",
        (("A roomy backpack in {material}, {pattern} in {colour} and {other}.",
          "This {colour} backpack in {material} holds a laptop, a jumper and lunch."),
         ("The back is padded and the zip is water-repellent.",
          "Two outer pockets keep the small things at hand.")),
        ("14 l", "20 l"),
    ),
    "tin": Wording(
        "Tin", "Pantry > Tea & Coffee > Tins", ("tinplate",), (6, 19), "缶",
        (("{label} in a {pattern} {colour} tin that is too good to throw away.",
          "A {colour} tin of {label}, packed fresh and sealed."),
         ("The lid closes tight, so the aroma stays in.",
          "It holds 125 g and fits any shelf.")),
        ("125 g", "250 g"), TEAS,
    ),
    "sauce": Wording(
        "Bottle", "Pantry > Sauces & Spreads > Bottles & Jars", ("glass",), (5, 18), "瓶",
        (("{label} from a small maker, in {material} with a {colour} label.",
          "{label}, made in small batches and bottled by hand."),
         ("Nothing is added, nothing is taken away.", "Keep it cool once it is open.")),
        ("200 ml", "350 ml"), SAUCES,
    ),
    "box": Wording(
        "Pack", "Pantry > Dry Goods > Boxes", ("card",), (4, 15), "箱",
        (("{label} in a {pattern} {colour} pack.",
          "A {colour} pack of {label}, enough for a month of breakfasts."),
         ("Packed without plastic.", "Store it dry and it keeps for a year.")),
        ("250 g", "500 g"), STAPLES,
    ),
    "poster": Wording(
        "Framed Print", "Paper & Play > Prints > Posters", ("oak", "ash", "walnut"), (29, 95),
        "ポスター",
        (("A giclée print in {colour} and {other}, framed in {material}.",
          "Shapes in {colour} and {other}: a quiet print for a busy wall."),
         ("It comes ready to hang, behind acrylic glass.",
          "Printed on heavy matt paper with inks that do not fade.")),
        ("30 x 40 cm", "50 x 70 cm"),
        _plain("LISBOA", "OSLO", "KYOTO", "JAZZ NIGHT", "SUMMER", "NOCTURNE"),
    ),
    "notebook": Wording(
        "Notebook", "Paper & Play > Stationery > Notebooks", ("recycled paper", "cotton paper"),
        (8, 24), "ノート",
        (("A notebook bound in {pattern} {colour} cloth, with 160 pages of {material}.",
          "This {colour} notebook lies flat wherever it is opened."),
         ("The paper takes fountain pen without bleeding.",
          "A ribbon marks the page.")),
        ("A5", "A6"),
        _plain("NOTES", "IDEAS", "RECIPES", "JOURNAL", "TRAVEL LOG", "SKETCHES", "LISTS", "DREAMS"),
    ),
    "toy": Wording(
        "Toy", "Paper & Play > Toys > Nursery", ("wool", "beech", "cotton"), (15, 59), "おもちゃ",
        (("A {pattern} toy in {colour} and {other}, made to be handed down.",
          "Friendly, {colour} and {pattern}: a first companion."),
         ("Safe from birth, and tested to be chewed.",
          "Coloured with dyes that do not come off.")),
    ),
}  # fmt: skip

TOYS = (
    ("Teddy Bear", "くま"), ("Wooden Car", "木の車"), ("Rabbit", "うさぎ"),
    ("Stacking Rings", "輪投げ"), ("Whale", "くじら"), ("Wooden Rocket", "ロケット"),
    ("Elephant", "ぞう"), ("Blocks", "積み木"),
)  # fmt: skip

PATTERN_WORDS = {
    "checkerboard": ("checkerboard", "市松模様"), "crosses": ("crosses", "十字柄"),
    "cutouts": ("cut-out", "切り絵柄"), "dashes": ("dashed", "ダッシュ柄"),
    "diagonal": ("diagonal", "斜めストライプ"), "dots": ("dotted", "水玉"),
    "floral": ("floral", "花柄"), "gingham": ("gingham", "ギンガムチェック"),
    "half_moons": ("half-moon", "半月柄"), "herringbone": ("herringbone", "ヘリンボーン"),
    "lattice": ("argyle", "アーガイル"), "pinstripe": ("pinstriped", "ピンストライプ"),
    "plain": ("plain", "無地"), "rings": ("ringed", "輪柄"), "ripples": ("rippled", "波模様"),
    "scallops": ("scalloped", "青海波"), "speckle": ("speckled", "斑点"),
    "sprigs": ("sprigged", "小枝柄"), "stripes": ("striped", "ストライプ"),
    "tartan": ("tartan", "タータンチェック"), "terrazzo": ("terrazzo", "テラゾー"),
    "triangles": ("triangle", "三角柄"), "windowpane": ("windowpane", "格子柄"),
    "zigzag": ("zigzag", "ジグザグ"),
}  # fmt: skip

LINES = (
    "Alder", "Bramley", "Cala", "Dune", "Ember", "Fjord", "Gorse", "Hollin", "Isla", "Juniper",
    "Kelso", "Lindis", "Marlow", "Nara", "Orla", "Pilot", "Quill", "Rowan", "Selby", "Tarn",
    "Ula", "Vesper", "Wren", "Yarrow", "Zora",
)  # fmt: skip

BRANDS = {
    "Home": ("Fennel & Pine", "Studio Halden", "Kilnhouse", "Maison Ori", "Loom & Field"),
    "Fashion": ("Northpeg", "Tidewater Goods", "Atelier Sorrel", "Pocket & Thread"),
    "Pantry": ("Hearth & Mill", "Komorebi Foods", "Old Quay Provisions"),
    "Paper & Play": ("Paperlark", "Little Otter", "Kite & Co"),
}

SELLERS = (
    "harbour-house", "the-good-room", "maru-market", "linden-shop",
    "corner-bazaar", "dealhub-24", "atlas-trading", "pier-nine",
)  # fmt: skip
