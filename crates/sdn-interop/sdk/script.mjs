// What each script here does: it reads its settings, a JSON object, from its standard input, and prints its result, another
// one, as the last line of its standard output. Before that come the lines that an SDK logs.
import { readFileSync } from "node:fs";

export const settings = JSON.parse(readFileSync(0, "utf8"));

export function finish(result) {
    // Not at once, because a pipe takes a long result piece by piece. An SDK may keep connections or timers.
    process.stdout.write(JSON.stringify(result) + "\n", () => process.exit());
}
