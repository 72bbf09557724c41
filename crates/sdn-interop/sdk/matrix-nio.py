"""Alice invites Bob at a node and gets an OpenID token, then Bob joins.

Reads its settings, a JSON object, from its standard input, and prints its result, another one.
"""

import asyncio
import json
import logging
import sys

from nio import AsyncClient, ErrorResponse

OPEN_ID = ("access_token", "expires_in", "matrix_server_name", "token_type")

# The last call must be refused, and nio logs that it does not look like a success.
logging.disable()


def checked(response):
    if isinstance(response, ErrorResponse):
        raise SystemExit(f"refused: {response}")
    return response


async def main(settings):
    clients = {user: AsyncClient(settings["node"], settings[user]) for user in ("alice", "bob")}
    alice, bob = clients.values()
    try:
        info = checked(await alice.login_info())
        for client in clients.values():
            checked(await client.login(settings["password"], device_name="nio"))
        checked(await alice.room_invite(settings["room"], bob.user_id))
        open_id = checked(await alice.get_openid_token(alice.user_id))
        joined = checked(await bob.join(settings["room"]))
        whoami = checked(await bob.whoami())
        token = alice.access_token
        checked(await alice.logout())
        alice.access_token = token
        after_logout = await alice.whoami()
        return {
            "flows": info.flows,
            "open_id": {name: getattr(open_id, name) for name in OPEN_ID},
            "joined": joined.room_id,
            "whoami": [whoami.user_id, whoami.device_id],
            "after_logout": getattr(after_logout, "status_code", None),
        }
    finally:
        for client in clients.values():
            await client.close()


print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
