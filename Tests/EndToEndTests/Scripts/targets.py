"""A TCP server on a port the kernel picks, which it prints as one JSON object. Ended by a signal.

usage: targets.py answer|silent|flood|sink|reset
       targets.py sshd CONFIGURATION

answer  greets with one byte, reads to the end, sends everything back and closes: it needs half-closes to be carried
silent  accepts, and neither reads nor writes
flood   sends zeros for as long as they are taken
sink    ends its own direction first, reads to the end, and prints the SHA-256 of that
reset   resets what it has accepted
sshd    gives every connection to an OpenSSH server with that configuration
"""
import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading

mode = sys.argv[1]
kept = []


def answer(connection):
    connection.sendall(b"+")
    pieces = []
    while piece := connection.recv(1 << 16):
        pieces.append(piece)
    connection.sendall(b"".join(pieces))
    connection.close()


def flood(connection):
    zeros = bytes(1 << 16)
    while True:
        connection.sendall(zeros)


def sink(connection):
    connection.shutdown(socket.SHUT_WR)
    digest = hashlib.sha256()
    while piece := connection.recv(1 << 16):
        digest.update(piece)
    print(json.dumps({"sha256": digest.hexdigest()}), flush=True)
    connection.close()


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def serve(connection):
    try:
        {"answer": answer, "flood": flood, "silent": kept.append, "sink": sink, "reset": reset}[mode](connection)
    except OSError:
        connection.close()


listener = socket.create_server(("127.0.0.1", 0), backlog=256)
if mode == "silent":
    # What nobody reads must pile up before this socket, not in it.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
if mode == "sshd":
    # Its own place for separated privileges, which nobody but a booted service makes.
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
while True:
    accepted, _ = listener.accept()
    if mode == "sshd":
        subprocess.Popen(["/usr/sbin/sshd", "-i", "-f", sys.argv[2]], stdin=accepted, stdout=accepted,
                         stderr=subprocess.DEVNULL)
        accepted.close()
    else:
        threading.Thread(target=serve, args=(accepted,), daemon=True).start()
