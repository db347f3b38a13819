"""Somebody with the relay's database file and SQLite at hand: damage.py FILE SQL..."""

import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA busy_timeout = 5000")
connection.execute("PRAGMA ignore_check_constraints = ON")
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
connection.close()
