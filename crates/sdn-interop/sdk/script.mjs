// The frame of each script: it reads its settings, a JSON object, from its standard input. It
// prints its result, another JSON object, as the last line of its standard output, after the lines
// that an SDK logs.
import { readFileSync } from "node:fs";

export const settings = JSON.parse(readFileSync(0, "utf8"));

export function finish(result) {
    // Not immediately, because a pipe accepts a long result in pieces. An SDK may keep connections
    // or timers.
    process.stdout.write(JSON.stringify(result) + "\n", () => process.exit());
}
