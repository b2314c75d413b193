"""Files as phones and attackers send them, made on the spot."""

import struct
import zlib
from io import BytesIO

from PIL import ExifTags, Image, ImageCms

PIXELS = {
    "RGB": (200, 60, 40),
    "L": 90,
    "CMYK": (10, 200, 200, 0),
    "RGBA": (200, 60, 40, 128),
    "1": 1,
    "P": 3,
    "LA": (90, 200),
}

AMR = b"#!AMR\n" + b"\x7c" * 25
MP3 = b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" * 20
SPEEX = b"OggS" + b"\x00" * 24 + b"Speex   1.2" + b"\x00" * 40
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 60


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **more: object) -> bytes:
    file = BytesIO()
    Image.new(mode, size, PIXELS.get(mode, 0)).save(file, form, **more)
    return file.getvalue()


def halves(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red on the left, blue on the right: shows which way up a picture is."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    return image


def exif(**tags: object) -> Image.Exif:
    found = Image.Exif()
    for name, value in tags.items():
        found[ExifTags.Base[name]] = value
    return found


def gps_photo(size: tuple[int, int] = (64, 48), orientation: int = 1) -> bytes:
    """A phone's photograph: where, when and with what it was taken is all written in it."""
    tags = exif(
        Make="Phone",
        Model="Canary-Model",
        DateTime="2026:03:10 09:30:00",
        Orientation=orientation,
        Artist="张伟 13800138000",
    )
    places = tags.get_ifd(ExifTags.IFD.GPSInfo)
    places[ExifTags.GPS.GPSLatitudeRef], places[ExifTags.GPS.GPSLatitude] = "N", (31.0, 14.0, 3.5)
    places[ExifTags.GPS.GPSLongitudeRef], places[ExifTags.GPS.GPSLongitude] = "E", (121.0, 28.0, 25.3)
    file = BytesIO()
    halves(size).save(file, "JPEG", exif=tags, comment=b"canary-comment", quality=90)
    return file.getvalue()


def with_icc(form: str = "JPEG") -> bytes:
    file = BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    halves().save(file, form, icc_profile=profile)
    return file.getvalue()


def animated(form: str) -> bytes:
    file = BytesIO()
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "green", "blue")]
    frames[0].save(file, form, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*chunks: bytes, width: int = 8, height: int = 8) -> bytes:
    """A grey PNG with chunks of its own before the pixels; the sizes need not be true."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"".join(b"\x00" + b"\x7f" * 8 for _ in range(8)))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def icc_bomb() -> bytes:
    """A PNG whose colour profile unpacks to eight megabytes."""
    packed = zlib.compress(b"\x00" * 8_000_000, 9)
    return png(chunk(b"iCCP", b"bomb\x00\x00" + packed))


def text_bomb() -> bytes:
    return png(chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"A" * 8_000_000, 9)))


def jpeg_announcing(width: int, height: int) -> bytes:
    """A small JPEG whose header says it is as large as that."""
    data = bytearray(picture("JPEG", (16, 16)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_announcing(width: int, height: int) -> bytes:
    data = bytearray(picture("GIF", (4, 4)))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def webp_announcing(width: int, height: int) -> bytes:
    """An animated WebP on a canvas of that size; the decoder takes the memory when it is opened."""
    data = bytearray(animated("WEBP"))
    assert data[12:16] == b"VP8X"
    data[24:27], data[27:30] = (width - 1).to_bytes(3, "little"), (height - 1).to_bytes(3, "little")
    return bytes(data)


def large_but_plain(form: str, side: int) -> bytes:
    """So many pixels of one colour in very few bytes."""
    return picture(form, (side, side), "1" if form == "PNG" else "L")


def multi_picture() -> bytes:
    """An MPO: two JPEGs in one file, as some phones write them."""
    file = BytesIO()
    halves().save(file, "MPO", save_all=True, append_images=[halves().rotate(180)])
    return file.getvalue()


HTML = b"<!doctype html><html><script>alert(document.cookie)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 200
AVIF = b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf" + b"\x00" * 200
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 40
EXE = b"MZ\x90\x00\x03" + b"\x00" * 60
ELF = b"\x7fELF\x02\x01\x01" + b"\x00" * 60
