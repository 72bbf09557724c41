// Signs and checks the messages of others, says what their wallets and hashes are, and does the same with keys of its own.
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

// Of each signature with another message; a hundred, because this takes most of the time.
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
