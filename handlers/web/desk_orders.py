"""Orders at the desk: the list with what is asked for, one order's whole story, and the list as a file."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from flask import Flask, Response, abort, current_app, render_template, request, send_file

from bot.logs import mask
from bot.services import Services
from handlers.spreadsheets import WRITERS
from handlers.staff_at_desk import the_person
from models.audit.log import record
from models.errors import NotFound
from models.estate.queries import communities_of
from models.estate.tables import home_label
from models.people.names import masked_phone
from models.workorders.actors import Actor
from models.workorders.desk import GROUPS, Asked, page_of_orders, table_of_orders
from models.workorders.photos import NAMES, shown_of
from models.workorders.place import where_text
from models.workorders.queries import events_of, find, line_of
from models.workorders.states import FINAL, PRIORITY_NAMES, STATE_NAMES
from models.workorders.tables import OrderEvent
from models.workorders.transitions import EVENT_NAMES

LARGEST_ID = 2**63 - 1  # a number no database column holds is the number of nothing
ON_A_PAGE = 30
GROUP_NAMES = {
    "open": "没办完的",
    "unassigned": "没人接的",
    "rating": "等评价、回访的",
    "closed": "已结束的",
    "all": "全部",
}
# What is in the story besides the steps of the table.
ALSO = {"nudge": "催单", "words": "补充说明", "added": "补充", "rate_again": "改了评价"}
COLUMNS = (
    *("单号", "小区", "地点", "类别", "紧急程度", "问题", "状态", "报修人", "电话", "师傅"),
    *("报修时间", "接单时间", "到场时间", "完工时间", "关闭时间", "处理结果", "评分", "评价"),
)
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def register(app: Flask) -> None:
    app.add_url_rule("/desk/orders", view_func=desk_orders, methods=["GET"])
    app.add_url_rule("/desk/orders.<any(csv, xlsx):form>", view_func=desk_orders_file, methods=["GET"])
    app.add_url_rule(f"/desk/orders/<int(max={LARGEST_ID}):order_id>", view_func=desk_order, methods=["GET"])


def desk_orders() -> str:
    services: Services = current_app.extensions["services"]
    asked, person, now = _asked(), the_person(), services.clock.now()
    with services.database.reading() as session:
        found = page_of_orders(session, _actor(), asked, now, limit=ON_A_PAGE + 1)
        return render_template(
            "desk/orders.html",
            asked=asked,
            found=found[:ON_A_PAGE],
            older=found[ON_A_PAGE - 1].order.id if len(found) > ON_A_PAGE else None,
            compounds=communities_of(session, person.company_id or 0, only=person.community_ids),
            groups=GROUP_NAMES,
            states=STATE_NAMES,
            filter=_filter(asked),
            now=now,
        )


def desk_orders_file(form: str) -> Response:
    """The whole list as a table, row by row through a file of its own. Phones are masked; who took it is written down."""
    services: Services = current_app.extensions["services"]
    actor, asked = _actor(), _asked()
    target = tempfile.TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    count = _Counter()
    with services.database.reading() as session:
        rows = count.passing(_row(row) for row in table_of_orders(session, actor, asked, services.clock.now()))
        WRITERS[form](COLUMNS, rows, cast(Any, target))
    with services.database.transaction() as session:
        record(
            session,
            at=services.clock.now(),
            actor=actor.log_name,
            action="export.orders",
            subject=f"company:{actor.company_id}",
            source="web",
            company_id=actor.company_id,
            details={"rows": count.rows, "states": asked.states, "community": asked.community_id},
        )
    target.seek(0)
    name = f"工单-{services.clock.now():%Y%m%d-%H%M}.{form}"
    return send_file(cast(Any, target), mimetype=TYPES[form], as_attachment=True, download_name=name)


def desk_order(order_id: int) -> str:
    services: Services = current_app.extensions["services"]
    with services.database.reading() as session:
        try:
            order = find(session, _actor(), order_id)
        except NotFound:
            abort(404)
        return render_template(
            "desk/order.html",
            order=order,
            line=line_of(session, order),
            steps=[(step, _step(step)) for step in events_of(session, order.id)],
            sent=shown_of(session, order.id),
            names=NAMES,
            states=STATE_NAMES,
            priorities=PRIORITY_NAMES,
            over=order.state in FINAL,
        )


class _Counter:
    """How many rows went by."""

    rows = 0

    def passing(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            self.rows += 1
            yield row


def _actor() -> Actor:
    return replace(the_person().actor(), source="web")


def _asked() -> Asked:
    """What the address asks for; nonsense asks for nothing."""
    states = request.args.get("states", "open")
    return Asked(
        states=states if states in GROUPS or states in STATE_NAMES else "open",
        community_id=_number("compound"),
        text=request.args.get("text", "").replace("\0", "").strip(),
        late=request.args.get("late") == "1",
        before=_number("before"),
    )


def _number(name: str) -> int | None:
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and int(value) <= LARGEST_ID else None


def _filter(asked: Asked) -> dict[str, Any]:
    """What the links to the next page and to the files must say again."""
    said = {
        "states": asked.states,
        "compound": asked.community_id,
        "text": asked.text,
        "late": "1" if asked.late else "",
    }
    return {name: value for name, value in said.items() if value}


def _step(step: OrderEvent) -> str:
    return EVENT_NAMES.get(step.event) or ALSO.get(step.event, step.event)


def _row(row: Any) -> tuple[Any, ...]:
    order = row.WorkOrder
    label = home_label(row.building, row.entrance, row.room) if row.room is not None else ""
    return (
        *(order.id, row.community, where_text("", label, order.place), order.category),
        *(PRIORITY_NAMES[order.priority], mask(order.problem), STATE_NAMES[order.state]),
        *(order.reporter_name, masked_phone(order.reporter_phone), row.worker),
        *(
            f"{moment:%Y-%m-%d %H:%M}" if moment else None
            for moment in (order.created_at, order.taken_at, order.arrived_at, order.done_at, order.closed_at)
        ),
        *(mask(order.result), order.rating, mask(order.rating_text)),
    )
