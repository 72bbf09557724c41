// Checks each address and number of the data, with ECMAScript's Unicode properties. The first rule
// that a value breaks is its error.
import assert from "node:assert/strict";

const utf8 = (text) => new TextEncoder().encode(text).length;
const invisible = /\p{Default_Ignorable_Code_Point}/u;

/** Folds the case of most texts; the data has the value of those that are accepted. */
const fold = (text) => text.toUpperCase().toLowerCase();
const isSameButCase = (one, other) => one.toUpperCase().normalize() === other.toUpperCase().normalize();

const isDomain = (text) =>
  [...text].length <= 253 &&
  !/(^|\.)[0-9]+$/.test(text) &&
  text
    .split(".")
    .every((label) => /^(?=[\p{Alphabetic}\p{N}])[\p{Alphabetic}\p{N}\p{M}-]{1,63}(?<!-)$/u.test(label));

function isUrlWithoutScheme(localpart) {
  const [, host, path] = localpart.match(/^([^/]*)\/(.*)$/su) ?? [];
  const isPage = path?.includes("?") || /^www\./i.test(host ?? "");
  return isPage && host.includes(".") && isDomain(host.toLowerCase());
}

const emailRules = [
  ["empty", (text) => text === ""],
  ["too_long", (text) => utf8(text) > 500],
  ["is_mailto", (text) => /^mailto:/i.test(text)],
  ["control_character", (text) => /\p{Cc}/u.test(text)],
  ["invisible_character", (text) => invisible.test(text)],
  ["invalid_character", (text) => /\ufffd|^[“„‟‘‚«»‹›•]/u.test(text)],
  ["is_url", (text) => text.includes("://") || isUrlWithoutScheme(text.split("@")[0])],
  ["has_display_name", (text) => /^[^<]*[^<\s][^<]*<.*@/.test(text)],
  ["has_angle_brackets", (text) => /[<>]/.test(text)],
  ["several_ats", (text) => /\s/.test(text) && text.split("@").length > 2],
  ["whitespace", (text) => /\s/.test(text)],
  ["too_long", (text, folded) => utf8(folded) > 500],
  ["missing_at", (text) => !text.includes("@")],
  ["is_user_id", (text) => /^@.*:/.test(text)],
  ["several_ats", (text) => text.split("@").length > 2],
  ["missing_localpart", (text) => text.startsWith("@")],
  ["missing_domain", (text) => text.endsWith("@")],
  [
    "special_character",
    (text) => {
      const localpart = text.split("@")[0];
      return /[(),:;[\\\]"]/.test(localpart) && !/^"([^"\\]|\\.)*"$/u.test(localpart);
    },
  ],
  ["has_ip_address", (_text, folded) => /@(\[.*\]|\d+\.\d+\.\d+\.\d+)$/.test(folded)],
  [
    "trailing_character",
    (_text, folded) => {
      const domain = folded.split("@")[1];
      const cut = domain.replace(/[!-/:-@[-`{-~“”„‟‘’‚‛«»‹›…]+$/u, "");
      return cut !== domain && !isDomain(domain) && isDomain(cut);
    },
  ],
  ["invalid_domain", (_text, folded) => !isDomain(folded.split("@")[1])],
];

const digits = (text) => text.replace(/[^0-9]/g, "");
const wrong = (text) => text.replace(/^\+/, "").match(/[^0-9 \u00a0\u202f\-\u2010\u2011\u2013.()/]/u)?.[0];
const phoneRules = [
  ["empty", (text) => text === ""],
  ["is_tel_link", (text) => /^tel:/i.test(text)],
  ["is_decimal", (text) => /([.,]0|^[^.]*[.,]00|^[+\d]*[.,]0+)\s*$/.test(text)],
  ["invisible_character", (text) => invisible.test(wrong(text))],
  ["has_exponent", (text) => /^\+?[0-9][0-9.,]*e[+-]?[0-9]+$/i.test(text)],
  ["has_letters", (text) => /^\p{Alphabetic}$/u.test(wrong(text))],
  ["control_character", (text) => /^\p{Cc}$/u.test(wrong(text))],
  ["invalid_character", (text) => wrong(text) !== undefined],
  ["has_trunk_prefix", (text) => text.replace(/\s/g, "").includes("(0)")],
  ["missing_country_code", (text) => digits(text).startsWith("0")],
  ["too_few_digits", (text) => digits(text).length < 5],
  ["too_many_digits", (text) => digits(text).length > 15],
];

const broken = (rules, input, value) => rules.find(([, isBroken]) => isBroken(input, value))?.[0];

export function checkValues(read) {
  const cases = (subject) => read(subject).map((kase) => ({ folded: kase.value ?? fold(kase.input), ...kase }));
  const [emails, numbers] = [cases("email"), cases("msisdn")];
  for (const { name, input, folded, value, error } of emails) {
    assert.equal(broken(emailRules, input, folded), error, name);
    assert.ok(value === undefined || isSameButCase(value, input), name);
  }
  for (const { name, input, value, error } of numbers) {
    assert.equal(broken(phoneRules, input), error, name);
    assert.ok(value === undefined || value === digits(input), name);
  }
  return emails.length + numbers.length + checkInvisible(read("invisible"));
}

/** The ranges are exactly the characters that Unicode calls default ignorable. */
function checkInvisible(ranges) {
  const isInRange = (point) => ranges.some(({ first, last }) => first <= point && point <= last);
  for (let point = 0; point <= 0x10ffff; point += 1) {
    assert.equal(isInRange(point), invisible.test(String.fromCodePoint(point)), `U+${point.toString(16)}`);
  }
  return ranges.length;
}
