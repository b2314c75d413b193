"""The desk: who gets in, what they see there, and how a ledger gets onto the books through a page."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from models.audit.tables import AuditEntry
from models.estate.tables import Community, Home
from models.imports.tables import Import
from models.people.desk_logins import AT_ONCE, LASTS, WRONG_A_DAY
from models.people.tables import DeskLogin, Staff
from models.sheets.package import Limits
from models.workorders.tables import OrderClock, WorkOrder
from scheduler.importer import Importer
from tests.support.computer import Computer
from tests.support.imports import mend
from tests.support.ledgers import CLEAN, COMMON
from tests.support.workbooks import workbook
from tests.support.world import World

MANAGER, CASHIER, ONE_COMPOUND = "demo-zhaomgr", "demo-sun", "demo-qian"


def code_on(computer: Computer) -> str:
    return computer.page.split("<strong>")[1].split("</strong>")[0].replace(" ", "")


def signed_in(world: World, openid: str = MANAGER) -> Computer:
    computer = Computer(world.app)
    computer.opens("/desk/")
    assert "已经登录" in world.says(openid, f"登录 {code_on(computer)}")
    computer.opens("/desk/")
    assert "现在的工单" in computer.page
    return computer


def is_outside(computer: Computer) -> bool:
    computer.opens("/desk/orders")
    return "用微信登录" in computer.page


def compound(world: World, name: str) -> int:
    with world.services.database.reading() as session:
        return session.scalars(sa.select(Community.id).where(Community.name == name)).one()


def work(world: World) -> None:
    settings = world.services.settings
    Importer(world.services.database, world.clock.now, settings.data_dir / "imports", Limits.of(settings)).run_due()


def upload(computer: Computer, path: Path, compound_id: int, **more: Any) -> None:
    computer.opens("/desk/imports")
    with path.open("rb") as file:
        fields = {"compound": str(compound_id), "kind": "homes", "file": (file, more.pop("name", path.name)), **more}
        computer.presses("上传，先看看会改什么", **fields)


def count(world: World, table: Any) -> int:
    with world.services.database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


# --- the way in -------------------------------------------------------------------------------------------------------


def test_a_number_belongs_to_one_browser_and_is_good_once(world: World) -> None:
    mine, other = Computer(world.app), Computer(world.app)
    mine.opens("/desk/")
    other.opens("/desk/")
    code = code_on(mine)
    assert code != code_on(other)
    assert "已经登录" in world.says(MANAGER, f"登录 {code}")
    assert is_outside(other)
    assert not is_outside(mine)
    assert "不对" in world.says(MANAGER, f"登录 {code}")


@pytest.mark.parametrize(("waits", "good"), [(timedelta(minutes=5), True), (timedelta(minutes=5, seconds=1), False)])
def test_a_number_is_good_for_five_minutes(world: World, waits: timedelta, good: bool) -> None:
    computer = Computer(world.app)
    computer.opens("/desk/")
    world.move(waits)
    assert ("已经登录" in world.says(MANAGER, f"登录 {code_on(computer)}")) == good


def test_wrong_numbers_run_out(world: World) -> None:
    computer = Computer(world.app)
    computer.opens("/desk/")
    code = code_on(computer)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(WRONG_A_DAY):
        assert "不对" in world.says(MANAGER, f"登录 {wrong}")
    assert "次数太多" in world.says(MANAGER, f"登录 {code}")
    assert is_outside(computer)


def test_only_so_many_numbers_are_shown_at_once(world: World) -> None:
    now = world.clock.now()
    with world.services.database.transaction() as session:
        session.add_all(
            DeskLogin(digest=str(number), browser="x", asked_at=now, expires_at=now + timedelta(minutes=5))
            for number in range(AT_ONCE)
        )
    assert Computer(world.app).opens("/desk/login").status_code == 503
    world.move(timedelta(minutes=6))
    assert Computer(world.app).opens("/desk/login").status_code == 200


def test_the_database_keeps_no_number(world: World) -> None:
    computer = Computer(world.app)
    computer.opens("/desk/")
    with world.services.database.reading() as session:
        row = session.scalars(sa.select(DeskLogin)).one()
    assert code_on(computer) not in str(vars(row))


@pytest.mark.parametrize("change", [{"role": "worker"}, {"left_at": "now"}, {"openid": None}])
def test_whoever_may_not_any_more_is_outside_at_once(world: World, change: dict[str, Any]) -> None:
    computer = signed_in(world)
    values = {name: world.clock.now() if value == "now" else value for name, value in change.items()}
    with world.services.database.transaction() as session:
        session.execute(sa.update(Staff).where(Staff.openid == MANAGER).values(**values))
    assert is_outside(computer)


def test_signing_out_ends_a_stolen_cookie_too(world: World) -> None:
    computer, thief = signed_in(world), Computer(world.app)
    thief._client._cookies.update(computer._client._cookies)
    assert not is_outside(thief)
    computer.presses("退出")
    assert "用微信登录" in computer.page
    assert is_outside(thief)


def test_a_session_lasts_half_a_day(world: World) -> None:
    computer = signed_in(world)
    world.move(LASTS - timedelta(minutes=1))
    assert not is_outside(computer)
    world.move(timedelta(minutes=2))
    assert is_outside(computer)


def test_being_known_inside_wechat_opens_no_desk(world: World) -> None:
    computer = Computer(world.app)
    with computer._client.session_transaction() as cookie:
        cookie["who"] = [world.services.settings.wechat_account, MANAGER, "x"]
    assert is_outside(computer)


def test_every_page_sends_a_stranger_to_the_login_and_takes_no_form(world: World) -> None:
    rules = [
        rule for rule in world.app.url_map.iter_rules() if world.app.extensions["groups"].get(rule.endpoint) == "desk"
    ]
    assert len(rules) >= 10
    stranger = world.app.test_client()
    for rule in rules:
        path = rule.rule.replace("<any(csv, xlsx):form>", "csv")
        path = path.split("<")[0] + ("1" + path.split(">", 1)[1] if "<" in path else "")
        if "GET" in (rule.methods or ()):
            answer = stranger.get(path)
            assert (answer.status_code, answer.location) == (302, "/desk/login"), path
        else:
            assert stranger.post(path).status_code == 403, path


def test_a_form_without_its_token_changes_nothing(world: World) -> None:
    computer = signed_in(world)
    assert computer.posts("/desk/logout").status_code == 403
    assert not is_outside(computer)
    answer = computer.posts("/desk/imports", compound="1", kind="homes", file=(io.BytesIO(b"x"), "x.csv"))
    assert (answer.status_code, count(world, Import)) == (403, 0)


# --- orders -----------------------------------------------------------------------------------------------------------


def test_the_list_finds_what_is_asked_for(world: World) -> None:
    world.says("demo-zhang", "厨房水管漏水了")
    computer = signed_in(world)
    for words, found in {
        "text=901": True, "text=%23901": True, "text=3-2-501": True, "text=水管": True, "text=张伟": True, "text=902": False,
        "states=DISPATCHED": True, "states=closed": False, "states=nonsense": True, "late=1": False,
        "compound=1": True, "compound=2": False, "compound=-1": True, "text=%25": False, "before=1": False,
    }.items():  # fmt: skip
        computer.opens(f"/desk/orders?{words}")
        assert ("#901" in computer.page) == found, words


def test_pages_follow_each_other_without_a_gap(world: World) -> None:
    computer = signed_in(world)
    seen: list[str] = []
    address = "/desk/orders?states=all"
    while address:
        computer.opens(address)
        seen += [part.split('"')[0] for part in computer.page.split('<a href="/desk/orders/')[1:]]
        following = computer.page.split('rel="next" href="')
        address = following[1].split('"')[0].replace("&amp;", "&") if len(following) > 1 else ""
    assert seen == [str(number) for number in range(900, 0, -1)]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_list_as_a_file_is_masked_guarded_and_written_down(world: World, form: str, tmp_path: Path) -> None:
    with world.services.database.transaction() as session:
        session.execute(
            sa.update(WorkOrder)
            .where(WorkOrder.id == 900)
            .values(problem="=1+1 打13912345678", reporter_phone="13912345678")
        )
    answer = signed_in(world).opens(f"/desk/orders.{form}?states=all")
    assert "attachment" in answer.headers["Content-Disposition"]
    if form == "csv":
        rows = [list(row) for row in csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")))]
    else:
        (tmp_path / "x.xlsx").write_bytes(answer.get_data())
        rows = [list(row) for row in openpyxl.load_workbook(tmp_path / "x.xlsx").active.values]
    assert len(rows) == 901
    assert (rows[900][0], rows[900][5], rows[900][8]) in (
        ("900", "'=1+1 打139****5678", "139****5678"),
        (900, "'=1+1 打139****5678", "139****5678"),
    )
    with world.services.database.reading() as session:
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "export.orders")).one()
    assert entry.details["rows"] == 900


def test_what_people_wrote_is_text_on_the_page(world: World) -> None:
    with world.services.database.transaction() as session:
        session.execute(sa.update(WorkOrder).where(WorkOrder.id == 900).values(problem="<script>alert(1)</script>"))
    computer = signed_in(world)
    for address in ("/desk/orders?states=all", "/desk/orders/900", "/desk/orders?text=<script>alert(2)</script>"):
        computer.opens(address)
        assert "<script>alert" not in computer.page


@pytest.mark.parametrize("number", ["0", "99999999", str(2**63), "x", "1;"])
def test_an_order_that_does_not_exist_reads_like_somebody_elses(world: World, number: str) -> None:
    computer = signed_in(world, ONE_COMPOUND)
    with world.services.database.reading() as session:
        foreign = session.scalars(
            sa.select(WorkOrder.id).where(WorkOrder.community_id != compound(world, "望江苑")).limit(1)
        ).one()
    assert computer.opens(f"/desk/orders/{foreign}").status_code == 404
    page = computer.page
    assert computer.opens(f"/desk/orders/{number}").status_code == 404
    assert computer.page == page


# --- ledgers ----------------------------------------------------------------------------------------------------------


def test_a_ledger_is_looked_at_agreed_to_written_and_taken_back(world: World, tmp_path: Path) -> None:
    computer, homes = signed_in(world), count(world, Home)
    here = compound(world, "和平家园")
    upload(computer, COMMON, here)
    assert "正在读" in computer.text
    work(world)
    shown = computer.looks_again()
    assert "要改好的 5 处" in shown
    for cell in ("1栋!E7", "1栋!F9", "1栋!C11", "1栋!E13", "1栋!D15"):
        assert cell in shown
    assert "确认写入" not in shown

    upload(computer, mend(tmp_path), here)
    work(world)
    assert "读了「改好的台账.xlsx」" in computer.looks_again()
    computer.presses("确认写入")
    work(world)
    assert "已写入（03-10 09:30）" in computer.looks_again()
    computer.presses("撤销这次导入")
    work(world)
    assert "已撤销（03-10 09:30），和导入以前一样" in computer.looks_again()
    assert count(world, Home) == homes
    with world.services.database.reading() as session:
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if "import" in action] == [
        "import.upload", "import.upload", "import.agree", "import_homes", "import_residents", "import.undo",
    ]  # fmt: skip


def test_what_nobody_wants_is_dropped_with_its_file(world: World) -> None:
    computer = signed_in(world)
    upload(computer, CLEAN, compound(world, "和平家园"))
    work(world)
    computer.looks_again()
    computer.presses("不导入了")
    assert "没有导入" in computer.text
    assert list((world.services.settings.data_dir / "imports").iterdir()) == []


def test_what_cannot_be_read_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    computer, here = signed_in(world), compound(world, "和平家园")
    bomb = workbook(tmp_path / "x.xlsx", "", more={"xl/a.xml": b"0" * (40 << 20)})
    old = tmp_path / "台账.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    for path, words in ((bomb, "太大"), (old, "另存为")):
        upload(computer, path, here)
        assert words in computer.text
    upload(computer, CLEAN, here, name="")
    assert "请先选一个文件" in computer.text
    upload(computer, CLEAN, here, kind="secrets")
    assert count(world, Import) == 0
    assert list((world.services.settings.data_dir / "imports").glob("*")) == []


def test_a_file_longer_than_agreed_is_not_even_received(world: World) -> None:
    computer = signed_in(world)
    answer = computer._client.post(
        "/desk/imports",
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(60 << 20)},
    )
    assert answer.status_code == 413
    assert "太大" in answer.get_data(as_text=True)


def test_what_is_past_its_time_is_counted_and_found(world: World) -> None:
    world.says("demo-zhang", "厨房水管漏水了")
    computer = signed_in(world)
    assert "0 超时了" in computer.text
    now = world.clock.now()
    with world.services.database.transaction() as session:
        order = session.get_one(WorkOrder, 901)
        clock = OrderClock(order_id=901, moved_at=order.moved_at, priority=order.priority)
        clock.response_due, clock.finish_due = now - timedelta(minutes=1), now + timedelta(days=1)
        session.merge(clock)
    assert "1 超时了" in computer.looks_again()
    computer.opens("/desk/orders?late=1")
    assert "#901" in computer.page
    world.says("demo-chen", "接单 901")
    computer.opens("/desk/orders?late=1")
    assert "#901" not in computer.page


def test_a_name_with_markup_and_a_path_is_only_a_name(world: World) -> None:
    computer = signed_in(world)
    upload(computer, CLEAN, compound(world, "和平家园"), name="../../<b>台账</b>.xlsx")
    assert "<b>台账" not in computer.page
    with world.services.database.reading() as session:
        brought = session.scalars(sa.select(Import)).one()
    assert brought.name == "b>.xlsx"
    assert brought.file.isalnum()


def test_the_books_of_others_are_nobodys_business(world: World) -> None:
    upload(signed_in(world), CLEAN, compound(world, "和平家园"))
    other = signed_in(world, ONE_COMPOUND)
    assert other.opens("/desk/imports/1").status_code == 404
    page = other.page
    assert other.opens("/desk/imports/4711").status_code == 404
    assert other.page == page
    upload(other, COMMON, compound(world, "和平家园"))
    assert "请选小区" in other.text
    cashier = signed_in(world, CASHIER)
    assert cashier.opens("/desk/imports").status_code == 404
    assert cashier.page == page
