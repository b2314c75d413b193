"""Settings: defaults that work, and a clear refusal that names the setting and never shows its value."""

from pathlib import Path

import pytest

from bot.config import PRETEND, BadSetting, Settings, load_settings, refuse_unsafe
from bot.config_papay import papay_problem

FIT = {
    "SECRET_KEY": "a-secret-that-is-long-enough",
    "WECHAT_APPID": "wx1",
    "WECHAT_SECRET": "of-their-own",
    "WECHAT_TOKEN": "their-token",
    "WECHAT_AES_KEY": "a" * 43,
    "WECHAT_ACCOUNT": "gh_1",
    "PUBLIC_URL": "https://linli.example.com",
}


def test_without_any_setting_it_would_speak_to_the_real_wechat_on_this_machine_only() -> None:
    settings = load_settings({})
    assert settings.wechat_api_base == "https://api.weixin.qq.com"
    assert (settings.host, settings.port, settings.simulator) == ("127.0.0.1", 8000, False)
    assert settings.database_url == "sqlite:///data/linli.db"


def test_with_the_simulator_every_address_points_at_it_unless_set_otherwise(tmp_path: Path) -> None:
    base = {"SIMULATOR": "1", "PORT": "8010", "DATA_DIR": str(tmp_path)}
    settings = load_settings({**base, "WECHAT_MP_BASE": "http://127.0.0.1:9/"})
    assert settings.wechat_api_base == settings.wxpay_api_base == "http://127.0.0.1:8011"
    assert settings.wechat_mp_base == "http://127.0.0.1:9"
    assert settings.wechat_token == PRETEND["WECHAT_TOKEN"]


def test_a_training_set_up_keeps_its_secret_over_a_restart(tmp_path: Path) -> None:
    environment = {"SIMULATOR": "1", "DATA_DIR": str(tmp_path)}
    first, second = load_settings(environment), load_settings(environment)
    assert first.secret_key == second.secret_key != ""
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"), ("PORT", "65536"), ("PORT", "８０００"), ("PORT", "8000.0"), ("PORT", "-1"),
        ("SIMULATOR", "yes"), ("WECHAT_MODE", "secret"), ("WEB_PROCESSES", "0"), ("WEB_THREADS", "1e3"),
        ("LOG_LEVEL", "chatty"), ("PUBLIC_URL", "linli.example.com"), ("WECHAT_API_BASE", "ftp://x"),
        ("WECHAT_TIMESTAMP_WINDOW", "never"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_used_stops_the_start_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name} must be"):
        load_settings({name: value})


def test_a_refusal_never_shows_the_value() -> None:
    with pytest.raises(BadSetting) as refused:
        load_settings({"WXPAY_API_BASE": "my-private-key"})
    assert "my-private-key" not in str(refused.value)


def test_production_starts_with_everything_set() -> None:
    refuse_unsafe(load_settings(FIT))


@pytest.mark.parametrize("name", [name for name in FIT if name != "PUBLIC_URL"])
def test_production_names_what_is_missing(name: str) -> None:
    with pytest.raises(BadSetting, match=name):
        refuse_unsafe(load_settings({**FIT, name: ""}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("WECHAT_AES_KEY", "a" * 42),
        ("SIMULATOR", "1"),
        ("WECHAT_TOKEN", PRETEND["WECHAT_TOKEN"]),
        ("WECHAT_SECRET", PRETEND["WECHAT_SECRET"]),
        ("WECHAT_AES_KEY", PRETEND["WECHAT_AES_KEY"]),
        ("PUBLIC_URL", "http://linli.example.com"),
        ("WECHAT_API_BASE", "http://api.weixin.qq.com"),
        ("WXPAY_API_BASE", "http://127.0.0.1.evil.com"),
    ],
)
def test_production_refuses_what_is_unsafe_by_name(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=name):
        refuse_unsafe(load_settings({**FIT, "DATA_DIR": str(tmp_path), name: value}))


PAPAY = {"PAPAY_PLAN_ID": "12535", "PAPAY_API_KEY": "k" * 32}


@pytest.mark.parametrize(
    "change",
    [
        {"PAPAY_PLAN_ID": ""},
        {"PAPAY_PLAN_ID": "plan"},
        {"PAPAY_API_KEY": "k" * 31},
        {"PAPAY_API_KEY": PRETEND["PAPAY_API_KEY"]},
        {"PAPAY_FROM_HOUR": "22"},
    ],
)
def test_what_takes_money_by_itself_is_switched_on_with_all_it_needs_or_not_at_all(change: dict[str, str]) -> None:
    asked = load_settings({**FIT, **PAPAY, "PAPAY": "1", **change}).papay
    assert next(iter(change)) in papay_problem(asked, pays_online=True, pretend=PRETEND)
    fit = load_settings({**FIT, **PAPAY, "PAPAY": "1"}).papay
    assert papay_problem(fit, pays_online=True, pretend=PRETEND) == ""
    assert "WXPAY" in papay_problem(fit, pays_online=False, pretend=PRETEND)
    assert not load_settings(FIT).papay.on
    assert (fit.tries, fit.retry_days) == (2, 10)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9000", "http://127.8.8.8", "http://localhost:1", "http://[::1]:80"]
)
def test_this_machine_itself_counts_as_safe(address: str) -> None:
    refuse_unsafe(load_settings({**FIT, "WECHAT_API_BASE": address, "PUBLIC_URL": address}))


def test_no_secret_is_shown_when_settings_are_printed() -> None:
    shown = repr(
        load_settings({**FIT, "DATABASE_URL": "postgresql://me:hidden@db/x", "REDIS_URL": "redis://:hidden@r"})
    )
    for value in (FIT["SECRET_KEY"], FIT["WECHAT_SECRET"], FIT["WECHAT_TOKEN"], FIT["WECHAT_AES_KEY"], "hidden"):
        assert value not in shown


def test_settings_cannot_be_changed_while_running() -> None:
    settings: Settings = load_settings({})
    with pytest.raises(AttributeError):
        settings.port = 1  # type: ignore[misc]
