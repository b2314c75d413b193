"""Who a row of a ledger speaks of: owners, family and tenants with their phones."""

from models.estate.addresses import Address
from models.estate.ledger_rows import LedgerRow, Relation, ResidentRow
from models.estate.ledger_values import Names, read_names, read_phones, says_nothing
from models.estate.unclear import Unclear

_RELATIONS: dict[Relation, str] = {
    "owner": "业主 户主 本人 产权人 房主 共有人 共有产权人",
    "tenant": "租户 租客 承租人 承租 租住 合租",
    "family": "家属 家人 家庭成员 亲属 亲戚 配偶 夫妻 夫 妻 丈夫 妻子 爱人 老公 老婆 父 母 父亲 母亲 父母 爸爸 妈妈 子 女 儿子 女儿 子女 "
    "媳妇 儿媳 女婿 孙子 孙女 爷爷 奶奶 外公 外婆 岳父 岳母 公公 婆婆 哥哥 姐姐 弟弟 妹妹 兄弟 姐妹",
}
_RELATION_OF_WORD = {word: relation for relation, words in _RELATIONS.items() for word in words.split()}


def read_relation(text: str) -> Relation:
    """Owner, family or tenant, out of the words clerks use. Raises Unclear."""
    relation = _RELATION_OF_WORD.get(text.strip())
    if relation is None:
        raise Unclear("看不懂与业主的关系，请写「业主」「家属」或「租户」")
    return relation


def people_of(row: LedgerRow, addresses: list[Address]) -> list[ResidentRow]:
    """Everybody the row names, once for each home it names.

    A column 姓名 says with 与业主关系 who it is. Without such a column 与业主关系 is about the emergency contact
    beside it, and the people are the owners of 业主姓名 and the tenants of 租户姓名 or in brackets.
    """
    phones = _phones(row, "phone")
    tenant_phones = _phones(row, "tenant_phone")
    owners = row.read_one("owner", read_names) or Names()
    tenants = row.read_one("tenant", read_names) or Names()
    member = row.read_one("name", read_names) or Names()
    relation = _relation_of(row, member, owners)
    people: list[ResidentRow] = []

    def add(names: tuple[str, ...], phones: tuple[str, ...], relation: Relation, column: str) -> None:
        for position, name in enumerate(names):
            # As many phones as names belong to them in order; otherwise all are the first one's.
            own = phones[position : position + 1] if len(phones) == len(names) else phones if position == 0 else ()
            cell = row.where(column)
            people.extend(ResidentRow(address, name, own, relation, cell) for address in addresses)

    add(owners.owners, () if member.owners else phones, "owner", "owner")
    add(member.owners, phones, relation, "name")
    add(tenants.owners, tenant_phones, "tenant", "tenant")
    add(owners.tenants, (), "tenant", "owner")
    add(member.tenants, (), "tenant", "name")
    _warn_of_lost_phones(row, people, phones)
    return people


def _relation_of(row: LedgerRow, member: Names, owners: Names) -> Relation:
    """Who the person of a column 姓名 is. Beside a column of owners a stranger's part must be said."""
    relation = row.read_one("relation", read_relation) if row.cells("name") else None
    strangers = set(member.owners) - set(owners.owners)
    if relation is None and row.cells("owner") and strangers and says_nothing(_text(row, "relation")):
        row.refuse("name", "没有写与业主的关系")
    return relation or "owner"


def _text(row: LedgerRow, column: str) -> str:
    return "".join(cell.text for cell in row.cells(column))


def _warn_of_lost_phones(row: LedgerRow, people: list[ResidentRow], phones: tuple[str, ...]) -> None:
    """The books keep two phones a person; a phone without a person has no place there at all."""
    if phones and not any(_text(row, column) for column in ("owner", "name")):
        row.ledger.warnings.append(f"{row.where('phone')} 有电话没有姓名，电话没有记下。")
    for person in people:
        if len(person.phones) > 2:
            row.ledger.warnings.append(f"{row.where('phone')} 写了 {len(person.phones)} 个电话，只记前两个。")


def _phones(row: LedgerRow, column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phone for phones in row.read(column, read_phones) for phone in phones))
