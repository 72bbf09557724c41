// Checks the conformance data against ECMAScript: the requests it demands are those that encodeURIComponent,
// JSON.stringify and the URL class make. Run with: node check.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkCalls } from "./check_calls.mjs";

const read = (subject) => JSON.parse(readFileSync(new URL(`${subject}.json`, import.meta.url), "utf8")).cases;

function expected(kase, keys) {
  const base = new URL(kase.node).href;
  const prefix = { sdn: "_api", matrix: "_matrix" }[kase.dialect];
  const members = keys.filter((key) => key in kase).map((key) => [key, kase[key]]);
  return {
    method: "POST",
    uri: `${base}${prefix}/client/v3/rooms/${encodeURIComponent(kase.room_id)}/invite`,
    headers: [["authorization", `Bearer ${kase.access_token}`], ["content-type", "application/json"]],
    body: JSON.stringify(Object.fromEntries(members)),
  };
}

let checked = 0;
for (const [subject, keys] of [
  ["invite_by_3pid", ["address", "id_access_token", "id_server", "medium"]],
  ["invite_user", ["reason", "user_id"]],
]) {
  for (const kase of read(subject).filter((kase) => kase.request)) {
    assert.deepEqual(kase.request, expected(kase, keys), kase.name);
    checked += 1;
  }
}

for (const kase of read("node_url").filter((kase) => kase.value)) {
  assert.equal(new URL(kase.input).href, kase.value, kase.name);
  checked += 1;
}

// ECMAScript's JSON and UTF-8 decoder tell a success from a malformed answer as we do.
for (const kase of read("invite_response").filter((kase) => kase.status === 200)) {
  const bytes = "body_hex" in kase ? Buffer.from(kase.body_hex, "hex") : Buffer.from(kase.body);
  let isJson = true;
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    isJson = false;
  }
  assert.equal(isJson, kase.ok === true, kase.name);
  checked += 1;
}

checked += checkCalls();

console.log(`${checked} cases agree with ECMAScript`);
