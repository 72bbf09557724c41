// Checks the data of the calls, for check.mjs. A request follows from a file's "call" and a case's
// inputs. Errors, and most outputs, follow from the response.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";

const opaque = (text) => /^[0-9A-Za-z.=_-]{1,255}$/.test(text);
const visible = (text) => /^[!-~]{1,8192}$/.test(text);
const short = (text) => Buffer.byteLength(text) <= 255;
const userId = (text) => /^@[^:\0]*:[0-9A-Za-z.-]+(:[0-9]{1,5})?$/.test(text) && short(text);
const roomAlias = (text) => /^#[^:\0]*:[0-9A-Za-z.-]+(:[0-9]{1,5})?$/.test(text) && short(text);
const inviteToken = (text) => opaque(text) && !/^\.{1,2}$/.test(text);
const key = (text) =>
  /^([0-9A-Za-z+/]*|[0-9A-Za-z_-]*)=?$/.test(text) && Buffer.from(text, "base64").length === 32;
const filled = (text) => text !== "";
const identifier = (id) => typeof id === "string" || (filled(id.medium) && filled(id.address));

const did = (text) =>
  text.startsWith("did:sdn:") ? /^did:sdn:[0-9a-fA-F]{40}$/.test(text) : /^did:[0-9a-z]+:[\w.:%-]+$/.test(text) && short(text);
// The one form of a DID or a wallet's address that is sent.
const lower = (text) => (/^(did:sdn:|0[xX])/.test(text) ? text.toLowerCase() : text);
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
function signature(text) {
  const parts = /^(?:0[xX])?([0-9a-fA-F]{64})([0-9a-fA-F]{64})(00|01|1[bcBC])$/.exec(text);
  if (!parts) return false;
  const [r, s] = parts.slice(1).map((digits) => BigInt(`0x${digits}`));
  return 0n < r && r < order && 0n < s && s <= order / 2n;
}
const sentSignature = (text) => `0x${text.replace(/^0x/i, "").replace(/00$/, "1b").replace(/01$/, "1c").toLowerCase()}`;

// The rule of each input, by its name.
const grammar = {
  access_token: visible,
  address: filled,
  client_secret: opaque,
  developer_signature: signature,
  did,
  id_access_token: visible,
  invite: (ids) => ids.every(userId),
  invite_3pid: (all) => all.every((one) => identifier(one) && visible(one.id_access_token)),
  key_id: (text) => text.split(":").length === 2 && text.split(":").every(opaque),
  medium: filled,
  message: (text) => Buffer.byteLength(text) <= 4096,
  mxid: userId,
  password: (text) => filled(text) && Buffer.byteLength(text) <= 8192,
  private_key: key,
  public_key: key,
  room_alias: roomAlias,
  room_id: (text) => /^![^\0]+$/.test(text) && short(text),
  sender: userId,
  sid: opaque,
  third_party_ids: (ids) => ids.every(identifier),
  threepid: identifier,
  token: (text, kase) => ("sid" in kase ? visible(text) : inviteToken(text)),
  user_id: userId,
  wallet_address: (text) => /^0[xX][0-9a-fA-F]{40}$/.test(text),
  wallet_signature: signature,
};
// Fields with a grammar of other files.
const elsewhere = ["node URL", "identity server URL", "server name", "e-mail address"];

function isValid(kase) {
  if (kase.algorithms && !kase.algorithms.includes(kase.unhashed ? "none" : "sha256")) return false;
  return Object.entries(kase).every(([name, input]) => grammar[name]?.(input, kase) ?? true);
}

// Medium and address of an identifier in a lookup; upper case is a step of full case folding.
function canonical(id) {
  if (typeof id !== "string") return [id.medium, id.address];
  return id.includes("@") ? ["email", id.toUpperCase().toLowerCase()] : ["msisdn", id.replace(/\D/g, "")];
}

function lookedUp(id, { pepper, unhashed }) {
  const [medium, address] = canonical(id);
  if (unhashed) return `${address} ${medium}`;
  return createHash("sha256").update(`${address} ${medium} ${pepper}`).digest("base64url");
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}

// A body in which inputs replace their names in braces, without the missing ones.
function filledIn(template, kase) {
  if (typeof template === "string") return /^\{\w+\}$/.test(template) ? kase[template.slice(1, -1)] : template;
  const members = Object.entries(template).map(([name, value]) => [name, filledIn(value, kase)]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function inputs(kase) {
  const sent = { did: lower, wallet_address: lower, wallet_signature: sentSignature, developer_signature: sentSignature };
  const change = ([name, input]) => [name, sent[name] ? sent[name](input) : input];
  if (!kase.third_party_ids) return Object.fromEntries(Object.entries(kase).map(change));
  const addresses = kase.third_party_ids.map((id) => lookedUp(id, kase));
  return { ...kase, addresses, algorithm: kase.unhashed ? "none" : "sha256" };
}

function request(call, kase) {
  const dialect = { sdn: ["_api", "sdn", "r0"], matrix: ["_matrix", "matrix", "v3"] }[kase.dialect];
  const words = { prefix: dialect[0], well_known: `.well-known/${dialect[1]}`, version: dialect[2] };
  const all = inputs(kase);
  const path = call.path.replace(/\{(\w+)\}/g, (_, name) => words[name] ?? encodeURIComponent(all[name]));
  const headers = call.token ? [["authorization", `Bearer ${kase[call.token]}`]] : [];
  if (call.body) headers.push(["content-type", "application/json"]);
  const members = () => call.body.filter((name) => name in all).map((name) => [name, sorted(all[name])]);
  const asItCame = () => kase[call.body].trim();
  const json = () => JSON.stringify(Object.fromEntries(members()));
  const template = () => JSON.stringify(sorted(filledIn(call.body, all)));
  const named = Array.isArray(call.body) ? json : typeof call.body === "string" ? asItCame : template;
  const body = call.body ? named() : "";
  return { method: call.method, uri: new URL(kase.node ?? kase.identity_server).href + path, headers, body };
}

// The JSON value of a body, or undefined if it is not JSON.
function parsed(kase) {
  const bytes = "body_hex" in kase ? Buffer.from(kase.body_hex, "hex") : Buffer.from(kase.body);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

const string = (value) => (typeof value === "string" ? value : null);

// The error of a response, or undefined if this script considers the response a success.
function error(subject, kase) {
  const value = parsed(kase);
  const object = value !== null && typeof value === "object" ? value : {};
  const header = Object.fromEntries(kase.headers)["retry-after"];
  const delay = header !== undefined ? Number(header) * 1000 : null;
  const says = (kind, code, message, retry_after_ms) => ({ kind, code, message, retry_after_ms, retry_after_at: null });
  if (kase.status !== 200) {
    const older = object.retry_after_ms ?? null;
    return kase.status >= 400 && string(object.errcode)
      ? says("refused", object.errcode, string(object.error), delay ?? older)
      : says("unexpected_status", null, null, delay ?? older);
  }
  if (value === undefined) return says("malformed", null, null, delay);
  const isFound = subject.endsWith("list_dids") ? object.data : visible(string(object.access_token) ?? "");
  if (/(_login|list_dids)$/.test(subject) && string(object.errcode ?? object.errorcode) && !isFound) {
    return says("unsuccessful", object.errcode ?? object.errorcode, string(object.error), delay);
  }
  if (object.success === false && subject.includes("/submit_")) {
    return says("unsuccessful", string(object.errcode), string(object.error), delay);
  }
  return undefined;
}

// Whether everything in an output is in the body.
function contained(output, body) {
  if (output === null || typeof output !== "object") return body === output;
  if (body === null || typeof body !== "object" || body.length !== output.length) return false;
  return Object.keys(output).every((name) => contained(output[name], body[name]));
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isKey = (entry) => isObject(entry) && key(entry.public_key ?? "!");

function isPending({ type, state_key, sender, content }) {
  if (type !== "m.room.third_party_invite" || !isObject(content)) return false;
  if (string(state_key) === null || !inviteToken(state_key) || !userId(string(sender) ?? "")) return false;
  return "display_name" in content && isKey(content) && (content.public_keys ?? []).every(isKey);
}

function isInvited({ type, state_key, sender, content }) {
  return type === "m.room.member" && content?.membership === "invite" && userId(state_key) && userId(sender);
}

function pending({ state_key, sender, content }) {
  const { display_name, key_validity_url, public_key, public_keys = [] } = content;
  const keys = public_keys.map(({ public_key, key_validity_url }) =>
    key_validity_url ? { public_key, key_validity_url } : { public_key },
  );
  return { token: state_key, sender, content: { display_name, key_validity_url, public_key, public_keys: keys } };
}

// Medium, address and user of each identifier that a lookup found.
function found({ mappings }, kase) {
  const users = kase.third_party_ids.map((id) => [...canonical(id), mappings[lookedUp(id, kase)]]);
  return users.filter(([, , user]) => user);
}

// The servers that a domain names. Only the implementation decides which rule a base URL breaks.
function servers(body, kase) {
  const shown = (name, base) => kase.servers[name]?.rule ? kase.servers[name] : withSlash(base);
  const homeserver = body["m.homeserver"];
  const node = kase.dialect === "matrix" ? homeserver : (body["m.node"] ?? homeserver);
  return { node: shown("node", node), identity_server: shown("identity_server", body["m.identity_server"]) };
}

const withSlash = (base) => (base ? base.base_url.replace(/\/?$/, "/") : null);
const serverNames = ["sdn_server_name", "sendingnetwork_server_name", "matrix_server_name"];
const versions = ({ versions, unstable_features = {} }) => ({ versions, unstable_features });
const whole = (body) => body;
// A policy's version may be a number or missing, and members that are not a text in a language are
// skipped.
const isText = (text) => isObject(text) && typeof text.name === "string" && typeof text.url === "string";
const policy = ({ version, ...languages }) => ({
  version: ["string", "number"].includes(typeof version) ? String(version) : "",
  ...Object.fromEntries(
    Object.entries(languages).filter(([, text]) => isText(text)).map(([code, { name, url }]) => [code, { name, url }]),
  ),
});
const terms = ({ policies }) => ({
  policies: Object.fromEntries(Object.entries(policies).map(([name, of]) => [name, policy(of)])),
});
const login = ({ access_token, user_id, device_id }) => ({ access_token, user_id, device_id: string(device_id) });

// Outputs that are not a part of the body.
const outputs = {
  "calls/client/did_login": login,
  "calls/client/get_invites": (body) => ({
    pending: body.filter(isObject).filter(isPending).map(pending),
    invited: body.filter(isObject).filter(isInvited).map(({ state_key, sender }) => ({ user_id: state_key, sender })),
  }),
  "calls/client/get_login_flows": ({ flows }) => flows.map(({ type }) => type),
  "calls/client/get_third_party_invite": (body) => (Object.keys(body).length ? pending({ content: body }).content : null),
  "calls/client/get_versions": versions,
  "calls/client/list_dids": ({ data }) => (data ?? []).map(lower),
  "calls/client/password_login": login,
  "calls/client/pre_login": ({ did, message, updated, random_server = null }) => ({ did: lower(did), message, updated, random_server }),
  "calls/client/request_open_id_token": (token, { body }) => ({
    unchanged: body.trim(),
    server_name: serverNames.map((name) => string(token[name])).find((name) => name !== null) ?? null,
    expires_in: token.expires_in,
  }),
  "calls/client/who_am_i": ({ user_id, device_id = null, is_guest = false }) => ({ user_id, device_id, is_guest }),
  "calls/identity/bind": whole,
  "calls/identity/get_terms": terms,
  "calls/identity/get_versions": versions,
  "calls/identity/register": ({ token, access_token }) => ({ token: token ?? access_token }),
  "calls/identity/sign_invite": whole,
};

function checkResponse(subject, kase) {
  const expected = error(subject, kase);
  if (expected) return assert.deepEqual(kase.error, expected);
  // Only the implementation decides whether a body is a response of this call.
  if (kase.error) return assert.equal(kase.error.kind, "malformed");
  const body = parsed(kase);
  if (kase.found) assert.deepEqual(kase.found, found(body, kase));
  if (kase.servers) assert.deepEqual(kase.servers, servers(body, kase));
  if (outputs[subject]) return assert.deepEqual(kase.output, outputs[subject](body, kase));
  assert.ok(kase.output === null || contained(kase.output, body));
}

function each(subject, cases, check) {
  for (const kase of cases) {
    try {
      check(kase);
    } catch (error) {
      throw new Error(`${subject}: ${kase.name}`, { cause: error });
    }
  }
  return cases.length;
}

function checkRequest(call, kase) {
  if (kase.request) assert.deepEqual(kase.request, request(call, kase));
  if (!elsewhere.includes(kase.error?.field)) assert.equal(isValid(kase), "request" in kase);
}

export function checkCalls() {
  let checked = 0;
  for (const kind of ["client", "identity"]) {
    for (const name of readdirSync(new URL(`calls/${kind}`, import.meta.url))) {
      const file = JSON.parse(readFileSync(new URL(`calls/${kind}/${name}`, import.meta.url), "utf8"));
      checked += each(file.subject, file.requests, (kase) => checkRequest(file.call, kase));
      checked += each(file.subject, file.responses, (kase) => checkResponse(file.subject, kase));
    }
  }
  return checked;
}
