# Ports and paths, sourced by the other scripts. crates/sdn-interop/src/lib.rs has the same ports.
# "a" servers have raised rate limits, and "b" servers the default ones. Identity server b has terms
# of service.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TARGET=${CARGO_TARGET_DIR:-$HERE/../../../target}
mkdir -p "$TARGET/interop"
LAB=$(cd "$TARGET/interop" && pwd)
RUN=$LAB/run
B=18000
NODE_A=$((B + 8)) NODE_A_FEDERATION=$((B + 48)) NODE_B=$((B + 108)) NODE_B_FEDERATION=$((B + 148))
ID_A_PLAIN=$((B + 90)) ID_A=$((B + 91)) ID_B_PLAIN=$((B + 190)) ID_B=$((B + 191))
NODE_A_API=$((B + 9)) NODE_B_API=$((B + 109)) NODE_A_API_TLS=$((B + 10)) ID_A_API=$((B + 92))
SMTP=$((B + 25)) JUNK=$((B + 98))
MAIL=$RUN/mail CA=$RUN/tls/ca.pem SECRET=interop-shared-secret
