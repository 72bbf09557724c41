// Alice invites at a node and looks people up at its identity server, then Bob joins.
import { createClient } from "matrix-js-sdk";
import { finish, settings } from "./script.mjs";

const { node, identity_server, room, bob, password, unknown_address, known_address } = settings;

async function logIn(user) {
    const login = await createClient({ baseUrl: node }).loginRequest({
        type: "m.login.password",
        identifier: { type: "m.id.user", user },
        password,
        device_id: "SDK",
    });
    let identityToken;
    const client = createClient({
        baseUrl: node,
        idBaseUrl: identity_server,
        userId: login.user_id,
        accessToken: login.access_token,
        deviceId: login.device_id,
        identityServer: { getAccessToken: async () => identityToken },
    });
    const register = async () => {
        ({ token: identityToken } = await client.registerWithIdentityServer(await client.getOpenIdToken()));
        return identityToken;
    };
    return { login, client, register };
}

const { flows } = await createClient({ baseUrl: node }).loginFlows();
const alice = await logIn("alice");
const { user_id, device_id } = await alice.client.whoami();
const identityToken = await alice.register();
await alice.client.invite(room, bob, "tea");
await alice.client.inviteByThreePid(room, "email", unknown_address);
const found = await alice.client.lookupThreePid("email", known_address, identityToken);
const missing = await alice.client.lookupThreePid("email", unknown_address, identityToken);

const joined = await (await logIn("bob")).client.joinRoom(room);
await alice.client.logout();
const afterLogout = await alice.client.whoami().catch((error) => error.errcode);

finish({
    flows: flows.map((flow) => flow.type),
    whoami: [user_id, device_id],
    found,
    missing,
    joined: joined.roomId,
    after_logout: afterLogout,
});
