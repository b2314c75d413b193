"""What must never lie in the database in plain: sealed with a key of the company's (Fernet: AES-128-CBC with HMAC-SHA256), so that a
stolen copy of the database gives nothing away."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.errors import Refusal

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

NO_KEY = "没有密钥，卡号不能保存：请管理员设好 SECRET_KEY。"
WRONG_KEY = "存着的卡号打不开：DATA_KEY 或 SECRET_KEY 换过了，请管理员把原来的加回 DATA_KEY。"
_PURPOSE = b"linli: account numbers"


class Vault:
    """`secrets`: the first seals, all of them open, so that a key can be changed without losing what it sealed."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)
        self._made: MultiFernet | None = None

    def seal(self, text: str) -> str:
        """Another text each time, even for the same. Raises Refusal without a key."""
        return self._box.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises Refusal for what was sealed with another key."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 (takes long to load; most programs never need it)

        try:
            return self._box.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Refusal(WRONG_KEY) from None

    def holds(self, sealed: str, text: str) -> bool:
        """Is it this that was sealed? False as well when it cannot be opened."""
        try:
            return self.open(sealed) == text
        except Refusal:
            return False

    @property
    def _box(self) -> "MultiFernet":
        if not self._secrets:
            raise Refusal(NO_KEY)
        if self._made is None:
            from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 (see above)

            self._made = MultiFernet([Fernet(_key_of(secret)) for secret in self._secrets])
        return self._made


def _key_of(secret: str) -> bytes:
    """A key for this purpose alone: who has it learns nothing of what else the secret signs."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 (see above)
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 (see above)

    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
