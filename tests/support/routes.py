"""Every address of the program, by what it shows and to whom. A new one fails the build until it stands here.

`PRIVATE` addresses show something of one household, `DESK_PRIVATE` of one compound: the matrix of
tests/faults/test_f49_other_peoples_pages.py opens each as everybody. `{order}`, `{photo}`, `{voice}` and `{receipt}` are things of Zhang's.
"""

# Nothing of anybody: WeChat's own door, whether we are alive, the way in, the training phones.
PUBLIC = frozenset(
    {
        *("check", "receive", "check_account", "receive_account"),
        *(
            "pay_notified",
            "refund_notified",
            "contract_notified",
            "charge_notified",
        ),  # WeChat Pay's own doors: only what it has signed is looked at
        *("healthz", "readyz", "metrics", "front", "login"),
        *("simulator", "simulator_root", "simulator_any"),
        # A sticker says what is printed on it; the desk's door asks for a number said in WeChat.
        *("sticker", "sticker_code", "desk_login", "desk_login_said"),
    }
)

# Only what is the visitor's own, whoever that is.
OWN = {"my_orders": "/m/"}

# The money of one home: opened as everybody in tests/faults/test_f17_paying.py.
MONEY = frozenset(
    {
        *("pay_page", "pay_order", "paid_page", "bill_page"),
        *("papay_page", "papay_ask"),  # tests/handlers/web/test_papay.py
        *("desk_code", "desk_code_picture"),
    }
)

PRIVATE = {
    "order_page": "/m/order/{order}",
    "photo": "/m/photo/{photo}",
    "small_photo": "/m/photo/{photo}/small",
    "photo_page": "/m/photo/{photo}/view",
    "recording": "/m/recording/{voice}",
    "receipt_page": "/m/receipt/{receipt}",
    "receipt_pdf": "/m/receipt/{receipt}.pdf",
}

# What every neighbour of one compound may see, and nobody else: tests/handlers/web/test_shares.py.
NEIGHBOURS = {
    "share_page": "/m/share/{share}",
    "share_json": "/m/share/{share}.json",
    "share_csv": "/m/share/{share}.csv",
    "share_pdf": "/m/share/{share}.pdf",
}

# The office's, inside WeChat: tests/handlers/web/test_demand_letters.py.
OFFICE = {"demand_letters": "/m/demand-letters"}

# Pages of the desk: lists of what the visitor is in charge of, and single things of one compound.
DESK_OWN = {
    "desk_door": "/desk",
    "desk_front": "/desk/",
    "desk_orders": "/desk/orders",
    "desk_orders_file": "/desk/orders.csv",
    "desk_imports": "/desk/imports",
    "desk_money": "/desk/money",
    "desk_homes": "/desk/homes?text=3-2-501",
    "desk_debtors": "/desk/debtors",
    "desk_runs": "/desk/runs",
    "desk_receipts": "/desk/receipts",
    "desk_reconcile": "/desk/reconcile",
    "desk_debit": "/desk/debit",
    "desk_months": "/desk/months",
    "desk_tariffs": "/desk/tariffs",
}
DESK_PRIVATE = {"desk_order": "/desk/orders/{order}"}

# Of money, the office's alone: tests/handlers/web/test_desk_money.py opens each as everybody.
DESK_MONEY = frozenset(
    {
        *("desk_home", "desk_counter", "desk_counter_take"),
        *("desk_run", "desk_run_publish", "desk_run_anew"),
        *("desk_bill", "desk_bill_take_back", "desk_bill_anew"),  # tests/handlers/web/test_desk_bill.py
        *("desk_receipt", "desk_receipt_void", "desk_receipt_reprint"),
        *("desk_difference_close", "desk_trouble_settle", "desk_month", "desk_month_close", "desk_month_reopen"),
        *("desk_debit_return", "desk_debit_terms", "desk_debit_list", "desk_debit_file", "desk_debit_drop"),
        *("desk_price_change", "desk_terms_change", "desk_dunning_change"),
    }
)

# What changes something, and pages of an import: opened as others in tests/handlers/web/test_desk.py.
DESK_FORMS = frozenset(
    {
        *("desk_logout", "desk_upload", "desk_import"),
        *("desk_import_agree", "desk_import_drop", "desk_import_undo"),
    }
)

CLASSIFIED = (
    PUBLIC
    | MONEY
    | OWN.keys()
    | PRIVATE.keys()
    | NEIGHBOURS.keys()
    | OFFICE.keys()
    | DESK_OWN.keys()
    | DESK_PRIVATE.keys()
    | DESK_MONEY
    | DESK_FORMS
)
