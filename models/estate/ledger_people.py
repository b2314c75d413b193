"""Who a row of a ledger speaks of: owners, family and tenants with their phones."""

from models.estate.addresses import Address
from models.estate.ledger_rows import LedgerRow, Relation, ResidentRow
from models.estate.ledger_values import Names, read_names, read_phones
from models.estate.unclear import Unclear

_RELATIONS: dict[Relation, tuple[str, ...]] = {
    "owner": ("业主", "户主", "本人", "产权人", "房主", "共有人", "共有产权人"),
    "tenant": ("租户", "租客", "承租人", "承租", "租住", "合租"),
    "family": (
        *(
            "家属",
            "家人",
            "家庭成员",
            "亲属",
            "配偶",
            "夫妻",
            "丈夫",
            "妻子",
            "爱人",
            "老公",
            "老婆",
            "父亲",
            "母亲",
            "父母",
            "爸爸",
            "妈妈",
        ),
        *(
            "儿子",
            "女儿",
            "子女",
            "子",
            "女",
            "夫",
            "妻",
            "父",
            "母",
            "媳妇",
            "儿媳",
            "女婿",
            "孙子",
            "孙女",
            "爷爷",
            "奶奶",
            "岳父",
            "岳母",
        ),
        *("哥哥", "姐姐", "弟弟", "妹妹", "兄弟", "姐妹", "外公", "外婆", "亲戚"),
    ),
}
_RELATION_OF_WORD = {word: relation for relation, words in _RELATIONS.items() for word in words}


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
    relation = row.read_one("relation", read_relation) if row.cells("name") else None
    people: list[ResidentRow] = []

    def add(names: tuple[str, ...], phones: tuple[str, ...], relation: Relation, column: str) -> None:
        for position, name in enumerate(names):
            # As many phones as names belong to them in order; otherwise all are the first one's.
            own = phones[position : position + 1] if len(phones) == len(names) else phones if position == 0 else ()
            cell = row.where(column)
            people.extend(ResidentRow(address, name, own, relation, cell) for address in addresses)

    add(owners.owners, () if member.owners else phones, "owner", "owner")
    add(member.owners, phones, relation or "owner", "name")
    add(tenants.owners, tenant_phones, "tenant", "tenant")
    add(owners.tenants, (), "tenant", "owner")
    add(member.tenants, (), "tenant", "name")
    return people


def _phones(row: LedgerRow, column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(phone for phones in row.read(column, read_phones) for phone in phones))
