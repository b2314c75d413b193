"""A line that can be cut: passes a TCP port on to a server's socket file, until it is told to refuse, to stall or to reset."""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Mood = Literal["fine", "refusing", "stalling"]

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, for zero seconds


class Line:
    """`mood`: fine; refusing (new connections are reset at once); stalling (nothing passes, nobody is told: a half-open line)."""

    def __init__(self, target: str) -> None:
        self.mood: Mood = "fine"
        self.port = 0
        self._target = target
        self._ends: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def reset(self) -> None:
        """Every connection there is ends, as after a restart of whatever lay between."""
        asyncio.run_coroutine_threadsafe(self._reset(), self._loop).result(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _reset(self) -> None:
        for end in list(self._ends):
            _cut(end)
        self._ends.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            while self.mood == "stalling":
                await asyncio.sleep(0.02)
            if self.mood == "refusing":
                _cut(writer)
                return
            far_reader, far_writer = await asyncio.open_unix_connection(self._target)
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        except OSError:
            pass
        finally:
            self._ends.discard(writer)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                while self.mood == "stalling":
                    await asyncio.sleep(0.02)
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    def __enter__(self) -> "Line":
        self._thread.start()
        self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.mood = "refusing"
        self.reset()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


def _cut(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    with Line(target) as line:
        yield line
