"""Flips one bit of the values that the ledger's entries consist of, one at a time in a fresh copy, and asks
`fixline-relay ledger verify` about each. Prints one JSON object: how many were flipped, which went unnoticed, and which
were noticed without the entry being named.

usage: flip.py STATE-DIRECTORY WORK-DIRECTORY RELAY
"""
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys

MAXIMUM = 150

state, work, relay = sys.argv[1:4]
seed = int(os.environ.get("FIXLINE_SEED") or random.randrange(1 << 32))
random.seed(seed)
names = [n for n in os.listdir(state) if open(os.path.join(state, n), "rb").read(15) == b"SQLite format 3"]
assert len(names) == 1, names
original = os.path.join(state, names[0])
# Everything into the one file: no relay is running any more.
with sqlite3.connect(original) as connection:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
connection.close()
shutil.copytree(state, work, ignore=shutil.ignore_patterns("*-wal", "*-shm"))
os.chmod(work, 0o700)
copy = os.path.join(work, names[0])

targets = []
connection = sqlite3.connect(original)
for table in ("entries", "payloads"):
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    for _, column, _, _, _, key in columns:
        if key:
            continue
        rows = connection.execute(f"SELECT sequence, {column}, typeof({column}) FROM {table}").fetchall()
        targets += [(table, sequence, column) for sequence, value, kind in rows
                    if kind == "integer" or kind in ("blob", "text") and len(value) > 0]
connection.close()
random.shuffle(targets)


def flipped(value):
    if isinstance(value, int):
        return value ^ 1
    data = bytearray(value.encode() if isinstance(value, str) else value)
    position = random.randrange(len(data))
    # Text stays text: the lowest bit only, so that ASCII stays ASCII.
    data[position] ^= 1 if isinstance(value, str) else 1 << random.randrange(8)
    return data.decode() if isinstance(value, str) else bytes(data)


unnoticed, unnamed = [], []
for table, sequence, column in targets[:MAXIMUM]:
    for suffix in ("-wal", "-shm"):
        if os.path.exists(copy + suffix):
            os.remove(copy + suffix)
    shutil.copyfile(original, copy)
    connection = sqlite3.connect(copy)
    connection.execute("PRAGMA ignore_check_constraints = ON")
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{trigger}"')
    (value,) = connection.execute(f"SELECT {column} FROM {table} WHERE sequence = ?", (sequence,)).fetchone()
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE sequence = ?", (flipped(value), sequence))
    connection.commit()
    connection.close()
    done = subprocess.run([relay, "ledger", "verify", "--state", work], capture_output=True, text=True, timeout=20)
    where = f"{table}.{column} of entry {sequence}"
    if done.returncode != 1:
        unnoticed.append(f"{where}: exit {done.returncode} {done.stderr}")
    elif not re.search(rf"\b[Ee]ntry {sequence}\b", done.stdout + done.stderr):
        unnamed.append(f"{where}: {done.stdout}{done.stderr}")

print(json.dumps({
    "flipped": min(len(targets), MAXIMUM), "unnoticed": unnoticed, "unnamed": unnamed, "seed": seed,
}))
