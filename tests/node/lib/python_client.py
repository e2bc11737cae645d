# SPDX-License-Identifier: Apache-2.0
"""A WebSocket client of another make (Debian's python3-websockets): sends messages and prints answers.

    python_client.py URL < messages      one JSON message a line, each with an id; one answer a line
"""
import asyncio
import json
import sys

import websockets


async def main(url):
    async with websockets.connect(url, subprotocols=["syncline.v1"]) as socket:
        assert socket.subprotocol == "syncline.v1"
        for line in sys.stdin:
            message = json.loads(line)
            await socket.send(json.dumps(message))
            while True:
                answer = json.loads(await asyncio.wait_for(socket.recv(), 60))
                if answer.get("re") == message["id"]:
                    break
            print(json.dumps(answer), flush=True)


asyncio.run(main(sys.argv[1]))
