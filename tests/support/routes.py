"""Every address of the program, by what it shows and to whom. A new one fails the build until it stands here.

`PRIVATE` addresses show something of one household, `DESK_PRIVATE` of one compound: the matrix of
tests/faults/test_f49_other_peoples_pages.py opens each as everybody. `{order}`, `{photo}` and `{voice}` are things of Zhang's.
"""

# Nothing of anybody: WeChat's own door, whether we are alive, the way in, the training phones.
PUBLIC = frozenset(
    {
        *("check", "receive", "check_account", "receive_account"),
        *("healthz", "readyz", "metrics", "front", "login"),
        *("simulator", "simulator_root", "simulator_any"),
    }
)

# Only what is the visitor's own, whoever that is.
OWN = {"my_orders": "/m/"}

PRIVATE = {
    "order_page": "/m/order/{order}",
    "photo": "/m/photo/{photo}",
    "small_photo": "/m/photo/{photo}/small",
    "photo_page": "/m/photo/{photo}/view",
    "recording": "/m/recording/{voice}",
}

# Pages of the desk: lists of what the visitor is in charge of, and single things of one compound.
DESK_OWN: dict[str, str] = {}
DESK_PRIVATE: dict[str, str] = {}

CLASSIFIED = PUBLIC | OWN.keys() | PRIVATE.keys() | DESK_OWN.keys() | DESK_PRIVATE.keys()
