// Logs in to SDN as its documentation describes: the SDK asks, and a wallet of ethers signs.
import { Wallet } from "ethers";
import sdk from "sendingnetwork-js-sdk";
import { settings } from "./script.mjs";

export class WalletLogin {
    constructor(privateKey) {
        this.wallet = new Wallet(privateKey);
        // The capital letters are a checksum.
        this.address = settings.has_checksum ? this.wallet.address : this.wallet.address.toLowerCase();
        this.client = sdk.createClient({
            baseUrl: settings.node,
            idBaseUrl: settings.identity_server,
            useAuthorizationHeader: settings.is_token_in_header,
        });
        // The SDK has an option for this, and ignores it.
        this.client.identityServer = { getAccessToken: async () => this.identityToken };
    }

    async begin() {
        const { data } = await this.client.getDIDList(this.address);
        this.did = data?.[0];
        this.challenge = await this.client.preDiDLogin1(this.did ? { did: this.did } : { address: this.address });
    }

    async finish(device, wallet = this.wallet, developer = new Wallet(settings.developer_key)) {
        const { did, message, updated, random_server } = this.challenge;
        const token = await wallet.signMessage(message);
        const app_token = await developer.signMessage(message);
        const identifier = { did, address: this.address, message, token, app_token };
        const login = { type: "m.login.did.identity", updated, random_server, identifier, device_id: device };
        this.login = await this.client.DIDLogin(login);
    }

    async register() {
        const openId = await this.client.getOpenIdToken();
        ({ token: this.identityToken } = await this.client.registerWithIdentityServer(openId));
    }
}
