"""Runs a command by asyncssh, optionally sends it a signal, and prints how it ended as one JSON object.

usage: signals.py PORT USER KEYFILE SIGNAL|- COMMAND
With a signal it is sent once the command has printed "ready". OpenSSH's client sends none, and shows none it is told of.
"""
import asyncio
import json
import sys
import warnings

warnings.simplefilter("ignore")
import asyncssh  # noqa: E402  (its imports warn of old ciphers)


async def main():
    port, user, key, signal, command = sys.argv[1:6]
    async with asyncssh.connect(
        "127.0.0.1", int(port), username=user, client_keys=[key], known_hosts=None, config=None, agent_path=None
    ) as connection:
        async with connection.create_process(command) as process:
            seen = ""
            if signal != "-":
                while "ready" not in seen:
                    line = await asyncio.wait_for(process.stdout.readline(), 20)
                    if not line:
                        break
                    seen += line
                process.send_signal(signal)
            rest = await asyncio.wait_for(process.wait(), 20)
            print(json.dumps({
                "output": seen + rest.stdout,
                "error": rest.stderr,
                "status": rest.exit_status,
                "signal": rest.exit_signal[0] if rest.exit_signal else None,
            }))


asyncio.run(main())
