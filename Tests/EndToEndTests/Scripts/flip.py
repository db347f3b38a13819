"""Flips one byte of every blob and text that the ledger's entries consist of, one at a time in a fresh copy, and asks
`fixline-relay ledger verify` about each. Prints one JSON object: how many were flipped, which went unnoticed, and which
were noticed without the entry being named.

usage: flip.py DATABASE WORKDIR RELAY
"""
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys

MAXIMUM = 120

database, workdir, relay = sys.argv[1:4]
seed = int(os.environ.get("FIXLINE_SEED") or random.randrange(1 << 32))
random.seed(seed)
os.makedirs(workdir, mode=0o700)
copy = os.path.join(workdir, "fixline.db")
connection = sqlite3.connect(database)
connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
connection.close()

tables = {}
connection = sqlite3.connect(database)
for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
    if re.search(r"entr|payload", name, re.I):
        tables[name] = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
targets = []
for table, columns in tables.items():
    for (rowid,) in connection.execute(f'SELECT rowid FROM "{table}"').fetchall():
        for column in columns:
            value, kind = connection.execute(
                f'SELECT "{column}", typeof("{column}") FROM "{table}" WHERE rowid = ?', (rowid,)).fetchone()
            if kind in ("blob", "text") and len(value) > 0:
                targets.append((table, rowid, column))
connection.close()
random.shuffle(targets)

unnoticed, unnamed = [], []
for table, rowid, column in targets[:MAXIMUM]:
    for suffix in ("-wal", "-shm"):
        if os.path.exists(copy + suffix):
            os.remove(copy + suffix)
    shutil.copyfile(database, copy)
    connection = sqlite3.connect(copy)
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{trigger}"')
    value = connection.execute(f'SELECT "{column}" FROM "{table}" WHERE rowid = ?', (rowid,)).fetchone()[0]
    text = isinstance(value, str)
    data = bytearray(value.encode() if text else value)
    position = random.randrange(len(data))
    # Text stays text: the lowest bit only, so that ASCII stays ASCII.
    data[position] ^= 1 if text else 1 << random.randrange(8)
    connection.execute(
        f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (data.decode() if text else bytes(data), rowid))
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    done = subprocess.run([relay, "ledger", "verify", "--state", workdir], capture_output=True, text=True, timeout=20)
    where = f"{table} row {rowid} {column} byte {position}"
    if done.returncode != 1:
        unnoticed.append(f"{where}: exit {done.returncode} {done.stderr}")
    elif not re.search(rf"\b{rowid}\b", done.stdout + done.stderr):
        unnamed.append(f"{where}: {done.stdout}{done.stderr}")

print(json.dumps({
    "flipped": min(len(targets), MAXIMUM), "unnoticed": unnoticed, "unnamed": unnamed, "seed": seed,
    "tables": sorted(tables),
}))
