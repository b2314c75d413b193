"""`check-share FILE`: works a proof sheet out anew from its weights. Needs no database and trusts nothing but the file."""

import json
from pathlib import Path
from typing import Any

import click

from models.billing.share_file import sheet_from
from models.billing.shares import flaws
from models.money import shown


@click.command("check-share")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check_share(file: Path) -> None:
    """Recompute a 公摊 sheet (.json or .csv, from its page): every share, the last fen, the sum. docs/shares.md says how."""
    try:
        sheet = _read(file)
    except (ValueError, KeyError, UnicodeDecodeError):
        raise click.ClickException("看不懂这个文件，请用公摊明细页上下载的 .json 或 .csv 文件。") from None
    found = flaws(sheet)
    for flaw in found:
        click.echo(flaw)
    if found:
        raise click.ClickException(f"有 {len(found)} 处对不上。")
    homes = sheet["homes"]
    lucky = sum(home["extra"] for home in homes)
    click.echo(
        f"对得上：{sheet['period']} {sheet['name']} 要分{shown(sheet['total'])}，{len(homes)}户，"
        f"零头最大的{lucky}户各多分1分，加起来一分不差。"
    )


def _read(file: Path) -> Any:
    text = file.read_text(encoding="utf-8-sig")
    return json.loads(text) if text.lstrip().startswith("{") else sheet_from(text)
