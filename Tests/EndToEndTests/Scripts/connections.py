"""Connections through a forward, as programs of the technician's make them. Prints JSON, one object a line.

usage: connections.py exchange PORT COUNT BYTES [HOST TARGET-PORT]
       connections.py upload PORT BYTES
       connections.py push PORT [COUNT]
       connections.py ignore PORT COUNT
       connections.py stall PORT
       connections.py hold PORT COUNT
       connections.py refused PORT [HOST TARGET-PORT]
       connections.py pass SOCKET COMMAND…

exchange  opens COUNT connections to a `targets.py answer`, waits until all have been greeted, then sends BYTES random
          bytes on each, ends its own direction, and compares what comes back
upload    reads to the end, and only then sends BYTES random bytes; prints their SHA-256
push      sends zeros for as long as they are taken, on COUNT connections or one; prints how many, each MiB
ignore    opens COUNT connections, says so, and reads nothing
stall     reads 1 MiB, says so, waits for a line on its standard input, reads 32 MiB more and says so
hold      opens COUNT connections and keeps them; prints how many were closed, each time it is another number
refused   connects and reads: prints how long it took to be closed, and what came
pass      runs COMMAND until it listens at the path SOCKET, sends its standard input there, ends that direction, and copies
          what comes back to its standard output; fails when that ends before its input did, or COMMAND does

With HOST and TARGET-PORT, the port is a SOCKS5 server that is asked for them by name (RFC 1928).
"""
import hashlib
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

mode = sys.argv[1]
port = None if mode == "pass" else int(sys.argv[2])


def say(**members):
    print(json.dumps(members), flush=True)


def receive(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError(f"closed after {len(data)} of {count} bytes")
        data += piece
    return data


def connect(through):
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    if through:
        host = through[0].encode()
        connection.sendall(b"\x05\x01\x00")
        assert receive(connection, 2) == b"\x05\x00"
        connection.sendall(b"\x05\x01\x00\x03" + bytes([len(host)]) + host + struct.pack(">H", int(through[1])))
        reply = receive(connection, 4)
        if reply[1] != 0:
            raise ConnectionRefusedError(f"SOCKS reply {reply[1]}")
        receive(connection, 6)
    return connection


def exchange(count, size, through):
    greeted = threading.Barrier(count)
    failures = []
    lock = threading.Lock()

    def one():
        try:
            connection = connect(through)
            assert receive(connection, 1) == b"+"
            greeted.wait(30)
            sent = os.urandom(size)
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            digest = hashlib.sha256()
            while piece := connection.recv(1 << 16):
                digest.update(piece)
            assert digest.digest() == hashlib.sha256(sent).digest(), "what came back is not what was sent"
        except Exception as error:
            greeted.abort()
            with lock:
                failures.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say(good=count - len(failures), failures=sorted(set(failures)))


if mode == "exchange":
    exchange(int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])
elif mode == "upload":
    connection = connect([])
    came = connection.recv(1)
    sent = os.urandom(int(sys.argv[3]))
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)
    say(sha256=hashlib.sha256(sent).hexdigest(), came=len(came))
elif mode == "push":
    all_ones = [connect([]) for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1)]
    for connection in all_ones:
        connection.setblocking(False)
    zeros = bytes(1 << 16)
    total = said = 0
    while True:
        for connection in select.select([], all_ones, [])[1]:
            total += connection.send(zeros)
        if total - said >= 1 << 20:
            said = total
            say(sent=total)
elif mode == "ignore":
    kept = [connect([]) for _ in range(int(sys.argv[3]))]
    say(open=len(kept))
    sys.stdin.readline()
elif mode == "stall":
    connection = connect([])
    receive(connection, 1 << 20)
    say(stalled=True)
    sys.stdin.readline()
    for _ in range(32):
        receive(connection, 1 << 20)
    say(resumed=True)
elif mode == "hold":
    open_ones = [connect([]) for _ in range(int(sys.argv[3]))]
    total = len(open_ones)
    while open_ones:
        for connection in select.select(open_ones, [], [])[0]:
            open_ones.remove(connection)
            connection.close()
        say(closed=total - len(open_ones))
elif mode == "refused":
    started = time.monotonic()
    try:
        came = connect(sys.argv[3:]).recv(1)
        text = f"closed after {len(came)} bytes"
    except OSError as error:
        text = str(error)
    say(milliseconds=int((time.monotonic() - started) * 1000), text=text)
elif mode == "pass":
    path = sys.argv[2]
    tunnel = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    connection = socket.socket(socket.AF_UNIX)
    # The path is there a moment before ssh listens on it.
    while connection.connect_ex(path) != 0:
        if tunnel.poll() is not None:
            sys.exit(255)
        time.sleep(0.02)
    sent = threading.Event()

    def send():
        while piece := os.read(0, 1 << 16):
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        sent.set()

    threading.Thread(target=send, daemon=True).start()
    try:
        while piece := connection.recv(1 << 16):
            sys.stdout.buffer.write(piece)
    except ConnectionResetError:
        # The far end died with something of ours unread.
        sent.clear()
    sys.stdout.buffer.flush()
    tunnel.terminate()
    tunnel.wait()
    os.unlink(path)
    sys.exit(0 if sent.is_set() else 1)
else:
    sys.exit(64)
