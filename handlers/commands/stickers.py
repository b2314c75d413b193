"""`stickers`: label sheets to print and hang up, one sticker for each public place."""

from collections.abc import Sequence
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from bot.services import Services
from bot.wechat.errors import WeChatError
from handlers.commands.sticker_sheet import Label, sheet_of
from models.billing.meter_actions import label_of, meters_in
from models.errors import Refusal
from models.estate.communities import community_to_import_into
from models.estate.place_actions import claim_qr, give_up_qr, keep_qr
from models.estate.places import Spot, communities_with_places, places_in

READ_IT = "师傅扫一扫，报读数"


@click.command("stickers")
@click.option("--community", "community_name", default="", help="小区名；不写就是全部小区。")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), default=Path("stickers.pdf"), show_default=True
)
@click.option("--meters", is_flag=True, help="水电表的贴纸，师傅扫了就抄这块表。")
@with_appcontext
def stickers(community_name: str, output: Path, meters: bool) -> None:
    """Print label sheets (PDF, A4, six a page) for the public places on the books, or for the meters.

    STICKER_KIND decides what the codes are: WeChat's own (one is made for each place, once) or our /q/ pages. Those of meters
    are always our pages: there are too many of them for WeChat's own.
    """
    services: Services = current_app.extensions["services"]
    try:
        if meters:
            _print(output, _meter_labels(services, community_name.strip()))
            return
        spots = _spots(services, community_name.strip())
        if services.settings.sticker_kind == "wechat":
            spots = _with_wechat_codes(services, spots, community_name.strip())
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from None
    labels = [Label(_says(services, spot), spot.place.label, spot.community, spot.place.tag) for spot in spots]
    _print(output, labels)


def _print(output: Path, labels: Sequence[Label]) -> None:
    _write(output, sheet_of(labels))
    click.echo(f"{len(labels)} 张贴纸已写入 {output}，用 A4 不干胶纸按 100% 打印。")


def _meter_labels(services: Services, community_name: str) -> list[Label]:
    """In the order somebody walks. Raises Refusal for an unknown compound, or when there is nothing to print."""
    with services.database.reading() as session:
        community = community_to_import_into(session, community_name, may_be_new=False)
        meters = meters_in(session, community.id) if community is not None else []
        name = community.name if community is not None else ""
    if not meters:
        raise Refusal("还没有登记水电表，请先导入抄表台账：flask --app wsgi import readings 文件 --community 小区名。")
    return [Label(page_address(services, meter.code), label_of(meter), name, meter.tag, READ_IT) for meter in meters]


def page_address(services: Services, code: str) -> str:
    return f"{services.settings.public_url}/q/{code}"


def _says(services: Services, spot: Spot) -> str:
    return spot.place.qr_url if services.settings.sticker_kind == "wechat" else page_address(services, spot.place.code)


def _spots(services: Services, community_name: str) -> list[Spot]:
    """Raises Refusal for an unknown compound, or when there is nothing to print."""
    with services.database.reading() as session:
        if community_name:
            community = community_to_import_into(session, community_name, may_be_new=False)
            ids: Sequence[int] = [community.id] if community is not None else []
        else:
            ids = communities_with_places(session)
        spots = places_in(session, ids)
    if not spots:
        raise Refusal("还没有公共部位，请先导入：flask --app wsgi import places 文件 --community 小区名。")
    return spots


def _with_wechat_codes(services: Services, spots: Sequence[Spot], community_name: str) -> list[Spot]:
    """The places again, each with a permanent code. Raises Refusal when WeChat does not make one; those made are kept."""
    missing = [spot for spot in spots if not spot.place.qr_url or spot.place.qr_until is not None]
    for number, spot in enumerate(missing):
        _make_code(services, spot, number, len(missing))
        if (number + 1) % 20 == 0:
            click.echo(f"微信二维码 {number + 1}/{len(missing)} …", err=True)
    return _spots(services, community_name) if missing else list(spots)


def _make_code(services: Services, spot: Spot, number: int, of: int) -> None:
    """One place's code. It is claimed before WeChat is asked, so two who print at once do not both ask."""
    with services.database.transaction() as session:
        if not claim_qr(session, spot.place.id, services.clock.now()):
            raise Refusal(f"「{spot.label}」的二维码正由另一处申请，请十分钟后再试。")
    try:
        _, url = services.wechat.create_qrcode(spot.place.code)
    except WeChatError as problem:
        with services.database.transaction() as session:
            give_up_qr(session, spot.place.id)
        raise Refusal(
            f"微信没有给出「{spot.label}」的二维码（{problem}）；已有 {number}/{of} 个，再运行一次会接着做。"
            "也可以设 STICKER_KIND=page，用网页二维码。"
        ) from None
    with services.database.transaction() as session:
        keep_qr(session, spot.place.id, url, until=None)


def _write(output: Path, content: bytes) -> None:
    """A file that is complete or not there at all."""
    unfinished = output.with_name(output.name + ".part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(output)
    except OSError as problem:
        raise click.ClickException(f"{output} cannot be written: {problem.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
