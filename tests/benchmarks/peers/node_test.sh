#!/bin/bash
# Runs a test in JavaScript, which gets the paths of the modules that it tests as arguments.
# Usage: node_test.sh TEST MODULE...
set -euo pipefail
command -v node >/dev/null || { echo "FAILED: there is no node"; exit 1; }
exec node "$PWD/$1" "${@:2}"
