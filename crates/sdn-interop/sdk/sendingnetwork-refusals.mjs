// Alice's wallet tries logins that a node must refuse, then invites by an identity server that the
// node does not trust. Instead she writes to a wallet that never logged in.
import { finish, settings } from "./script.mjs";
import { WalletLogin } from "./wallet-login.mjs";

const { room, address, alice_key, bob_key } = settings;

const refusals = {};
async function refused(what, promise) {
    refusals[what] = await promise.then(
        () => null,
        ({ errcode, httpStatus }) => [httpStatus, errcode],
    );
}

const alice = new WalletLogin(alice_key);
const { wallet: stranger } = new WalletLogin(bob_key);
await alice.begin();
await refused("another wallet", alice.finish("PHONE", stranger));
await refused("another developer", alice.finish("PHONE", alice.wallet, stranger));
const { challenge } = alice;
alice.challenge = { ...challenge, message: challenge.message + " " };
await refused("another message", alice.finish("PHONE"));
alice.challenge = challenge;
await alice.finish("PHONE");
await refused("used challenge", alice.finish("PHONE"));
await refused("identity server without trust", alice.client.inviteByThreePid(room, "email", address));
const { room_id } = await alice.client.sendMessByWallet(stranger.address, {});

finish({ ...refusals, direct_room: room_id });
