"""Direct debit at the desk: set up, a list, its file, the answer; and who sees nothing of it."""

import io
import re
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from models.debit.tables import DebitBatch, DebitLine, Mandate
from models.messaging.tables import Outbox
from models.payments.tables import Payment
from scheduler.jobs import remind_of_debits
from tests.handlers.web.test_desk import CASHIER, MANAGER, ONE_COMPOUND, compound, signed_in
from tests.handlers.web.test_desk_money import clean, home_number
from tests.support.computer import Computer
from tests.support.world import World

CARD = "6222000011112222"


def signed(world: World) -> None:
    home = home_number(world)
    with world.services.database.transaction() as session:
        session.add(
            Mandate(
                community_id=compound(world, "锦绣花园"), home_id=home, sealed=world.services.vault.seal(CARD),
                tail=CARD[-4:], holder="张伟", agreement="A1",
                from_day=world.clock.now().date(), until_day=None, by="test", at=world.clock.now(),
            )
        )  # fmt: skip


def lines(world: World) -> list[DebitLine]:
    with world.services.database.reading() as session:
        return list(session.scalars(sa.select(DebitLine)))


def sends(computer: Computer, address: str, **fields: Any) -> TestResponse:
    """A form of the page of direct debit, or one written by hand with its token."""
    computer.opens("/desk/debit")
    token = re.findall(r'name="form_token" value="([^"]+)"', computer.page)[0]
    return computer.posts(address, form_token=token, **fields)


def test_from_the_first_list_to_the_answer(world: World) -> None:
    signed(world)
    number = compound(world, "锦绣花园")
    manager = signed_in(world, MANAGER)
    sends(manager, f"/desk/debit/{number}/terms", bank="pipe", first="20", second="10")
    manager.opens("/desk/debit")
    assert "第二次要比第一次晚" in manager.text
    sends(manager, f"/desk/debit/{number}/terms", bank="pipe", first="10", second="20")
    cashier = signed_in(world, CASHIER)
    cashier.opens("/desk/debit")
    assert "签了代扣的 1 户" in cashier.text
    sends(cashier, f"/desk/debit/{number}/list")
    assert "1户 412.05元 银行处理中" in cashier.looks_again()
    sends(cashier, f"/desk/debit/{number}/list")
    assert "还在银行处理" in cashier.looks_again()
    assert CARD not in cashier.page
    (batch_number,) = set(re.findall(r"/desk/debit/lists/(\d+)\.txt", cashier.page))
    file = cashier.opens(f"/desk/debit/lists/{batch_number}.txt").get_data().decode("gbk")
    assert f"1|{CARD}|张伟|41205|3栋2单元501|物业费" in file
    answer = f"{batch_number}|20260311|1|41205|1|41205\r\n1|{CARD}|张伟|41205|x|物业费|0000||20260311|S1\r\n".encode(
        "gbk"
    )
    for content, said in (
        (b"nonsense", "什么也没有入账"),
        (answer, "入账了：1户，412.05元"),
        (answer, "已经用这份文件入过账了"),
    ):
        sends(cashier, "/desk/debit", bank="pipe", file=(io.BytesIO(content), "hp.txt"))
        assert said in cashier.looks_again()
    with world.services.database.reading() as session:
        assert session.scalars(sa.select(Payment.fen).where(Payment.channel == "debit")).all() == [41205]
    clean(world)


def test_nobody_else_sees_or_does_anything(world: World) -> None:
    signed(world)
    number = compound(world, "锦绣花园")
    sends(signed_in(world, MANAGER), f"/desk/debit/{number}/terms", bank="pipe", first="10", second="20")
    cashier = signed_in(world, CASHIER)
    sends(cashier, f"/desk/debit/{number}/list")
    with world.services.database.reading() as session:
        batch = session.scalars(sa.select(DebitBatch)).one()
    assert sends(cashier, f"/desk/debit/{number}/terms", bank="", first="", second="").status_code == 404
    other = signed_in(world, ONE_COMPOUND)
    other.opens("/desk/debit")
    assert batch.number not in other.page
    assert other.opens(f"/desk/debit/lists/{batch.number}.txt").status_code == 404
    assert sends(other, f"/desk/debit/lists/{batch.number}/drop").status_code == 404
    assert sends(other, f"/desk/debit/{number}/list").status_code == 404
    assert sends(other, "/desk/debit/99999999/list").status_code == 404
    assert batch.number not in Computer(world.app).opens("/desk/debit").get_data(as_text=True)
    assert [line.state for line in lines(world)] == ["waiting"]


def test_the_office_is_told_on_the_two_days_and_on_no_other(world: World) -> None:
    signed(world)
    number = compound(world, "锦绣花园")
    sends(signed_in(world, MANAGER), f"/desk/debit/{number}/terms", bank="fixed", first="10", second="20")
    for day, told in (
        (9, "0 lists are due"),
        (10, "1 lists are due"),
        (10, "1 lists are due"),
        (20, "1 lists are due"),
    ):
        moment = world.clock.now().replace(day=day)
        assert remind_of_debits.run(world.services, moment) == told
    with world.services.database.reading() as session:
        said = session.scalars(sa.select(Outbox.data).where(Outbox.kind == "debit_due")).all()
    assert len(said) == len({str(one) for one in said}) * 2, "once for each day, however often the job runs"
    assert said[0]["lines"] == "锦绣花园：1户，412.05元"
