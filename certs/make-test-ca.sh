#!/bin/sh
# Makes a certificate authority for tests, once, and a relay certificate signed by it.
#   make-test-ca.sh DIRECTORY NAME-OR-ADDRESS...
# Leaves ca.crt, ca.key, tls.crt and tls.key in DIRECTORY; keys with mode 0600. Never use the authority for anything
# that others trust: whoever has ca.key can pose as any relay to agents that trust ca.crt.
set -eu

if [ $# -lt 2 ]; then
  echo "usage: $0 DIRECTORY NAME-OR-ADDRESS..." >&2
  exit 64
fi
directory=$1
shift
configuration=$(cd "$(dirname "$0")" && pwd)/openssl.cnf

FIXLINE_ALT_NAMES=
for name in "$@"; do
  case $name in
    '' | *[!A-Za-z0-9.:_*-]*)
      echo "$0: \"$name\" is neither a host name nor an IP address" >&2
      exit 64 ;;
    *:*) kind=IP ;;
    *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
  esac
  FIXLINE_ALT_NAMES=${FIXLINE_ALT_NAMES:+$FIXLINE_ALT_NAMES,}$kind:$name
done
FIXLINE_COMMON_NAME="Fixline test authority"
export FIXLINE_ALT_NAMES FIXLINE_COMMON_NAME

umask 077
mkdir -p "$directory"
cd "$directory"

if [ ! -e ca.key ]; then
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -new -x509 -config "$configuration" -extensions authority -days 3650 -key ca.key -out ca.crt
fi

FIXLINE_COMMON_NAME="fixline relay"
openssl ecparam -name prime256v1 -genkey -noout -out tls.key
openssl req -new -config "$configuration" -key tls.key -out tls.csr
serial=0x$(openssl rand -hex 16)
openssl x509 -req -in tls.csr -CA ca.crt -CAkey ca.key -set_serial "$serial" -days 397 \
  -extfile "$configuration" -extensions relay -out tls.crt 2>/dev/null
rm -f tls.csr
chmod 644 ca.crt tls.crt
openssl verify -CAfile ca.crt tls.crt >/dev/null
echo "$directory: authority in ca.crt, relay certificate for $FIXLINE_ALT_NAMES in tls.crt and tls.key"
