#!/usr/bin/env bash
# Starts all servers with fresh state on loopback, and returns when all of them respond. stop.sh
# ends them. If SDN_INTEROP_OWNER is a process ID, they also end with that process.
set -euo pipefail
. "$(dirname "$0")/env.sh"
"$HERE/install.sh"
"$HERE/stop.sh"
rm -rf "$RUN"
mkdir -p "$RUN/pids"
"$HERE/configure.sh"
export SSL_CERT_FILE=$CA # for Synapse's calls to the identity servers, and Sydent's to the nodes

background() { # name, command
  local name=$1
  shift
  setsid "$@" > "$RUN/$name.out" 2>&1 < /dev/null &
  echo $! > "$RUN/pids/$name"
}

background smtp python3 "$HERE/smtp_sink.py" $SMTP "$MAIL"
background junk python3 "$HERE/junk.py" $JUNK "$RUN/tls/server.pem" "$RUN/tls/server.key"
background proxy python3 "$HERE/proxy.py" "$RUN/tls/server.pem" "$RUN/tls/server.key" \
  $ID_A=$ID_A_PLAIN,tls $ID_B=$ID_B_PLAIN,tls $NODE_A_API=$NODE_A,api $NODE_B_API=$NODE_B,api \
  $NODE_A_API_TLS=$NODE_A,tls,api $ID_A_API=$ID_A_PLAIN,tls,api
for x in a b; do
  (
    cd "$RUN/id-$x"
    SYDENT_CONF=$RUN/id-$x/sydent.conf background id-$x "$LAB/venv-sydent/bin/python" -m sydent.sydent
  )
  background node-$x "$LAB/venv-synapse/bin/python" -m synapse.app.homeserver -c "$RUN/node-$x/homeserver.yaml"
done

if [ -n "${SDN_INTEROP_OWNER:-}" ]; then
  # The process IDs are recorded now, because a later start may have other ones. shellcheck
  # disable=SC2046
  setsid bash -c 'owner=$1; shift; while kill -0 "$owner"; do sleep 0.5; done; kill "$@"' watch \
    "$SDN_INTEROP_OWNER" $(cat "$RUN"/pids/*) > /dev/null 2>&1 < /dev/null &
fi

wait_for() { # url
  for _ in $(seq 900); do
    curl -sf -o /dev/null --cacert "$CA" "$1" && return
    sleep 0.1
  done
  echo "no answer: $1" >&2
  tail -n 5 "$RUN"/*.out >&2
  return 1
}
for port in $ID_A $ID_B; do wait_for "https://localhost:$port/_matrix/identity/versions"; done
for port in $NODE_A $NODE_B; do wait_for "http://127.0.0.1:$port/_matrix/client/versions"; done
for port in $NODE_A_API $NODE_B_API; do wait_for "http://127.0.0.1:$port/_api/client/versions"; done
for port in $NODE_A_FEDERATION $NODE_B_FEDERATION; do wait_for "https://localhost:$port/_matrix/key/v2/server"; done
echo up
