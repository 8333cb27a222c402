"""The least that serves the booster on the same stack (asyncio and h11): the floor of serving.

It takes every request for rows of CSV, checks nothing, has no limits and never stops by itself.

Usage: python bench/peers/serve_bare.py MODEL_PATH PORT
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, cast

# As in the warmed process: XGBoost looks for both, and they slow every import down.
for name in ("pandas", "sklearn"):
    sys.modules[name] = None  # type: ignore[assignment]

import h11  # noqa: E402
import numpy as np  # noqa: E402
import xgboost as xgb  # noqa: E402


class Connection(asyncio.Protocol):
    """Answers the requests of one connection."""

    def __init__(self, booster: xgb.Booster) -> None:
        """Keep the booster."""
        self.booster = booster
        self.http = h11.Connection(h11.SERVER)
        self.body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self.http.receive_data(data)
        while (event := self.http.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Data):
                self.body += event.data
            elif isinstance(event, h11.EndOfMessage):
                self.answer()
            elif isinstance(event, h11.ConnectionClosed):
                self.transport.close()
                return

    def answer(self) -> None:
        """Predict the rows of the body."""
        lines = self.body.decode().strip().split("\n") if self.body else []
        text = "\n".join(map(str, self.predict(lines).tolist())).encode() if lines else b""
        self.body = b""
        headers = [("Content-Type", "text/csv"), ("Content-Length", str(len(text)))]
        parts = [
            self.http.send(h11.Response(status_code=200, headers=headers)),
            self.http.send(h11.Data(data=text)),
            self.http.send(h11.EndOfMessage()),
        ]
        self.transport.write(b"".join(part for part in parts if part))
        self.http.start_next_cycle()

    def predict(self, lines: list[str]) -> Any:
        """Return the predictions of rows of CSV."""
        if len(lines) == 1:
            table = np.array([list(map(float, lines[0].split(",")))], dtype=np.float32)
        else:
            table = np.loadtxt(lines, np.float32, delimiter=",", ndmin=2)
        return self.booster.inplace_predict(table, validate_features=False)


async def main(model_path: str, port: int) -> None:
    """Serve for ever."""
    booster = xgb.Booster(model_file=model_path)
    booster.set_param("nthread", 1)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(booster), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
