// Checks the conformance data against ECMAScript: its requests equal those of encodeURIComponent,
// JSON.stringify and the URL class. Run with: node check.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkCalls } from "./check_calls.mjs";
import { checkValues } from "./check_values.mjs";

const read = (subject) => JSON.parse(readFileSync(new URL(`${subject}.json`, import.meta.url), "utf8")).cases;

let checked = 0;
for (const kase of read("node_url").filter((kase) => kase.value)) {
  assert.equal(new URL(kase.input).href, kase.value, kase.name);
  checked += 1;
}

// ECMAScript's JSON and UTF-8 decoder accept exactly the responses that are a success.
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

checked += checkValues(read) + checkCalls();

console.log(`${checked} cases agree with ECMAScript`);
