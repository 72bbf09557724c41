// Signs and checks messages from the settings, returns their wallets and hashes, and does the same
// with new keys.
import { hashMessage, hexlify, randomBytes, Signature, verifyMessage, Wallet } from "ethers";
import { finish, settings } from "./script.mjs";

async function signed({ key, message }) {
    const wallet = new Wallet(key);
    const signature = await wallet.signMessage(message);
    const { address } = wallet;
    return { key, message, address, hash: hashMessage(message), signature };
}

const checked = settings.cases.map(({ message, signature }) => ({
    signer: verifyMessage(message, signature),
    canonical: Signature.from(signature).serialized,
}));

// Checks each signature with another message; a hundred, because this takes most of the time.
const others = settings.cases.slice(-100).map(({ message, signature }) => verifyMessage(message + "\n", signature));

const own = Array.from({ length: settings.own_keys }, (_, length) => ({
    key: hexlify(randomBytes(32)),
    message: String.fromCodePoint(...randomBytes(length)),
}));

finish({
    signed: await Promise.all(settings.cases.map(signed)),
    checked,
    others,
    own: await Promise.all(own.map(signed)),
});
