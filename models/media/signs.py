"""What a file is, told from its first bytes alone: names and announced types can say anything.

Formats: JPEG (ITU T.81), PNG (RFC 2083), GIF89a, WebP (RFC 9649), AMR (RFC 4867), MP3 (ISO 11172-3), Ogg Speex, MP4 (ISO 14496-12).
"""

import re

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
AMR, MP3, SPEEX, MP4 = "audio/amr", "audio/mpeg", "audio/ogg", "video/mp4"

KIND_OF = {
    JPEG: "image",
    PNG: "image",
    GIF: "image",
    WEBP: "image",
    AMR: "voice",
    MP3: "voice",
    SPEEX: "voice",
    MP4: "video",
}
ENDINGS = {JPEG: "jpg", AMR: "amr", MP3: "mp3", SPEEX: "spx", MP4: "mp4"}  # of what is kept

# MP4's own brands; the same box also opens HEIC, AVIF and QuickTime files.
_MP4_BRANDS = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5"}
)
_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"#!AMR\n", AMR),
    (b"#!AMR-WB\n", AMR),
    (b"ID3", MP3),
)
_MP3_FRAME = re.compile(
    rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x00-\xef]"
)  # layer III, MPEG 1, 2 or 2.5, no forbidden bit rate
_SHORTEST = 12  # bytes: a file with less holds nothing


class Unfit(Exception):
    """Not a file we keep. The message is in words for people."""


def content_type_of(data: bytes, kind: str) -> str:
    """The type of the file if it is of the kind it was sent as (image, voice, video). Raises Unfit."""
    if not data:
        raise Unfit("空文件")
    found = _sign(data)
    if found is None or len(data) < _SHORTEST:
        raise Unfit("不认识的文件")
    if KIND_OF[found] != kind:
        raise Unfit(f"不是{_WORDS[kind]}")
    return found


_WORDS = {"image": "照片", "voice": "录音", "video": "视频"}


def _sign(data: bytes) -> str | None:
    for beginning, found in _BEGINNINGS:
        if data.startswith(beginning):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if data[4:8] == b"ftyp" and data[8:12] in _MP4_BRANDS:
        return MP4
    if data[:4] == b"OggS" and data[28:36] == b"Speex   ":
        return SPEEX
    return MP3 if _MP3_FRAME.match(data) else None


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height a WebP announces, before anything is decoded: its decoder takes the memory for them at once.

    Raises Unfit when it announces none.
    """
    chunk = data[12:16]
    if chunk == b"VP8X" and len(data) >= 30:
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L" and len(data) >= 25 and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 " and len(data) >= 30 and data[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    raise Unfit("照片已损坏")
