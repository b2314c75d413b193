"""Pictures made anew: upright, small enough, and the right colours."""

from io import BytesIO

import pytest
from PIL import Image

from bot.pictures import SMALL_SIDE, NoPicture, made_anew
from tests.support import files


def anew(data: bytes, longest_side: int = 2048) -> Image.Image:
    return Image.open(BytesIO(made_anew(data, max_pixels=40_000_000, longest_side=longest_side).data))


def colour(image: Image.Image, x: float, y: float) -> str:
    red, _, blue = image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))  # type: ignore[misc]
    return "red" if red > blue else "blue"


@pytest.mark.parametrize(
    ("orientation", "red_at"),
    [
        (1, (0, 0.5)),
        (2, (1, 0.5)),
        (3, (1, 0.5)),
        (4, (0, 0.5)),
        (5, (0.5, 0)),
        (6, (0.5, 0)),
        (7, (0.5, 1)),
        (8, (0.5, 1)),
    ],
)
def test_a_picture_is_turned_upright(orientation: int, red_at: tuple[float, float]) -> None:
    image = anew(files.gps_photo((600, 400), orientation))
    assert image.size == ((600, 400) if orientation < 5 else (400, 600))
    assert colour(image, *red_at) == "red"
    assert colour(image, 1 - red_at[0], 1 - red_at[1]) == "blue"


def test_a_large_one_is_made_smaller_and_a_small_one_left() -> None:
    made = made_anew(files.picture(size=(3000, 1500)), max_pixels=40_000_000, longest_side=1000)
    assert (made.width, made.height) == (1000, 500)
    assert Image.open(BytesIO(made.data)).size == (1000, 500)
    assert Image.open(BytesIO(made.small)).size == (SMALL_SIDE, SMALL_SIDE // 2)
    assert anew(files.picture(size=(30, 20))).size == (30, 20)


def test_what_is_seen_through_is_seen_on_white() -> None:
    file = BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(file, "PNG")
    assert anew(file.getvalue()).getpixel((10, 10)) == (255, 255, 255)


def test_sixteen_bits_of_grey_are_not_all_white() -> None:
    file = BytesIO()
    Image.new("I;16", (20, 20), 0x4000).save(file, "PNG")
    assert abs(anew(file.getvalue()).getpixel((10, 10))[0] - 64) <= 2  # type: ignore[index]


def test_the_pixels_announced_decide_and_one_more_is_too_many() -> None:
    made_anew(files.picture(size=(100, 100)), max_pixels=10_000, longest_side=50)
    with pytest.raises(NoPicture, match="尺寸太大"):
        made_anew(files.picture(size=(101, 100)), max_pixels=10_000, longest_side=50)
