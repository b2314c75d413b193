"""Rows of totals: never data, always a check of what stands above them."""

import re

from models.estate.ledger_rows import LedgerRow, TotalCheck
from models.estate.ledger_values import plain, read_hundredths, square_metres

_TOTAL = re.compile(r"(?:本页|本栋|本单元|\S{1,4}[栋幢元])?(合计|小计|总计|平均|累计)")


class AreaTotals:
    """Adds up the areas of one sheet, in 0.01 m², and compares at each row of totals."""

    def __init__(self, *, compares: bool) -> None:
        self._compares = compares  # a ledger of residents may carry areas that nobody reads
        self._of_block: int | None = 0
        self._of_sheet: int | None = 0

    def add(self, area: int | None, *, refused: bool) -> None:
        """One more home. After a refused area no sum can be known: the next subtotal and the total are not compared."""
        if refused or self._of_block is None:
            self._of_block = None
        else:
            self._of_block += area or 0
        self._of_sheet = None if refused or self._of_sheet is None else self._of_sheet + (area or 0)

    def take(self, row: LedgerRow) -> bool:
        """True when the row is a row of totals, which is then compared."""
        word = _word_of_total(row)
        if word is None:
            return False
        counted = self._of_block if word == "小计" else self._of_sheet
        if word == "小计":
            self._of_block = 0
        for cell in row.cells("area") if self._compares and word != "平均" else ():
            written = read_hundredths(cell.text)
            if written is not None:
                row.ledger.totals_checked.append(TotalCheck(row.where("area"), written, counted))
            if written is not None and counted is not None and written != counted:
                row.ledger.warnings.append(
                    f"{row.where('area')} 写的{word}是 {square_metres(written)}，上面加起来是 {square_metres(counted)}。"
                )
        return True


def _word_of_total(row: LedgerRow) -> str | None:
    """A totals row says so in one of its first three cells."""
    first_three = [cell for _, cell in sorted(row.sheet.rows[row.number].items())][:3]
    for cell in first_three:
        if match := _TOTAL.match(re.sub(r"\s", "", plain(cell.text))):
            return match[1]
    return None
