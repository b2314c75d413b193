"""A session whose plain posts take the short way: urllib3's connections without what requests does around each call.

Half of what sending a message costs the processor is requests preparing it (cookies, hooks, redirects, environment); none of
that is wanted here. Everything else (uploads, downloads, proxies) goes through requests as usual.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import certifi
import requests
import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError

_PLAIN = frozenset({"params", "data", "headers", "timeout", "allow_redirects"})
_JSON = {"Content-Type": "application/json"}


class PooledSession(requests.Session):
    """Safe to share between threads. `connections` are kept open to each host."""

    def __init__(self, connections: int) -> None:
        super().__init__()
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=connections)
        self.mount("http://", adapter)
        self.mount("https://", adapter)
        self._pool = urllib3.PoolManager(
            maxsize=connections, cert_reqs="CERT_REQUIRED", ca_certs=certifi.where(), retries=False
        )
        self._proxied: dict[str, bool] = {}

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        if args or not isinstance(url, str) or not self._is_plain(method, url, options):
            return super().request(method, url, *args, **options)
        return self._post(url, options)

    def _is_plain(self, method: str | bytes, url: str, options: Mapping[str, Any]) -> bool:
        plain = isinstance(options.get("data"), bytes) and options.get("allow_redirects") is False
        return method == "post" and plain and options.keys() <= _PLAIN and not self._goes_by_proxy(url)

    def _goes_by_proxy(self, url: str) -> bool:
        host = url.split("/", 3)[2]
        if host not in self._proxied:
            self._proxied[host] = bool(requests.utils.get_environ_proxies(url))
        return self._proxied[host]

    def _post(self, url: str, options: Mapping[str, Any]) -> requests.Response:
        """Raises what requests would."""
        if options.get("params"):
            url = f"{url}?{urlencode(options['params'])}"
        connect, read = options["timeout"]
        try:
            answer = self._pool.request(
                "POST",
                url,
                body=options["data"],
                headers={**_JSON, **(options.get("headers") or {})},
                timeout=urllib3.Timeout(connect=connect, read=read),
                redirect=False,
            )
        except (NewConnectionError, ConnectTimeoutError) as error:
            raise requests.ConnectTimeout(type(error).__name__) from None
        except ReadTimeoutError as error:
            raise requests.ReadTimeout(type(error).__name__) from None
        except (HTTPError, OSError) as error:
            raise requests.ConnectionError(type(error).__name__) from None
        response = requests.Response()
        response.status_code, response._content = answer.status, answer.data
        response.headers.update(answer.headers)
        return response
