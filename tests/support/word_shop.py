"""A small shop in English and Japanese whose products differ in their words alone."""

import json
from pathlib import Path

from PIL import Image

COLUMNS = ("id", "title", "description", "brand", "product_type", "color", "size", "price")
PRODUCTS: tuple[tuple[str, ...], ...] = (
    ("boot-1", "Rain boots", "Dry feet", "Puddle", "Fashion > Boots", "navy", "39", "39 EUR"),
    ("boot-2", "Rain boots", "For kids", "Puddle", "Fashion > Boots", "yellow", "31", "24 EUR"),
    ("boot-3", "Hiking boots", "Of suede", "Karst", "Fashion > Boots", "olive", "42", "119 EUR"),
    ("shoe-1", "Canvas trainers", "Light", "Karst", "Fashion > Shoes", "white", "41", "55 EUR"),
    ("coat-1", "Rain coat", "For kids", "Herd", "Fashion > Coats", "yellow", "31", "33 EUR"),
    ("shelf-1", "Bookcase, five shelves", "Oak", "Fjell", "Home > Shelving", "", "", "79 EUR"),
    ("bowl-1", "Fruit bowl of glass", "", "Glimmer", "Home > Bowls", "green", "", "18 EUR"),
    ("pan-1", "Saucepan", "With a lid of glass", "Herd", "Home > Pans", "silver", "", "35 EUR"),
    ("pan-2", "Saucepan", "With a long handle", "Herd", "Home > Pans", "silver", "", "22 EUR"),
    ("rug-1", "Round rug, small", "", "Fjell", "Home > Rugs", "", "", "45 EUR"),
    ("rug-2", "Round rug, large", "", "Fjell", "Home > Rugs", "", "", "95 EUR"),
    ("scarf-1", "Wool scarf", "Warm", "Merin", "Fashion > Scarves", "burgundy", "", "27 EUR"),
    ("scarf-2", "Silk scarf", "Thin", "Merin", "Fashion > Scarves", "ivory", "", "64 EUR"),
    ("scarf-3", "Cotton scarf", "Wide", "Merin", "Fashion > Scarves", "navy", "", "19 EUR"),
    ("lamp-1", "Desk lamp", "With a dimmer", "Glimmer", "Home > Lamps", "black", "", "48 EUR"),
    ("靴-1", "本革のビジネスシューズ", "紳士靴", "山猫堂", "服飾 > 靴", "黒", "26cm", "9800 JPY"),
    ("靴-2", "布のスニーカー", "軽い", "山猫堂", "服飾 > 靴", "白", "24cm", "4200 JPY"),
    ("靴下-1", "ウールの靴下", "二足組", "山猫堂", "服飾 > 靴下", "灰色", "25cm", "1200 JPY"),
    ("音-1", "防水イヤホン", "通話もできる", "ひびき", "家電 > 音響", "", "", "6400 JPY"),
    ("椅子-1", "折りたたみ椅子", "屋外用", "森工房", "家具 > 椅子", "緑", "", "5600 JPY"),
    ("机-1", "折りたたみ机", "屋外用", "森工房", "家具 > 机", "緑", "", "7800 JPY"),
    ("布-1", "コットンのハンカチ", "花柄", "ひなた", "服飾 > 小物", "赤", "", "800 JPY"),
    ("布-2", "リネンのハンカチ", "無地", "ひなた", "服飾 > 小物", "青", "", "900 JPY"),
    ("帯-1", "本革のベルト", "紳士用", "ひなた", "服飾 > 小物", "黒", "26cm", "5200 JPY"),
    ("眼鏡-1", "読書用の眼鏡", "度付き", "ひなた", "服飾 > 小物", "黒", "", "3300 JPY"),
)  # fmt: skip

SKUS = {"boot-1": "PDL-3051", "boot-2": "PDL-2044", "lamp-1": "GLM.88-120"}

GROUPS = {"rug-1": "RUG", "rug-2": "RUG"}


def write_feed(folder: Path) -> Path:
    """Write the feed and a picture for each product; return the feed's path."""
    rows = []
    for number, values in enumerate(PRODUCTS):
        name = f"{number}.png"
        Image.new("RGB", (64, 64), (40 + 8 * number, 200 - 6 * number, 90)).save(folder / name)
        row = dict(zip(COLUMNS, values, strict=True)) | {"image_link": name}
        if sku := SKUS.get(values[0]):
            row["sku"] = sku
        if group := GROUPS.get(values[0]):
            row["item_group_id"] = group
        rows.append(json.dumps(row, ensure_ascii=False))
    feed = folder / "products.jsonl"
    feed.write_text("\n".join(rows), encoding="utf-8")
    return feed
