#!/usr/bin/env bash
# Writes certificates of a throw-away authority, and the servers' configuration, below $RUN.
set -euo pipefail
. "$(dirname "$0")/env.sh"
TLS=$RUN/tls
mkdir -p "$TLS" "$MAIL"

certificates() {
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${key[@]}" -days 30 -subj "/CN=interop CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$TLS/ca.key" -out "$TLS/ca.pem" 2>/dev/null
  openssl req "${key[@]}" -subj "/CN=localhost" -keyout "$TLS/server.key" -out "$TLS/server.csr" 2>/dev/null
  openssl x509 -req -in "$TLS/server.csr" -CA "$TLS/ca.pem" -CAkey "$TLS/ca.key" -CAcreateserial -days 30 \
    -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n') \
    -out "$TLS/server.pem" 2>/dev/null
}

synapse() { # name, client port, federation port, limits (raised or stock)
  local dir=$RUN/node-$1
  mkdir -p "$dir"
  "$LAB/venv-synapse/bin/generate_signing_key" -o "$dir/signing.key"
  cat > "$dir/log.yaml" <<YAML
version: 1
formatters: {line: {format: '%(asctime)s %(name)s %(levelname)s %(request)s %(message)s'}}
handlers: {file: {class: logging.FileHandler, formatter: line, filename: $dir/homeserver.log}}
root: {level: INFO, handlers: [file]}
disable_existing_loggers: false
YAML
  # The federation port is part of the server's name, so that Sydent can check OpenID tokens there.
  cat > "$dir/homeserver.yaml" <<YAML
server_name: "localhost:$3"
public_baseurl: "http://127.0.0.1:$2/"
pid_file: $dir/homeserver.pid
report_stats: false
listeners:
  - {port: $2, bind_addresses: ['127.0.0.1'], type: http, tls: false, resources: [{names: [client]}]}
  - {port: $3, bind_addresses: ['127.0.0.1'], type: http, tls: true, resources: [{names: [federation]}]}
tls_certificate_path: $TLS/server.pem
tls_private_key_path: $TLS/server.key
federation_custom_ca_list: [$TLS/ca.pem]
ip_range_whitelist: ['127.0.0.0/8', '::1/128']
database: {name: sqlite3, args: {database: $dir/homeserver.db}}
media_store_path: $dir/media
log_config: $dir/log.yaml
signing_key_path: $dir/signing.key
macaroon_secret_key: interop-macaroon
form_secret: interop-form
registration_shared_secret: $SECRET
enable_registration: false
bcrypt_rounds: 4
trusted_key_servers: []
suppress_key_server_warning: true
presence: {enabled: false}
YAML
  [ "$4" = stock ] || cat >> "$dir/homeserver.yaml" <<YAML
rc_message: &raised {per_second: 10000, burst_count: 10000}
rc_registration: *raised
rc_login: {address: *raised, account: *raised, failed_attempts: *raised}
rc_joins: {local: *raised, remote: *raised}
rc_joins_per_room: *raised
rc_room_creation: *raised
rc_invites: {per_room: *raised, per_user: *raised, per_issuer: *raised}
rc_third_party_invite: *raised
rc_3pid_validation: *raised
YAML
}

sydent() { # name, plain port behind the proxy, public port, limits (raised or stock)
  local dir=$RUN/id-$1 terms=
  mkdir -p "$dir"
  [ "$4" = raised ] || terms=$HERE/terms.yaml
  cat > "$dir/sydent.conf" <<CONF
[general]
server.name = localhost:$3
log.path = $dir/sydent.log
pidfile.path = $dir/sydent.pid
templates.path = $HERE/templates
brand.default = lab
terms.path = $terms
ip.whitelist = 127.0.0.0/8, ::1/128
[db]
db.file = $dir/sydent.db
[http]
clientapi.http.bind_address = 127.0.0.1
clientapi.http.port = $2
client_http_base = https://localhost:$3
federation.verifycerts = True
[email]
email.smtphost = 127.0.0.1
email.smtpport = $SMTP
email.hostname = localhost
email.from = Lab <noreply@localhost.example>
email.invite.subject = %(sender_display_name)s has invited you to chat
email.invite.subject_space = %(sender_display_name)s has invited you to a space
CONF
  [ "$4" = stock ] || printf 'email.ratelimit_sender.burst = 100000\nemail.ratelimit_sender.rate_hz = 100000\n' >> "$dir/sydent.conf"
  local key='import signedjson.key as k; s = k.generate_signing_key("0"); print(s.alg, s.version, k.encode_signing_key_base64(s))'
  printf '[crypto]\ned25519.signingkey = %s\n' "$("$LAB/venv-sydent/bin/python" -c "$key")" >> "$dir/sydent.conf"
}

certificates
synapse a $NODE_A $NODE_A_FEDERATION raised
synapse b $NODE_B $NODE_B_FEDERATION stock
sydent a $ID_A_PLAIN $ID_A raised
sydent b $ID_B_PLAIN $ID_B stock
