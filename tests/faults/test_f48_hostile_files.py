"""F48: what is sent as a photo, a recording or a video. Only pixels pass, and only recordings that are some."""

from io import BytesIO

import pytest
from PIL import Image

from bot.pictures import NoPicture
from models.media.signs import AMR as AMR_TYPE
from models.media.signs import JPEG, MP3, MP4, SPEEX, Unfit
from scheduler.media_fetcher import Kept, kept_of
from tests.support import files

NAME = "0" * 32
MOST = 40_000_000  # pixels


def kept(data: bytes, kind: str = "image") -> Kept:
    return kept_of(NAME, kind, data, MOST)


# Pictures that are some, however they come: kept, as a plain JPEG of ours.
GOOD = {
    "jpeg": files.picture("JPEG"),
    "jpeg with gps": files.gps_photo(),
    "jpeg with a colour profile": files.with_icc("JPEG"),
    "jpeg in cmyk": files.picture("JPEG", mode="CMYK"),
    "jpeg in grey": files.picture("JPEG", mode="L"),
    "progressive jpeg": files.picture("JPEG", progressive=True),
    "mpo": files.multi_picture(),
    "jpeg with html behind it": files.picture("JPEG") + files.HTML,
    "jpeg with a zip behind it": files.picture("JPEG") + files.ZIP,
    "jpeg with svg in its comment": files.picture("JPEG", comment=files.SVG),
    "png": files.picture("PNG"),
    "png with gps": files.picture("PNG", exif=files.exif(Artist="张伟 13800138000")),
    "png one sees through": files.picture("PNG", mode="RGBA"),
    "png in grey one sees through": files.picture("PNG", mode="LA"),
    "png of sixteen bits": files.picture("PNG", mode="I;16"),
    "png of one bit": files.picture("PNG", mode="1"),
    "png with a palette": files.picture("PNG", mode="P"),
    "png with html behind it": files.picture("PNG") + files.HTML,
    "animated png": files.animated("PNG"),
    "gif": files.picture("GIF", mode="P"),
    "animated gif": files.animated("GIF"),
    "gif that is a script too": files.picture("GIF", mode="P") + b"=1;alert(document.cookie)//",
    "webp": files.picture("WEBP"),
    "webp without loss": files.picture("WEBP", lossless=True),
    "animated webp": files.animated("WEBP"),
    "one pixel": files.picture("PNG", (1, 1)),
    "very long and thin": files.picture("JPEG", (8000, 2)),
}

# What is no picture, or one nobody should decode: refused, with the reason in words.
BAD = {
    "nothing": (b"", "空文件"),
    "svg": (files.SVG, "不认识"),
    "svg with a head": (b"<?xml version='1.0'?>" + files.SVG, "不认识"),
    "html": (files.HTML, "不认识"),
    "html after blanks": (b"\xef\xbb\xbf\n  " + files.HTML, "不认识"),
    "a json error": (b'{"errcode":40007,"errmsg":"invalid media_id"}', "不认识"),
    "heic": (files.HEIC, "不认识"),
    "avif": (files.AVIF, "不认识"),
    "tiff": (files.picture("TIFF"), "不认识"),
    "bmp": (files.picture("BMP"), "不认识"),
    "icon": (files.picture("ICO"), "不认识"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run\n", "不认识"),
    "pdf": (files.PDF, "不认识"),
    "zip": (files.ZIP, "不认识"),
    "windows program": (files.EXE, "不认识"),
    "linux program": (files.ELF, "不认识"),
    "recording": (files.AMR, "不是照片"),
    "video": (files.MP4, "不是照片"),
    "jpeg of three bytes": (b"\xff\xd8\xff", "不认识"),
    "jpeg cut short": (files.picture("JPEG", (400, 400))[:700], "损坏"),
    "png cut short": (files.picture("PNG", (400, 400))[:-80], "损坏"),
    "gif cut short": (files.picture("GIF", (400, 400), "P")[:20], "损坏"),
    "webp cut short": (files.picture("WEBP", (400, 400))[:24], "损坏"),
    "only a jpeg's beginning before html": (b"\xff\xd8\xff\xe0" + files.HTML, "损坏"),
    "only a png's beginning before svg": (b"\x89PNG\r\n\x1a\n" + files.SVG, "损坏"),
    "gif's beginning before a script": (b"GIF89a=1;alert(1)//" + b" " * 40, "损坏"),
    "10k by 10k png": (files.large_but_plain("PNG", 10_000), "尺寸太大"),
    "10k by 10k jpeg": (files.jpeg_announcing(10_000, 10_000), "尺寸太大"),
    "65k by 65k jpeg": (files.jpeg_announcing(65_000, 65_000), "尺寸太大"),
    "64k by 64k gif": (files.gif_announcing(65_535, 65_535), "尺寸太大"),
    "16k by 16k webp": (files.webp_announcing(16_000, 16_000), "尺寸太大"),
    "2 billion pixels wide png": (files.png(width=2**31 - 1, height=1), "尺寸太大"),
    "colour profile that unpacks to 8 MB": (files.icc_bomb(), "损坏"),
    "png with a broken checksum": (files.png()[:30] + b"\x00\x00" + files.png()[32:], "损坏"),
    "png of no width": (files.png(width=0), "损坏"),
}


def test_the_variants_are_counted() -> None:
    assert len(GOOD) + len(BAD) >= 60


@pytest.mark.parametrize("name", GOOD)
def test_f48_a_picture_comes_out_as_plain_pixels(name: str) -> None:
    made = kept(GOOD[name])
    assert set(made.files) == {f"{NAME}.jpg", f"{NAME}.small.jpg"}
    assert made.content_type == JPEG
    for data in made.files.values():
        with Image.open(BytesIO(data)) as image:
            image.load()
            assert (image.format, image.mode) == ("JPEG", "RGB")
            assert max(image.size) <= 2048
            assert dict(image.getexif()) == {}
            assert not {"icc_profile", "comment", "exif", "xmp", "photoshop"} & set(image.info)
        for secret in (b"Exif", b"script", b"canary", b"PK\x03", b"svg", "张伟".encode(), b"13800138000", b"alert"):
            assert secret not in data


@pytest.mark.parametrize("name", BAD)
def test_f48_what_is_no_picture_is_refused_in_words(name: str) -> None:
    data, why = BAD[name]
    with pytest.raises((Unfit, NoPicture), match=why):
        kept(data)


def test_f48_text_that_unpacks_to_8_mb_is_not_unpacked() -> None:
    with pytest.raises(NoPicture, match="损坏"):
        kept(files.text_bomb())


VOICES = {
    "amr": (files.AMR, AMR_TYPE),
    "wide-band amr": (b"#!AMR-WB\n" + b"\x0c" * 20, AMR_TYPE),
    "mp3 with tags": (files.MP3, MP3),
    "bare mp3": (b"\xff\xfb\x90\x64" * 30, MP3),
    "speex": (files.SPEEX, SPEEX),
}


@pytest.mark.parametrize("name", VOICES)
def test_a_recording_is_kept_as_it_is(name: str) -> None:
    data, content_type = VOICES[name]
    made = kept(data, "voice")
    assert made.content_type == content_type
    assert list(made.files.values()) == [data]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        files.HTML,
        files.picture(),
        files.MP4,
        b"#!AMR",
        b"OggS" + b"\x00" * 24 + b"vorbis  " + b"\x00" * 20,
        b"\xff\xff\xff\xff" * 9,
    ],
)
def test_f48_what_is_no_recording_is_refused(data: bytes) -> None:
    with pytest.raises(Unfit):
        kept(data, "voice")


@pytest.mark.parametrize("data", [b"", files.HTML, files.HEIC, files.AVIF, files.picture("GIF", mode="P"), files.AMR])
def test_f48_what_is_no_video_is_refused(data: bytes) -> None:
    with pytest.raises(Unfit):
        kept(data, "video")


def test_a_video_is_kept_as_it_is() -> None:
    made = kept(files.MP4, "video")
    assert made.content_type == MP4
    assert list(made.files) == [f"{NAME}.mp4"]


def test_f48_no_name_from_outside_becomes_a_path() -> None:
    """Names are ours alone; what a sender calls a file is not even read."""
    made = kept(files.picture())
    assert all(name.startswith(NAME) for name in made.files)
