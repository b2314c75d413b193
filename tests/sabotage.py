"""Would anybody notice? Each of these takes one guard of money away in a copy of the program; the tests named beside it must fail.

`python -m tests.sabotage [WORDS]`: all of them, or those whose name or file has these words. Exit 1 when one survives.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "data", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True)
class Sabotage:
    """In `file`, `old` becomes `new`; `tests` are what must see it (on SQLite; `more` are further arguments of pytest)."""

    name: str
    file: str
    old: str
    new: str
    tests: str
    more: tuple[str, ...] = ("-m", "not postgresql and not long and not browser")


PAYMENTS, BILLING = "tests/models/payments/", "tests/models/billing/"
EXAMPLES, ACTIONS, RULES = (
    f"{BILLING}test_worked_examples.py",
    f"{PAYMENTS}test_actions.py",
    f"{PAYMENTS}test_online_rules.py",
)
MONEY_RACES, PAY_RACES = f"{PAYMENTS}test_money_races.py", f"{PAYMENTS}test_pay_races.py"
TOGETHER = f"{PAYMENTS}test_confirm_together.py"
MACHINE, PAYING = f"{PAYMENTS}test_whatever_money_does.py", "tests/faults/test_f17_paying.py"
MONTH, ON_POSTGRESQL = "tests/stories/test_a_month.py", ("-m", "postgresql and not long")

SABOTAGES = (
    # --- exact numbers
    Sabotage(
        "half a fen goes down",
        "models/money.py",
        "2 * rest >= parts",
        "2 * rest > parts",
        "tests/models/test_money.py",
    ),
    Sabotage(
        "a reversal is rounded the other way",
        "models/money.py",
        "(whole if counted >= 0 else -whole)",
        "(whole if counted >= 0 else -whole - 1)",
        "tests/models/test_money.py",
    ),
    Sabotage(
        "the last fen go to the first homes",
        "models/billing/allocation.py",
        "key=lambda place: (floors[place] - exact[place], place)",
        "key=lambda place: place",
        EXAMPLES,
    ),
    Sabotage(
        "a tie goes to the last home",
        "models/billing/allocation.py",
        "(floors[place] - exact[place], place)",
        "(floors[place] - exact[place], -place)",
        EXAMPLES,
    ),
    Sabotage(
        "the due day costs, too",
        "models/billing/late_fee.py",
        "begin = grace_ends if terms.from_grace else due\n",
        "begin = grace_ends if terms.from_grace else due - timedelta(days=1)\n",
        EXAMPLES,
    ),
    Sabotage(
        "a late fee has no end",
        "models/billing/late_fee.py",
        "min(rounded(exact), rounded(terms.cap * principal))",
        "rounded(exact)",
        EXAMPLES,
    ),
    Sabotage(
        "the last unit of a tier costs the next price",
        "models/billing/tiers.py",
        "tier.up_to - at)",
        "tier.up_to - 1 - at)",
        EXAMPLES,
    ),
    Sabotage(
        "the day of the handover is the seller's",
        "models/billing/proration.py",
        "days = length - handover.day + 1",
        "days = length - handover.day",
        EXAMPLES,
    ),
    Sabotage(
        "the buyer pays a rounding of their own",
        "models/billing/proration.py",
        "month_fen - before)",
        "rounded(exact_month) - before + 1)",
        EXAMPLES,
    ),
    Sabotage(
        "the newest debt first",
        "models/billing/appropriation.py",
        "for key in sorted(groups)]",
        "for key in sorted(groups, reverse=True)]",
        EXAMPLES,
    ),
    Sabotage(
        "what the payer names is not heard",
        "models/billing/appropriation.py",
        "if key in by_key]",
        "if key not in by_key]",
        EXAMPLES,
    ),
    Sabotage("a receipt leaves 整 out", "models/money.py", "整", "正", "tests/models/test_money.py"),
    # --- the books
    Sabotage(
        "an entry need not sum to zero",
        "models/billing/ledger.py",
        "if sum(side.fen for side in sides):",
        "if False:",
        f"{BILLING}test_run.py",
    ),
    Sabotage(
        "a bill is paid beyond what it asks for",
        "models/payments/settling.py",
        ", columns.paid + fen <= columns.amount)",
        ")",
        f"{ACTIONS} {MONEY_RACES} {PAY_RACES}",
        ON_POSTGRESQL,
    ),
    Sabotage(
        "what is left over is forgotten",
        "models/payments/actions.py",
        "    if result.left:\n        purses.change(",
        "    if result.left > 10**9:\n        purses.change(",
        ACTIONS,
    ),
    Sabotage(
        "a refund above what was paid",
        "models/payments/giving_back.py",
        ".where(Payment.id == payment.id, Payment.refunded + fen <= Payment.fen)",
        ".where(Payment.id == payment.id)",
        f"{ACTIONS} {MACHINE}",
    ),
    Sabotage(
        "a refund number may be used again",
        "models/payments/giving_back.py",
        "if session.scalar(sa.select(Refund.id).where(Refund.number == number)):",
        "if False:",
        f"{ACTIONS} {MACHINE}",
    ),
    Sabotage(
        "the purse gives more than it holds",
        "models/payments/purses.py",
        "if purse.held + fen < 0:",
        "if False:",
        f"{ACTIONS} {MACHINE} {PAYMENTS}test_handover.py",
    ),
    Sabotage(
        "the purse is not locked",
        "models/payments/purses.py",
        "    .with_for_update()\n",
        "",
        MONEY_RACES,
        ON_POSTGRESQL,
    ),
    Sabotage(
        "a paid bill may be taken back",
        "models/billing/publish.py",
        'Bill.state == "posted", Bill.paid == 0, Bill.amount > 0)',
        'Bill.state == "posted", Bill.amount > 0)',
        f"{BILLING}test_run.py",
    ),
    Sabotage(
        "a run is published again",
        "models/billing/publish.py",
        '.where(BillingRun.id == run.id, BillingRun.state != "published")\n        .values',
        ".where(BillingRun.id == run.id)\n        .values",
        f"{BILLING}test_run.py",
    ),
    Sabotage(
        "0 rows is as good as one", "models/billing/publish.py", "return moved is not None", "return True", MONEY_RACES
    ),
    Sabotage(
        "a home without an area is billed",
        "models/billing/run.py",
        'return Fraction(area, 100) if area and area > 0 else "没有登记面积"',
        "return Fraction(area or 0, 100)",
        f"{BILLING}test_run.py",
    ),
    Sabotage(
        "receipts skip a number",
        "models/payments/receipts.py",
        "range(after - count, after)",
        "range(after - count + 1, after + 1)",
        ACTIONS,
    ),
    Sabotage(
        "a closed month takes entries",
        "models/billing/ledger.py",
        "at = now if is_dated else dated(session, community_id, now)",
        "at = now",
        MONTH,
    ),
    # --- WeChat Pay
    Sabotage(
        "the amount is not looked at",
        "models/payments/facts.py",
        '        ("amount", told.total, ours.fen),\n',
        "",
        RULES,
    ),
    Sabotage(
        "any currency will do", "models/payments/facts.py", '        ("currency", told.currency, "CNY"),\n', "", RULES
    ),
    Sabotage(
        "any merchant will do", "models/payments/facts.py", '        ("mchid", told.mchid, ours.mchid),\n', "", RULES
    ),
    Sabotage("an amount may be a text", "models/payments/facts.py", "if not _is_fen(total):", "if False:", RULES),
    Sabotage("a mismatch is posted", "models/payments/confirm.py", "    if wrong:\n", "    if False:\n", PAYING),
    Sabotage(
        "what was paid is posted again",
        "models/payments/confirm.py",
        'if order.state == "paid":',
        "if False:",
        f"{PAYING} {PAY_RACES}",
    ),
    Sabotage(
        "success before it is in the books",
        "handlers/web/payment_callback.py",
        "    if posted:\n",
        "    if True:\n",
        PAYING,
    ),
    Sabotage(
        "what is posted together is not held against our order",
        "models/payments/confirm.py",
        " and not differs(order, told, merchant)",
        "",
        TOGETHER,
    ),
    Sabotage(
        "what is posted together waits for who is just being talked to",
        "models/messaging/windows.py",
        ".with_for_update(skip_locked=True)",
        ".with_for_update()",
        TOGETHER,
    ),
    Sabotage(
        "success for all that came together",
        "handlers/web/payment_callback.py",
        "    return [(each.number, each.transaction_id) in posted for each in told]",
        "    return [True for each in told]",
        TOGETHER,
    ),
    Sabotage(
        "what fails for several fails for who was first of them",
        "bot/together.py",
        "            if len(tickets) == 1:",
        "            if True:",
        "tests/bot/test_together.py",
    ),
    Sabotage(
        "an old notice is as good as a new one",
        "bot/wechat/pay.py",
        ">= WINDOW",
        ">= 10**12",
        "tests/bot/wechat/test_pay.py",
    ),
    Sabotage(
        "any key may have signed",
        "bot/wechat/pay.py",
        'if not secrets.compare_digest(given["Wechatpay-Serial"].encode(), self._account.key_id.encode()):',
        "if False:",
        f"tests/bot/wechat/test_pay.py {PAYING}",
    ),
    Sabotage(
        "a bill is not held against its hash",
        "bot/wechat/pay.py",
        'if not secrets.compare_digest(found, str(told.get("hash_value", "")).lower()):',
        "if False:",
        "tests/bot/wechat/test_pay.py",
    ),
    Sabotage(
        "an open order is looked up too late",
        "models/payments/order_states.py",
        "_EVERY = timedelta(minutes=2)",
        "_EVERY = timedelta(minutes=20)",
        f"{RULES} {PAYING}",
    ),
    Sabotage(
        "a closed order takes no money",
        "models/payments/order_states.py",
        '"closed": frozenset({"paid"})',
        '"closed": frozenset()',
        f"{RULES} {PAYING}",
    ),
    Sabotage(
        "a sold home is late for days on which it had paid",
        "models/payments/late_fees.py",
        "Counter(dict(paid_before(bill.basis)))",
        "Counter()",
        f"{PAYMENTS}test_handover_late_fees.py",
    ),
    Sabotage(
        "a sold home has a waiver granted wholly for each of its bills",
        "models/payments/handover_bills.py",
        "part = min(fen, former.amount - former.paid) if former is not None else 0\n        if former is not None and part:\n            waivers",
        "part = min(waiver.fen, former.amount - former.paid) if former is not None else 0\n        if former is not None and part:\n            waivers",
        f"{PAYMENTS}test_handover_late_fees.py",
    ),
    # --- a month's bills, and what may go wrong with them
    Sabotage(
        "a ledger's month is billed again",
        "models/billing/run.py",
        "if found is not None and row.home_id in elsewhere:",
        "if False:",
        "tests/faults/test_f28_twice.py",
    ),
    Sabotage(
        "a day is billed anew beside another bill for it",
        "models/payments/rebilling_rules.py",
        "    if other is not None:\n",
        "    if False:\n",
        f"{PAYMENTS}test_rebilling.py",
    ),
    Sabotage(
        "a late fee outlives the bill it was counted from",
        "models/payments/rebilling.py",
        "for wrong in (bill, *_late_fees(session, bill)):",
        "for wrong in (bill,):",
        f"{PAYMENTS}test_rebilling.py",
    ),
    Sabotage(
        "dropped water comes back with the next reading",
        "models/payments/rebilling.py",
        "    if not wish.anew:\n        _stays_counted(session, bill)",
        "    if False:\n        _stays_counted(session, bill)",
        f"{PAYMENTS}test_rebilling.py",
    ),
    Sabotage(
        "a large bill is dropped in small pieces",
        "models/payments/rebilling_rules.py",
        "taken_off_alone(session, bill.home_id, now, besides=bill.id) if off else 0",
        "0",
        f"{PAYMENTS}test_rebilling_limits.py",
    ),
    Sabotage(
        "what a former owner paid is held for the next one",
        "models/payments/rebilling.py",
        "    refuse_others_money(session, bill, found.held)\n",
        "",
        f"{PAYMENTS}test_rebilling_limits.py",
    ),
    Sabotage(
        "an invoiced late fee goes with its bill",
        "models/payments/rebilling.py",
        "        refuse_invoiced(session, fee, ",
        "        (lambda *_: None)(session, fee, ",
        f"{PAYMENTS}test_rebilling_limits.py",
    ),
    Sabotage(
        "a corrected bill is done other than it was shown",
        "handlers/web/desk_bill.py",
        'if request.form.get("seen") != seen_of(found):',
        "if False:",
        "tests/handlers/web/test_desk_bill.py",
    ),
    Sabotage(
        "a ledger and a growing draft do not wait for each other",
        "models/billing/run.py",
        "    elsewhere = billed_elsewhere(session, due.tariff, due.opens, due.closes)",
        "    elsewhere: frozenset[int] = frozenset()",
        "tests/faults/test_f28_twice.py",
    ),
    Sabotage(
        "an agreement that begins inside a month pays for all of it",
        "models/billing/lines.py",
        "max(month.start, since, holds[0])",
        "max(month.start, since)",
        "tests/faults/test_f30_other_terms.py",
    ),
    Sabotage(
        "what was taken back is billed no more",
        "models/billing/bill_rows.py",
        "if written < len(bills):",
        "if False:",
        "tests/faults/test_f28_twice.py",
    ),
    Sabotage(
        "a ledger does not see drafts",
        "models/billing/arrears.py",
        'Bill.state.in_(("posted", "draft"))',
        'Bill.state == "posted"',
        "tests/faults/test_f28_twice.py",
    ),
    Sabotage(
        "a slice is written in two transactions",
        "models/billing/run.py",
        "    insert_new(session, BilledUse, uses_of_bills(",
        "    session.commit()\n    insert_new(session, BilledUse, uses_of_bills(",
        "tests/faults/test_f29_killed.py",
    ),
    Sabotage(
        "a price reaches back into a year paid ahead",
        "models/billing/tariffs.py",
        "    if ahead is not None:",
        "    if False:",
        "tests/faults/test_f30_other_terms.py",
    ),
    Sabotage(
        "two agreements for the same days",
        "models/billing/tariffs.py",
        '    billed = _billed_until(session, tariff, from_day, ("posted", "draft"))',
        "    billed = None",
        "tests/faults/test_f30_other_terms.py",
    ),
    Sabotage(
        "a quarter from the 30th has four months",
        "models/billing/cycles.py",
        "_on(self.day or self.start.day, months_later(self.start, len(begins)))",
        "months_later(self.start, len(begins))",
        "tests/faults/test_f31_half_months.py",
    ),
    Sabotage(
        "the 30 days of the wrong month",
        "models/billing/lines.py",
        "part_of_first_month(since, manner.proration, month)",
        "part_of_first_month(since, manner.proration)",
        "tests/faults/test_f31_half_months.py",
    ),
    Sabotage(
        "a bill below nothing",
        "models/billing/run.py",
        "if not 0 < fen <= LARGEST:",
        "if False:",
        "tests/faults/test_f32_nonsense.py",
    ),
    Sabotage(
        "pieces below nothing",
        "models/billing/run.py",
        "    if pieces <= 0:\n",
        "    if False:\n",
        "tests/faults/test_f32_nonsense.py",
    ),
    Sabotage(
        "a meter beyond its digits",
        "models/billing/meters.py",
        "if before >= end:",
        "if False:",
        "tests/faults/test_f33_odd_readings.py",
    ),
    Sabotage(
        "a reading is filled in backwards",
        "models/billing/meter_actions.py",
        "(history and history[-1].on > seen.on) or not earlier",
        "not earlier",
        "tests/faults/test_f33_odd_readings.py",
    ),
    # --- reconciliation
    Sabotage(
        "an empty day is not asked about",
        "models/payments/reconcile.py",
        "if books.due or books.due_refunds else []",
        "if False else []",
        f"{PAYMENTS}test_reconcile.py",
    ),
    Sabotage(
        "a statement need not add up",
        "models/payments/reconcile.py",
        "if not same or",
        "if False or",
        f"{PAYMENTS}test_reconcile.py {MONTH}",
    ),
    # --- taken by a contract
    Sabotage(
        "it is tried for ever",
        "models/papay/rules.py",
        "if run >= tries.most or reason",
        "if reason",
        "tests/models/papay/",
    ),
    Sabotage(
        "a further try beside money that came late",
        "models/papay/attempts.py",
        "if came_after_all(session, attempt):",
        "if not attempt:",
        "tests/models/papay/",
    ),
    Sabotage(
        "the further try does not ask what came of the first",
        "scheduler/jobs/take_charges.py",
        "if before is None:",
        "if True:",
        "tests/handlers/web/test_papay.py",
    ),
)


def main(words: str) -> int:
    chosen = [one for one in SABOTAGES if words in one.name or words in one.file]
    with tempfile.TemporaryDirectory(prefix="linli-sabotage-") as folder:
        copy = Path(folder, "copy")
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        survived = [one for one in chosen if not _is_seen(one, copy)]
    print(f"{len(chosen) - len(survived)} of {len(chosen)} were seen")
    for one in survived:
        print(f"SURVIVED: {one.name} ({one.file})")
    return 1 if survived or not chosen else 0


def _is_seen(one: Sabotage, copy: Path) -> bool:
    """Done, looked at, undone."""
    file = copy / one.file
    before = file.read_text(encoding="utf-8")
    if one.old not in before:
        raise SystemExit(f"{one.name}: {one.file} no longer has {one.old!r}")
    file.write_text(before.replace(one.old, one.new), encoding="utf-8")
    begun = time.monotonic()
    try:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *one.tests.split(), *one.more]
        ended = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, timeout=300)
    finally:
        file.write_text(before, encoding="utf-8")
    if ended.returncode not in (0, 1):  # pytest itself stumbled: that proves nothing
        raise SystemExit(f"{one.name}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    seen = ended.returncode == 1
    by = next((line for line in ended.stdout.splitlines() if line.startswith("FAILED")), "")
    print(f"{'seen' if seen else 'SURVIVED'} in {time.monotonic() - begun:.0f} s: {one.name} {by}", flush=True)
    return seen


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
