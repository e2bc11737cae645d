#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients on bare sockets that do not take what they are sent.

usage: crowd.py PORT CHANNEL COUNT

Every second one is frozen, the others take one byte a second. It talks to its parent in lines:
`live` once all follow the channel; after the line `wake SEQ` everybody reads, and once all are at
SEQ and live, or closed, one line of JSON says how they ended.
"""

import collections
import hashlib
import json
import select
import selectors
import socket
import sys

UPGRADE = (
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


def frame(message):
    """A masked text frame; the mask is zero, so that the text stands as it is."""
    payload = json.dumps(message).encode()
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + size.to_bytes(2, "big")
    return head + bytes(4) + payload


class Client:
    def __init__(self, port, channel, number):
        self.socket = socket.socket()
        # A small window: what is sent to it waits at the server, not in the kernel.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.bytes = bytearray()
        self.state = {}
        self.gathered = []
        self.seq = 0
        self.live = False
        self.resyncs = -1
        self.spans = 0
        self.gaps = 0
        self.closed = None
        self.errors = []
        self.socket.sendall(UPGRADE.encode())
        while b"\r\n\r\n" not in self.bytes:
            self.bytes += self.socket.recv(4096)
        del self.bytes[: self.bytes.index(b"\r\n\r\n") + 4]
        hello = frame({"type": "hello", "protocol": 1, "client": f"{number:032x}"})
        self.socket.sendall(hello + frame({"type": "subscribe", "channel": channel}))

    def receive(self, size):
        try:
            got = self.socket.recv(size)
        except BlockingIOError:
            return
        except ConnectionResetError:
            got = b""
        if not got and self.closed is None:
            self.closed = 1006
        self.bytes += got
        self.take()

    def take(self):
        while len(self.bytes) >= 2:
            size, head = self.bytes[1], 2
            if size == 126:
                size, head = int.from_bytes(self.bytes[2:4], "big"), 4
            elif size == 127:
                size, head = int.from_bytes(self.bytes[2:10], "big"), 10
            if len(self.bytes) < head + size:
                return
            opcode, payload = self.bytes[0] & 15, bytes(self.bytes[head : head + size])
            del self.bytes[: head + size]
            if opcode == 8:
                self.closed = int.from_bytes(payload[:2], "big")
            if opcode == 1:
                self.message(json.loads(payload))

    def message(self, message):
        kind = message["type"]
        if kind == "subscribed":
            self.resyncs += 1
            self.live = False
        elif kind == "live":
            self.live = True
            self.gaps += message["seq"] != self.seq
        elif kind == "error":
            self.errors.append(message["code"])
        elif kind == "update":
            self.update(message)
        elif kind == "updates":
            for update in message["updates"]:
                self.update(update)
        elif kind in ("snapshot", "records"):
            self.gaps += kind == "records" and message["from"] != self.seq + 1
            self.gathered += message["records"]
            if message["more"]:
                return
            if kind == "snapshot":
                self.state = {}
            self.spans += kind == "records"
            self.state.update((record["key"], record["value"]) for record in self.gathered)
            self.gathered = []
            self.seq = message["seq"]

    def update(self, update):
        self.gaps += update["seq"] != self.seq + 1
        self.seq = update["seq"]
        self.state[update["key"]] = update["value"]

    def digest(self):
        return hashlib.sha256(json.dumps(self.state, sort_keys=True).encode()).hexdigest()


def read_until(clients, ended):
    selector = selectors.DefaultSelector()
    waiting = [client for client in clients if not ended(client)]
    for client in waiting:
        selector.register(client.socket, selectors.EVENT_READ, client)
    left = len(waiting)
    while left:
        for key, _ in selector.select():
            key.data.receive(1 << 16)
            if ended(key.data):
                selector.unregister(key.data.socket)
                left -= 1


def main():
    port, channel, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    clients = []
    for number in range(count):
        client = Client(port, channel, number + 1)
        client.take()
        read_until([client], lambda one: one.live)
        client.socket.setblocking(False)
        clients.append(client)
    print("live", flush=True)

    while not select.select([sys.stdin], [], [], 1)[0]:
        for client in clients[::2]:
            client.receive(1)
    target = int(sys.stdin.readline().split()[1])
    for client in clients:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    read_until(clients, lambda one: one.closed or (one.live and one.seq >= target))
    print(
        json.dumps(
            {
                "digests": collections.Counter(client.digest() for client in clients),
                "state": clients[0].state,
                "closed": collections.Counter(str(client.closed) for client in clients),
                "errors": collections.Counter(code for client in clients for code in client.errors),
                "gaps": sum(client.gaps for client in clients),
                "resynced": sum(client.resyncs > 0 for client in clients),
                "conflated": sum(client.spans > 0 for client in clients),
            }
        ),
        flush=True,
    )


main()
