"""The proof sheet: for every neighbour and whoever works there, and no such thing for anybody else."""

import json
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from handlers.commands.check_share import check_share
from models.billing.share_actions import Wanted, keep_pool, plan_pool
from models.db import Database
from models.estate.tables import Community, Home
from tests.support.album import OTHER_ACCOUNT, Album
from tests.support.repairs import ACCOUNT
from tests.support.routes import NEIGHBOURS

MAY = ("zhang", "wife", "li", "tenant", "chen", "liu", "clerk", "manager")
MUST_NOT = ("wang", "zhou", "qian", "guest", "boss")


@pytest.fixture
def album(database: Database, tmp_path: Path, now: datetime) -> Album:
    return Album(database, tmp_path, now)


def shared(album: Album) -> str:
    with album.world.services.database.transaction() as session:
        home = session.get_one(Home, album.cast.home)
        session.execute(sa.update(Home).where(Home.community_id == home.community_id).values(area=8937))
        wanted = Wanted("电梯电费", 10_000, "2026-02", "供电局2月电费单")
        plan = plan_pool(session, home.community_id, wanted)
        community = session.get_one(Community, home.community_id)
        return keep_pool(session, community, plan, by="test", now=album.now).code


def test_every_neighbour_opens_it_and_nobody_else(album: Album) -> None:
    code = shared(album)
    for pattern in NEIGHBOURS.values():
        path = pattern.format(share=code)
        nothing = album.browser("wang").get(pattern.format(share="A" * 16))
        assert nothing.status_code == 404
        for who in MAY:
            assert album.browser(who).get(path).status_code == 200, (path, who)
        for who in MUST_NOT:
            answer = album.browser(who, OTHER_ACCOUNT if who == "boss" else ACCOUNT).get(path)
            assert (answer.status_code, answer.data) == (404, nothing.data), (path, who)
        assert album.browser("").get(path).status_code == 302
    assert album.browser("zhang").get("/m/share/..%2f.json").status_code == 404


def test_it_names_homes_only_and_its_files_come_out_when_worked_out_again(album: Album, tmp_path: Path) -> None:
    code, zhang = shared(album), album.browser("zhang")
    page = zhang.get(f"/m/share/{code}").text
    assert "电梯电费" in page
    assert "（您家）" in page
    for secret in ("张伟", "李娜", "13900000000"):
        assert secret not in page
    for ending in ("json", "csv"):
        answer = zhang.get(f"/m/share/{code}.{ending}")
        assert "attachment" in answer.headers["Content-Disposition"]
        file = tmp_path / f"sheet.{ending}"
        file.write_bytes(answer.data)
        good = CliRunner().invoke(check_share, [str(file)])
        assert (good.exit_code, good.output[:4]) == (0, "对得上："), good.output
    sheet = json.loads((tmp_path / "sheet.json").read_text())
    sheet["homes"][0]["fen"] += 1
    (tmp_path / "sheet.json").write_text(json.dumps(sheet))
    bad = CliRunner().invoke(check_share, [str(tmp_path / "sheet.json")])
    assert (bad.exit_code, "应分" in bad.output, "一分不差" in bad.output) == (1, True, False)
    (tmp_path / "sheet.csv").write_bytes(b"\xff\xfe\x00no sheet")
    assert "看不懂这个文件" in CliRunner().invoke(check_share, [str(tmp_path / "sheet.csv")]).output
    assert zhang.get(f"/m/share/{code}.pdf").data.startswith(b"%PDF")
