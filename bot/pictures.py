"""A picture somebody sent, made anew: what is in it is kept, what was hidden beside it (places, names, programs) is not.

Only pixels pass: they are decoded, turned upright, made smaller and written as a fresh JPEG. The size a file announces is
looked at before it is decoded.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
SMALL_SIDE = 480  # pixels of a preview's longer side
_QUALITY, _SMALL_QUALITY = 85, 75


class NoPicture(Exception):
    """It cannot be shown. The message is in words for people."""


@dataclass(frozen=True)
class Picture:
    """`data` and `small` are JPEG files; `width` and `height` the pixels of `data`."""

    data: bytes
    small: bytes
    width: int
    height: int


def made_anew(data: bytes, *, max_pixels: int, longest_side: int) -> Picture:
    """Raises NoPicture. Of an animation the first picture is taken."""
    from PIL import Image  # noqa: PLC0415 (a process that sees no picture does not load it)

    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > max_pixels:
                raise NoPicture("照片尺寸太大")
            # A JPEG can be decoded at half or a quarter of its size: no phone's picture takes more memory than it must.
            image.draft("RGB", (longest_side, longest_side))
            image.load()
            plain = _plain(image, longest_side)
    except NoPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoPicture("照片尺寸太大") from None
    except Exception as error:
        # The decoders meet a hostile file with exceptions of every kind; whatever it was, the file is no picture.
        raise NoPicture("照片已损坏") from error
    small = plain.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    return Picture(_jpeg(plain, _QUALITY), _jpeg(small, _SMALL_QUALITY), plain.width, plain.height)


def _plain(image: "Image", longest_side: int) -> "Image":
    """Small enough, upright, red, green and blue on white, on a new canvas that nothing of the file is attached to."""
    from PIL import Image, ImageOps  # noqa: PLC0415 (see above)

    if image.mode.startswith(("I", "F")):
        # Sixteen bits of grey; turned to eight by cutting off, all of it would be white.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    see_through = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    image = image.convert("RGBA" if see_through else "RGB")
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    image = ImageOps.exif_transpose(image)
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A") if see_through else None)
    return canvas


def _jpeg(image: "Image", quality: int) -> bytes:
    file = BytesIO()
    image.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
    return file.getvalue()
