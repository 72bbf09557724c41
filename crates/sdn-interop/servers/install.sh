#!/usr/bin/env bash
# Installs Synapse and Sydent, each into a virtual environment; does nothing if the pinned versions
# are installed.
set -euo pipefail
. "$(dirname "$0")/env.sh"

install() { # name
  local venv=$LAB/venv-$1 requirements=$HERE/requirements-$1.txt stamp
  stamp=$(sha256sum "$requirements" | cut -d' ' -f1)
  [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ] && return
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --disable-pip-version-check --quiet -r "$requirements"
  echo "$stamp" > "$venv/.stamp"
}

install synapse & synapse=$!
install sydent & sydent=$!
wait $synapse
wait $sydent
