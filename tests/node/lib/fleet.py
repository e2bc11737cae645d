#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many WebSocket clients that write without a pause, and come back when they were sent away.

usage: fleet.py COUNT CHANNELS

Client i adds 1 to its own record `c<i>` of the channel `fleet:<i % CHANNELS>`, WINDOW ops at a
time. It talks to its parent in lines. After `go PORT` all connect and write; `loaded` is said once
each has an ack. When all were closed, one line of JSON says how: codes, hints, and what was sent
and acked by record. After `again PORT` all connect again and resend, with the same numbers, what
they have no verdict of, and nothing else; one more line of JSON says what came of it.
"""

import collections
import json
import secrets
import selectors
import socket
import sys

WINDOW = 2
# Connections that are on their way in at the same time.
AT_ONCE = 200
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
    def __init__(self, number, channels):
        self.key = f"c{number}"
        self.channel = f"fleet:{number % channels}"
        self.id = secrets.token_hex(16)
        self.n = 0
        self.pending = {}
        self.outcomes = collections.Counter()
        self.acked = 0
        self.problems = []
        self.writes = True
        self.socket = None

    def connect(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.bytes = bytearray()
        self.upgraded = self.welcome = False
        self.closed = None
        self.hint = None
        self.write(UPGRADE.encode())

    def write(self, data):
        # So few bytes always fit; a server that has closed takes them no more.
        try:
            self.socket.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self):
        try:
            got = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionResetError:
            got = b""
        self.bytes += got
        self.take()
        if not got and self.closed is None:
            self.closed = 1006
        if self.closed is not None:
            self.socket.close()

    def take(self):
        if not self.upgraded:
            if b"\r\n\r\n" not in self.bytes:
                return
            if not self.bytes.startswith(b"HTTP/1.1 101 "):
                self.problems.append(self.bytes[:200].decode())
                self.closed = 0
                return
            self.upgraded = True
            del self.bytes[: self.bytes.index(b"\r\n\r\n") + 4]
            self.write(frame({"type": "hello", "id": 0, "protocol": 1, "client": self.id}))
        while len(self.bytes) >= 2 and self.closed is None:
            size, head = self.bytes[1], 2
            if size == 126:
                size, head = int.from_bytes(self.bytes[2:4], "big"), 4
            if len(self.bytes) < head + size:
                return
            opcode, payload = self.bytes[0] & 15, bytes(self.bytes[head : head + size])
            del self.bytes[: head + size]
            if opcode == 8:
                self.closed = int.from_bytes(payload[:2], "big")
            if opcode == 1:
                self.message(json.loads(payload))

    def message(self, message):
        if message["type"] == "welcome":
            self.welcome = True
            for op in self.pending.values():
                self.write(frame(op))
            self.fill()
        elif message["type"] == "ack" and self.pending.pop(message["n"], None):
            self.acked += 1
            self.outcomes[message["outcome"]] += 1
            self.fill()
        elif message["type"] == "error" and message["code"] == 1502 and "n" not in message:
            self.hint = message.get("retryAfterMs")
        elif message["type"] != "error" or message["code"] != 1502 or message["settled"]:
            self.problems.append(message)

    def fill(self):
        while self.writes and len(self.pending) < WINDOW:
            self.n += 1
            op = {"type": "op", "id": self.n, "channel": self.channel, "key": self.key, "n": self.n}
            op.update(kind="increment", path="/count", by=1)
            self.pending[self.n] = op
            self.write(frame(op))


class Fleet:
    def __init__(self, clients):
        self.clients = clients
        self.selector = selectors.DefaultSelector()

    def enter(self, client, port):
        client.connect(port)
        self.selector.register(client.socket, selectors.EVENT_READ, client)

    def serve(self):
        """Takes what is there, from those who have something. Answers who that was."""
        found = [key.data for key, _ in self.selector.select()]
        for client in found:
            descriptor = client.socket
            client.receive()
            if client.closed is not None:
                self.selector.unregister(descriptor)
        return found

    def connect(self, port):
        for begin in range(0, len(self.clients), AT_ONCE):
            batch = self.clients[begin : begin + AT_ONCE]
            for client in batch:
                self.enter(client, port)
            self.serve_until(batch, lambda one: one.welcome)

    def serve_until(self, clients, done):
        waiting = {client for client in clients if not done(client) and client.closed is None}
        while waiting:
            for client in self.serve():
                if client in waiting and (done(client) or client.closed is not None):
                    waiting.remove(client)

    def tell(self, **more):
        sample = [problem for client in self.clients for problem in client.problems]
        summary = {
            "codes": collections.Counter(str(client.closed) for client in self.clients),
            "sent": {client.key: client.n for client in self.clients},
            "acked": {client.key: client.acked for client in self.clients},
            "problems": sample[:5],
        }
        print(json.dumps(summary | more), flush=True)


def command(name):
    word, port = sys.stdin.readline().split()
    assert word == name, word
    return int(port)


def main():
    count, channels = int(sys.argv[1]), int(sys.argv[2])
    fleet = Fleet([Client(number, channels) for number in range(count)])
    fleet.connect(command("go"))
    fleet.serve_until(fleet.clients, lambda one: one.acked > 0)
    print("loaded", flush=True)
    fleet.serve_until(fleet.clients, lambda one: False)
    fleet.tell(hints=[client.hint for client in fleet.clients])

    port = command("again")
    for client in fleet.clients:
        client.writes = False
        client.outcomes.clear()
    fleet.connect(port)
    fleet.serve_until(fleet.clients, lambda one: not one.pending)
    outcomes = sum((client.outcomes for client in fleet.clients), collections.Counter())
    fleet.tell(outcomes=outcomes, pending=sum(len(client.pending) for client in fleet.clients))


main()
