"""What the peers' programs are told from outside."""

import os

TOKEN, APPID, AES_KEY = (os.environ[f"WECHAT_{name}"] for name in ("TOKEN", "APPID", "AES_KEY"))
REDIS_SOCKET = os.environ.get("PEER_REDIS", "")
DATABASE_URL = os.environ.get("PEER_DATABASE", "")
SESSION_FILE = os.environ.get("PEER_SESSION_FILE", "")
