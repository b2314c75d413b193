"""What can be set from outside? The only reader of the environment; a bad value stops the start and is named."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from bot.config_papay import Papay, papay_problem, read_papay
from bot.config_sending import Sending, read_sending


class BadSetting(Exception):
    """A setting that cannot be used. The message names it and says what would be right; its value is never shown."""


@dataclass(frozen=True)
class Settings:
    """Every setting, typed. Names are the environment's in lower case; .env.example explains each."""

    data_dir: Path
    host: str
    port: int
    public_url: str
    trusted_hosts: tuple[str, ...]  # the names we answer to
    secret_key: str = field(repr=False)
    data_keys: tuple[str, ...] = field(repr=False)  # what seals account numbers, the newest first
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    wechat_appid: str
    wechat_secret: str = field(repr=False)
    wechat_token: str = field(repr=False)
    wechat_aes_key: str = field(repr=False)
    wechat_mode: str
    wechat_account: str
    wechat_api_base: str
    wechat_open_base: str
    wechat_mp_base: str
    wechat_timestamp_window: int  # seconds a signed request may be old; 0: any age
    wechat_templates: Mapping[str, str]  # our name of a template → the id WeChat gave it
    wxpay_mchid: str
    wxpay_apiv3_key: str = field(repr=False)
    wxpay_private_key_file: str
    wxpay_cert_serial: str
    wxpay_public_key_file: str
    wxpay_public_key_id: str
    wxpay_api_base: str
    papay: Papay
    opinion_url: str  # an OpenAI-compatible service that is asked about what is not understood; "" for none
    opinion_key: str = field(repr=False)
    opinion_model: str
    speech_model: str  # the folder of the model that listens to voice messages; "" for none
    media_max_bytes: Mapping[str, int]  # image, voice, video → the largest file taken
    media_max_pixels: int  # of a picture, before it is made smaller
    media_keep_days: int  # after an order is closed
    simulator: bool
    simulator_port: int
    web_processes: int
    web_threads: int
    sending: Sending
    sticker_kind: str  # wechat: WeChat's own permanent codes · page: our /q/<code>
    scan_valid_minutes: int  # how long a scanned place is where the next words belong
    import_max_mb: int
    import_max_unpacked_mb: int
    import_max_ratio: int  # unpacked bytes for one packed byte
    import_max_entries: int  # files inside one .xlsx
    import_max_rows: int
    log_level: str

    @property
    def pays_online(self) -> bool:
        """Is WeChat Pay set up?"""
        return bool(self.wxpay_mchid)


_PRETEND_KEYS = Path(__file__).parent / "simulator" / "keys"

# What the simulator plays, so that `make run` needs nothing from WeChat.
PRETEND = {
    "WECHAT_APPID": "wx0123456789abcdef",
    "WECHAT_SECRET": "pretend-secret-of-the-simulator0",
    "WECHAT_TOKEN": "pretendtoken",
    "WECHAT_AES_KEY": "PretendKeyOfTheSimulatorPretendKeyOfTheSimA",
    "WECHAT_ACCOUNT": "gh_linli_demo",
    "WECHAT_TEMPLATE_ORDER_NEWS": "tmpl-order-news",
    "WECHAT_TEMPLATE_ORDER_TASK": "tmpl-order-task",
    "WECHAT_TEMPLATE_ALARM": "tmpl-alarm",
    "WECHAT_TEMPLATE_NOTICE": "tmpl-notice",
    "WECHAT_SUBSCRIPTION_ORDER_NEWS": "sub-order-news",
    "SMS_PROVIDER": "tencent",
    "SMS_SECRET_ID": "AKIDpretendofthesimulator",
    "SMS_SECRET_KEY": "pretend-sms-key-of-the-simulator",
    "SMS_APP_ID": "1400000000",
    "SMS_SIGN_NAME": "邻里管家",
    "SMS_TEMPLATE_ORDER_NEWS": "1000001",
    "SMS_TEMPLATE_ORDER_TASK": "1000002",
    "SMS_TEMPLATE_ALARM": "1000003",
    "WECHAT_TEMPLATE_BILL": "tmpl-bill",
    "WXPAY_MCHID": "1900000109",
    "WXPAY_APIV3_KEY": "PretendApiV3KeyOfTheSimulator000",
    "WXPAY_PRIVATE_KEY_FILE": str(_PRETEND_KEYS / "merchant_private.pem"),
    "WXPAY_CERT_SERIAL": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
    "WXPAY_PUBLIC_KEY_FILE": str(_PRETEND_KEYS / "platform_public.pem"),
    "WXPAY_PUBLIC_KEY_ID": "PUB_KEY_ID_0119000001092026010100000000000001",
    "PAPAY_PLAN_ID": "12535",
    "PAPAY_API_KEY": "PretendApiV2KeyOfTheSimulator000",
}

TEMPLATES = ("order_news", "order_task", "alarm", "notice", "bill")


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment, and `.env` beneath it. Raises BadSetting."""
    if environment is None:
        environment = {**{k: v or "" for k, v in dotenv_values(".env").items()}, **os.environ}
    read = _Reader(environment)
    simulator = read.flag("SIMULATOR", False)
    if simulator:
        read.defaults = PRETEND
    port = read.number("PORT", 8000, 1, 65535)
    public_url = read.address("PUBLIC_URL", f"http://127.0.0.1:{port}")
    simulator_port = read.number("SIMULATOR_PORT", port % 65535 + 1, 1, 65535)
    pretend_base = f"http://127.0.0.1:{simulator_port}"
    data_dir = Path(read.text("DATA_DIR", "./data"))
    database_url = read.text("DATABASE_URL") or f"sqlite:///{data_dir / 'linli.db'}"
    return Settings(
        data_dir=data_dir,
        host=read.text("HOST", "127.0.0.1"),
        port=port,
        public_url=public_url,
        trusted_hosts=_names_of(public_url, read.text("TRUSTED_HOSTS")),
        secret_key=(secret := read.text("SECRET_KEY") or (_kept_secret(data_dir) if simulator else "")),
        data_keys=tuple(read.text("DATA_KEY").replace(",", " ").split()) or (secret,),
        database_url=database_url,
        redis_url=read.text("REDIS_URL"),
        wechat_appid=read.text("WECHAT_APPID"),
        wechat_secret=read.text("WECHAT_SECRET"),
        wechat_token=read.text("WECHAT_TOKEN"),
        wechat_aes_key=read.text("WECHAT_AES_KEY"),
        wechat_mode=read.one_of("WECHAT_MODE", "safe", ("safe", "compatible", "plain")),
        wechat_account=read.text("WECHAT_ACCOUNT"),
        wechat_api_base=read.address("WECHAT_API_BASE", pretend_base if simulator else "https://api.weixin.qq.com"),
        wechat_open_base=read.address("WECHAT_OPEN_BASE", pretend_base if simulator else "https://open.weixin.qq.com"),
        wechat_mp_base=read.address("WECHAT_MP_BASE", pretend_base if simulator else "https://mp.weixin.qq.com"),
        wechat_timestamp_window=read.number("WECHAT_TIMESTAMP_WINDOW", 0 if simulator else 300, 0, 86_400),
        wechat_templates={name: read.text(f"WECHAT_TEMPLATE_{name.upper()}") for name in TEMPLATES},
        wxpay_mchid=read.text("WXPAY_MCHID"),
        wxpay_apiv3_key=read.text("WXPAY_APIV3_KEY"),
        wxpay_private_key_file=read.text("WXPAY_PRIVATE_KEY_FILE"),
        wxpay_cert_serial=read.text("WXPAY_CERT_SERIAL"),
        wxpay_public_key_file=read.text("WXPAY_PUBLIC_KEY_FILE"),
        wxpay_public_key_id=read.text("WXPAY_PUBLIC_KEY_ID"),
        wxpay_api_base=read.address("WXPAY_API_BASE", pretend_base if simulator else "https://api.mch.weixin.qq.com"),
        papay=read_papay(read),
        opinion_url=read.address("OPINION_URL", "") if read.text("OPINION_URL") else "",
        opinion_key=read.text("OPINION_KEY"),
        opinion_model=read.text("OPINION_MODEL"),
        speech_model=read.text("SPEECH_MODEL"),
        media_max_bytes={
            "image": read.number("MEDIA_MAX_IMAGE_MB", 10, 1, 100) * 2**20,
            "voice": read.number("MEDIA_MAX_VOICE_MB", 2, 1, 100) * 2**20,
            "video": read.number("MEDIA_MAX_VIDEO_MB", 25, 1, 200) * 2**20,
        },
        media_max_pixels=read.number("MEDIA_MAX_MEGAPIXELS", 40, 1, 200) * 1_000_000,
        media_keep_days=read.number("MEDIA_KEEP_DAYS", 1095, 1, 36_500),
        simulator=simulator,
        simulator_port=simulator_port,
        web_processes=read.number("WEB_PROCESSES", 1, 1, 64),
        web_threads=read.number("WEB_THREADS", 8, 1, 64),
        sending=read_sending(read, f"{pretend_base}/sms" if simulator else "https://sms.tencentcloudapi.com"),
        sticker_kind=read.one_of("STICKER_KIND", "wechat", ("wechat", "page")),
        scan_valid_minutes=read.number("SCAN_VALID_MINUTES", 30, 1, 30),
        import_max_mb=read.number("IMPORT_MAX_MB", 50, 1, 1000),
        import_max_unpacked_mb=read.number("IMPORT_MAX_UNPACKED_MB", 200, 1, 4000),
        import_max_ratio=read.number("IMPORT_MAX_RATIO", 200, 10, 10_000),
        import_max_entries=read.number("IMPORT_MAX_ENTRIES", 2_000, 10, 100_000),
        import_max_rows=read.number("IMPORT_MAX_ROWS", 200_000, 1_000, 1_048_576),
        log_level=read.one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    )


def refuse_unsafe(settings: Settings) -> None:
    """What `make serve` checks before it starts anything. Raises BadSetting naming the first setting that is not fit."""
    for name in ("SECRET_KEY", "WECHAT_APPID", "WECHAT_SECRET", "WECHAT_TOKEN", "WECHAT_AES_KEY", "WECHAT_ACCOUNT"):
        if not getattr(settings, name.lower()):
            raise BadSetting(f"{name} is missing: see .env.example")
    if len(settings.secret_key) < 16:
        raise BadSetting("SECRET_KEY is too short: use 16 characters or more, nobody else knows them")
    if any(len(key) < 16 for key in settings.data_keys):
        raise BadSetting("DATA_KEY is too short: use 16 characters or more for each key, nobody else knows them")
    if len(settings.wechat_aes_key) != 43:
        raise BadSetting("WECHAT_AES_KEY must be the 43 characters that the official account's page shows")
    if settings.simulator:
        raise BadSetting("SIMULATOR must be 0 in production")
    _refuse_pretence(settings)
    _refuse_half_a_merchant(settings)
    if problem := papay_problem(settings.papay, pays_online=settings.pays_online, pretend=PRETEND):
        raise BadSetting(problem)
    _refuse_open_addresses(settings)


def _refuse_pretence(settings: Settings) -> None:
    for name in ("WECHAT_TOKEN", "WECHAT_SECRET", "WECHAT_AES_KEY"):
        if getattr(settings, name.lower()) == PRETEND[name]:
            raise BadSetting(f"{name} is the simulator's: use the official account's own")
    sms = settings.sending.sms
    for name in ("SMS_SECRET_ID", "SMS_SECRET_KEY", "SMS_APP_ID", "SMS_SIGN_NAME") if sms.provider else ():
        if not getattr(sms, name.removeprefix("SMS_").lower()):
            raise BadSetting(f"{name} is missing: SMS_PROVIDER needs it, see .env.example")


def _refuse_half_a_merchant(settings: Settings) -> None:
    """WeChat Pay is set up wholly or not at all, and never with the simulator's keys."""
    given = {name: getattr(settings, name.lower()) for name in PRETEND if name.startswith("WXPAY_")}
    if not any(given.values()):
        return
    for name, value in given.items():
        if not value:
            raise BadSetting(f"{name} is missing: WeChat Pay needs all of {', '.join(given)}, or none")
        if value == PRETEND[name]:
            raise BadSetting(f"{name} is the simulator's: use the merchant's own")
        if name.endswith("_FILE") and not Path(value).is_file():
            raise BadSetting(f"{name} must be a file that can be read")
    if len(settings.wxpay_apiv3_key) != 32:
        raise BadSetting("WXPAY_APIV3_KEY must be the 32 characters that were set at the merchant platform")


def _refuse_open_addresses(settings: Settings) -> None:
    addresses = {
        name: getattr(settings, name.lower())
        for name in ("PUBLIC_URL", "WECHAT_API_BASE", "WECHAT_OPEN_BASE", "WECHAT_MP_BASE", "WXPAY_API_BASE")
    }
    for name, value in {**addresses, "SMS_API_BASE": settings.sending.sms.api_base}.items():
        address = urlsplit(value)
        if address.scheme != "https" and not _is_loopback(address.hostname or ""):
            raise BadSetting(f"{name} must begin with https:// (http is only safe on this machine itself)")


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.defaults: Mapping[str, str] = {}

    def text(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or self.defaults.get(name, "") or default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            raise BadSetting(f"{name} must be a whole number from {low} to {high}")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        return self.one_of(name, "1" if default else "0", ("0", "1")) == "1"

    def one_of(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise BadSetting(f"{name} must be one of {', '.join(choices)}")
        return value

    def address(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BadSetting(f"{name} must be an address such as https://example.com")
        return value


def _names_of(public_url: str, more: str) -> tuple[str, ...]:
    """The name in PUBLIC_URL, this machine's own, and what was set besides, with blanks or commas between."""
    own = urlsplit(public_url).hostname or ""
    return (own, "127.0.0.1", "localhost", *more.replace(",", " ").lower().split())


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _kept_secret(data_dir: Path) -> str:
    """A secret of this installation's own, so that sessions survive a restart of the training set-up."""
    path = data_dir / "secret-key"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(secrets.token_urlsafe(32))
        path.chmod(0o600)
    return path.read_text()
