"""Identifies files by their first bytes, without decoding anything."""

from features.imaging.errors import UnreadableImage

ACCEPTABLE = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "GIF": "GIF",
    "BMP": "BMP",
    "TIFF": "TIFF",
    "AVIF": "AVIF",
    "HEIF": "HEIC",
}
"""Pillow's format names that limits may accept, with the names people know."""

MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"BM", "BMP"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\1\0", "an icon"),
    (b"PK\3\4", "a ZIP archive"),
)
BRANDS = {b"avif": "AVIF", b"avis": "AVIF"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIF"
)
"""Brands of the container that AVIF and HEIC share (ISO/IEC 23008-12), with the format of each."""

GENERAL_BRANDS = (b"mif1", b"msf1", b"miaf")
"""Brands that leave open how the pixels are coded: the compatible brands after them say that."""

MAX_BRAND_BYTES = 256


def sniff(data: bytes) -> str:
    """Return Pillow's name of an acceptable format, or a description of any other file."""
    for magic, name in MAGIC:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _brand(data)
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<"):
        return "an SVG drawing" if b"<svg" in data[:4096].lower() else "a web page or XML"
    return "no picture we know"


def _brand(data: bytes) -> str:
    """Return the format of a file of the container family, by its first box."""
    main = data[8:12]
    if main in GENERAL_BRANDS:
        end = min(int.from_bytes(data[:4], "big"), MAX_BRAND_BYTES)
        compatible = [data[at : at + 4] for at in range(16, end - 3, 4)]
        main = next((brand for brand in compatible if brand in BRANDS), b"heic")
    return BRANDS.get(main, "a video or a camera format")


def webp_canvas(data: bytes) -> tuple[tuple[int, int], bool]:
    """Return width and height of a WebP file's canvas, and whether it is animated.

    From the container specification (RFC 9649). Raises UnreadableImage when the header is broken.
    """
    kind, head = data[12:16], data[20:30]
    if len(head) == 10:
        if kind == b"VP8X":
            width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
            return (width, height), bool(head[0] & 2)
        if kind == b"VP8L" and head[0] == 0x2F:
            bits = int.from_bytes(head[1:5], "little")
            return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)), False
        if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
            width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
            return (width, height), False
    raise UnreadableImage("the WebP file is broken: open it in a picture editor and save it anew")
