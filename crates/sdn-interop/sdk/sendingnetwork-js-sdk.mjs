// Alice's wallet logs in at a node and she invites, to a room and to a new one. Then Bob's wallet logs in for the first
// time, and he joins.
import { finish, settings } from "./script.mjs";
import { WalletLogin } from "./wallet-login.mjs";

const { room, alias, address, id_server, alice_key, bob_key, bob, bob_address } = settings;

const alice = new WalletLogin(alice_key);
await alice.begin();
await alice.finish("ALICESPHONE");
await alice.register();
const bobBefore = await alice.client.getUidByAddress(bob_address);
await alice.client.invite(room, bob, undefined, "tea");
await alice.client.inviteByThreePid(room, "email", address);
const { room_id: created } = await alice.client.createRoom({
    name: "Tea",
    preset: "private_chat",
    visibility: "private",
    invite: [bob],
    invite_3pid: [{ address, id_server, medium: "email" }],
});
await alice.client.kick(created, bob, "by mistake");
const { joined_rooms } = await alice.client.getJoinedRooms();
const resolved = await alice.client.getRoomIdForAlias(alias);

const guest = new WalletLogin(bob_key);
await guest.begin();
await guest.finish("BOBSPHONE");
const bobAfter = await alice.client.getUidByAddress(bob_address);
const joined = await guest.client.joinRoom(room);
await alice.client.logout();
const afterLogout = await alice.client.getOpenIdToken().catch((error) => error.errcode);

finish({
    dids: [alice, guest].map(({ did, challenge }) => [did, challenge.did]),
    logins: [alice, guest].map(({ login }) => [login.user_id, login.device_id]),
    bob_before: bobBefore,
    bob_after: bobAfter,
    created,
    joined_rooms,
    resolved: resolved.room_id,
    joined: joined.roomId,
    after_logout: afterLogout,
});
