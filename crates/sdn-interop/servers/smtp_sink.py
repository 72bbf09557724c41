"""An SMTP server that keeps every mail as FOLDER/<n>.json: {"from", "to", "data"}.

An address that contains `reject` is refused, as a mailbox that is not there.

usage: smtp_sink.py PORT FOLDER
"""
import asyncio
import itertools
import json
import os
import sys

numbers = itertools.count()


def keep(folder, mail):
    path = os.path.join(folder, "%06d.json" % next(numbers))
    with open(path + ".part", "w") as file:
        json.dump(mail, file)
    os.rename(path + ".part", path)


async def read_data(reader):
    data = b""
    while (line := await reader.readline()) not in (b".\r\n", b""):
        data += line.removeprefix(b".")
    return data.decode("utf-8", "replace")


async def serve(reader, writer, folder):
    mail = {"from": None, "to": []}

    async def say(text):
        writer.write(text + b"\r\n")
        await writer.drain()

    await say(b"220 sink")
    while line := (await reader.readline()).strip():
        command = line.upper()
        if command.startswith(b"RCPT TO:") and b"reject" in line:
            await say(b"550 no such mailbox")
            continue
        if command.startswith(b"MAIL FROM:"):
            mail = {"from": line[10:].split(b" ")[0].strip(b"<>").decode(), "to": []}
        elif command.startswith(b"RCPT TO:"):
            mail["to"].append(line[8:].strip(b" <>").decode())
        elif command == b"DATA":
            await say(b"354 go ahead")
            keep(folder, {**mail, "data": await read_data(reader)})
        elif command == b"QUIT":
            await say(b"221 bye")
            break
        await say(b"250 OK")
    writer.close()


async def main(port, folder):
    os.makedirs(folder, exist_ok=True)
    server = await asyncio.start_server(lambda r, w: serve(r, w, folder), "127.0.0.1", int(port))
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
