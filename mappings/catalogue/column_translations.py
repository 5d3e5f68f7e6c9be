"""Names of columns in other languages than English, as shop systems and people head their exports.

Written as `indexer.feeds.columns` compares them: in lower case, blanks as `_`.
"""

from collections.abc import Mapping

COLUMN_TRANSLATIONS: Mapping[str, tuple[str, ...]] = {
    "id": (
        "商品番号", "商品id", "商品コード", "商品管理番号", "管理番号", "品番", "artikelnummer",
        "artikel_nr", "artikel_nr.", "produkt_id", "référence", "reference", "id_produit",
        "referencia", "codice_articolo", "codigo",
    ),
    "title": (
        "商品名", "商品タイトル", "タイトル", "品名", "artikelbezeichnung", "bezeichnung",
        "artikelname", "produktname", "titel", "nom", "nom_du_produit", "titre", "nombre",
        "título", "titulo", "nome", "titolo",
    ),
    "description": (
        "商品説明", "商品説明文", "説明", "説明文", "商品詳細", "beschreibung",
        "artikelbeschreibung", "descripción", "descripcion", "descrizione", "descrição",
    ),
    "category": (
        "カテゴリ", "カテゴリー", "商品カテゴリ", "商品カテゴリー", "分類", "kategorie",
        "kategorien", "warengruppe", "catégorie", "categoría", "categoria",
    ),
    "brand": ("ブランド", "ブランド名", "メーカー", "メーカー名", "marke", "hersteller", "marque",
              "marca"),
    "color": ("色", "カラー", "カラー名", "farbe", "couleur", "colore", "cor"),
    "size": ("サイズ", "サイズ名", "größe", "grösse", "groesse", "taille", "talla", "taglia",
             "tamanho"),
    "material": ("素材", "材質", "matière", "materiale"),
    "pattern": ("柄", "muster", "motif", "patrón"),
    "gender": ("性別", "geschlecht", "genre"),
    "availability": ("在庫状況", "在庫状態", "verfügbarkeit", "disponibilité", "disponibilidad",
                     "disponibilità"),
    "stock": ("在庫数", "在庫", "在庫数量", "数量", "lagerbestand", "bestand", "lagermenge",
              "quantité", "cantidad", "existencias", "quantità"),
    "price": ("販売価格", "価格", "通常購入販売価格", "販売価格(税込)", "価格(税込)",
              "税込価格", "preis",
              "verkaufspreis", "bruttopreis", "prix", "prix_ttc", "prix_de_vente", "precio",
              "prezzo", "preço"),
    "sale_price": ("セール価格", "特価", "特別価格", "割引価格", "aktionspreis", "angebotspreis",
                   "sonderpreis", "prix_promo", "prix_promotionnel", "precio_rebajado",
                   "precio_oferta"),
    "regular_price": ("通常価格", "定価", "元の価格", "streichpreis", "prix_barré",
                      "precio_normal"),
    "currency": ("通貨", "通貨コード", "währung", "devise", "moneda", "valuta"),
    "item_group_id": ("商品グループid", "親商品番号", "親商品コード", "グループid"),
    "gtin": ("janコード", "jan", "eanコード", "gtin/ean", "code_barres", "código_de_barras"),
    "link": ("商品url", "商品ページurl", "商品ページ", "produkt_url", "produktlink", "lien",
             "enlace"),
    "image_link": (
        "商品画像url", "商品画像", "商品画像1", "画像url", "画像", "メイン画像", "メイン画像url",
        "bild", "bild_url", "bildlink", "bilder", "produktbild", "url_image", "lien_image",
        "url_de_l'image", "imagen", "url_imagen", "immagine", "imagem",
    ),
    "additional_image_link": ("追加画像url", "追加画像", "サブ画像", "その他の画像",
                              "weitere_bilder", "zusätzliche_bilder", "autres_images",
                              "imágenes_adicionales"),
}  # fmt: skip
"""Field → its names in other languages, which count after the English ones."""
