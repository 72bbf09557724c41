"""Puts TLS and the /_api/ prefix in front of servers on loopback, as an SDN node's front end does.

usage: proxy.py CERTIFICATE KEY LISTEN=UPSTREAM[,tls][,api] ...

With `tls` a port speaks TLS. With `api` it takes only paths that begin with /_api/, and sends them on with /_matrix/
instead. One request a connection; bodies are passed on as they are.
"""
import asyncio
import ssl
import sys

BROKEN = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ssl.SSLError, ValueError)
BODY = b'{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request."}'
NOT_FOUND = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
)


async def copy(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except BROKEN:
        pass


def rewritten(head, api):
    """The request's head for the server behind, or None if the server does not have the path."""
    line, *headers = head[:-4].split(b"\r\n")
    method, path, version = line.split(b" ", 2)
    if api:
        if not path.startswith(b"/_api/"):
            return None
        path = b"/_matrix/" + path[len(b"/_api/"):]
    kept = [h for h in headers if h.split(b":", 1)[0].strip().lower() != b"connection"]
    return b"\r\n".join([b" ".join([method, path, version]), *kept, b"Connection: close"]) + b"\r\n\r\n"


async def serve(reader, writer, port, api):
    upstream = None
    try:
        head = rewritten(await reader.readuntil(b"\r\n\r\n"), api)
        if head is None:
            writer.write(NOT_FOUND)
            await writer.drain()
            return
        answer, upstream = await asyncio.open_connection("127.0.0.1", port)
        upstream.write(head)
        body = asyncio.create_task(copy(reader, upstream))
        await copy(answer, writer)
        body.cancel()
    except BROKEN:
        pass
    finally:
        for stream in (upstream, writer):
            if stream:
                stream.close()


async def main(certificate, key, *routes):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    servers = []
    for route in routes:
        ports, *flags = route.split(",")
        listen, port = map(int, ports.split("="))

        def connected(reader, writer, port=port, api="api" in flags):
            return serve(reader, writer, port, api)

        tls = context if "tls" in flags else None
        servers.append(await asyncio.start_server(connected, "127.0.0.1", listen, ssl=tls))
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main(*sys.argv[1:]))
