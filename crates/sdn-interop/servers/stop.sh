#!/usr/bin/env bash
# Ends what start.sh started, by process ID.
. "$(dirname "$0")/env.sh"
for file in "$RUN"/pids/*; do
  [ -f "$file" ] && kill "$(cat "$file")" 2> /dev/null
done
for file in "$RUN"/pids/*; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  for _ in $(seq 50); do
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.1
  done
  kill -9 "$pid" 2> /dev/null
  rm -f "$file"
done
exit 0
