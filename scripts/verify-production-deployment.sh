#!/bin/sh
# Starts the twelve checks of `logveil verify` on a production deployment. It changes nothing there.
#
#   scripts/verify-production-deployment.sh [OPTION...]      options of `logveil verify`
#
# Run it where logveil.yaml is, or name it: --config FILE. Exit codes: 0 all pass, 1 some warn, 2 some fail, 3 could not
# run. LOGVEIL names the program, if it is not on the path.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

if [ -n "${LOGVEIL:-}" ]; then
  exec "$LOGVEIL" verify "$@"
elif [ -f "$here/../dist/cli.js" ]; then
  exec node "$here/../dist/cli.js" verify "$@"
elif [ -x "./node_modules/.bin/logveil" ]; then
  exec ./node_modules/.bin/logveil verify "$@"
elif command -v logveil > /dev/null 2>&1; then
  exec logveil verify "$@"
fi

echo "logveil was not found: install it (npm install logveil), or set LOGVEIL to its path" >&2
exit 3
