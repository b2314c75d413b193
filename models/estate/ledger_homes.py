"""Which home a row of a ledger speaks of, and what it says about it."""

from dataclasses import replace

from models.estate.addresses import Address, find_addresses, read_address, read_building, read_entrance
from models.estate.ledger_dates import read_date
from models.estate.ledger_header import Header
from models.estate.ledger_rows import CellRefusal, HomeRow, Ledger, LedgerRow
from models.estate.ledger_values import read_area, read_floor, says_nothing
from models.sheets.grid import Sheet


def place_of_sheet(sheet: Sheet, header: Header, ledger: Ledger) -> Address | None:
    """The building (and entrance) all rows of a sheet share, by its name or the title above its header.

    None after a refusal: a copied sheet whose name and title disagree would put every home into the wrong building.
    """
    if "building" in header.columns:
        return Address()
    named = _the_only_one(find_addresses(sheet.name))
    titles = _titles(sheet, header)
    for cell, title in titles:
        if named.building and title.building and title.building != named.building:
            problem = f"表名写的是{named.label}，标题写的是{title.label}"
            ledger.refusals.append(CellRefusal(sheet.name, cell, "building", "", problem))
            return None
    return named if named.building else _the_only_one([title for _, title in titles])


def _titles(sheet: Sheet, header: Header) -> list[tuple[str, Address]]:
    above = [cell for row in sorted(sheet.rows) if row < header.row for cell in sheet.rows[row].values()]
    return [(cell.address, address) for cell in above if cell.kind == "text" for address in find_addresses(cell.text)]


def _the_only_one(places: list[Address]) -> Address:
    """What all of them agree on; of two buildings neither is the sheet's."""
    shared = {place for place in places if place.building and not place.room}
    return shared.pop() if len(shared) == 1 else Address()


def addresses_of(row: LedgerRow, shared: Address) -> list[Address]:
    """The homes of a row, whole: the room's own words first, then the row's columns, then what the sheet shares.

    [] after a refusal.
    """
    refused_before = len(row.ledger.refusals)
    building = row.read_one("building", read_building) or shared.building
    entrance = row.read_one("entrance", read_entrance) or shared.entrance
    whole = []
    if says_nothing(row.cells("room")[0].text):
        row.refuse("room", "没有写房号")
    for said in row.read_one("room", read_address) or []:
        address = _completed(said, building, entrance)
        if problem := _problem(said, address, building, entrance):
            row.refuse("room", problem)
            break
        whole.append(address)
    return whole if len(row.ledger.refusals) == refused_before else []


def _completed(said: Address, building: str, entrance: str) -> Address:
    """A home takes building and entrance from around it, a shop its building; a parking space belongs to the whole compound."""
    if said.kind == "home":
        return replace(said, building=said.building or building, entrance=said.entrance or entrance)
    return replace(said, building=said.building or building) if said.kind == "shop" else said


def _problem(said: Address, whole: Address, building: str, entrance: str) -> str | None:
    """Why the row's parts do not make one home, or None."""
    if not said.room:
        return "只写了楼栋单元，没有写房号"
    if (said.building and building and said.building != building) or (
        said.entrance and entrance and said.entrance != entrance
    ):
        return f"房号写的是{said.label}，这一行是{Address(building, entrance).label}，对不上"
    if whole.kind == "home" and not whole.building:
        return "不知道是哪一栋，请写成「3-2-501」这样"
    return None


def home_of(row: LedgerRow, addresses: list[Address], seen: dict[Address, str]) -> tuple[HomeRow | None, int | None]:
    """The home of one row of a ledger of homes, None after a refusal, and the area its cell says.

    `seen` remembers where each home of the whole file stands.
    """
    refused_before = len(row.ledger.refusals)
    area = row.read_one("area", read_area)
    if area is not None and row.sheet.is_filled(row.number, row.header.columns["area"][0]):
        row.refuse("area", "一个面积合并给了几户，请一户一格")
    floor = row.read_one("floor", read_floor)
    day_zero = row.sheet.day_zero
    handed_over = row.read_one("handed_over", lambda text: read_date(text, day_zero))
    moved_in = row.read_one("moved_in", lambda text: read_date(text, day_zero))
    if len(addresses) > 1:
        row.refuse("room", "一格写了几户，请一户一行")
    where = row.where("room")
    for address in addresses:
        if address in seen:
            row.refuse("room", f"和 {seen[address]} 重复了：{address.label}")
        seen.setdefault(address, where)
    if not addresses or len(row.ledger.refusals) > refused_before:
        return None, area
    status = "".join(cell.text for cell in row.cells("status"))
    return HomeRow(addresses[0], area, floor, status, handed_over, moved_in, where), area
