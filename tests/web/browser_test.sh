#!/bin/bash
# Runs a test of browsers. Chromium wants a home folder that it may write to.
# Usage: browser_test.sh TEST.mjs COTEXT PLAYWRIGHT/package.json
set -euo pipefail
export HOME=${TEST_TMPDIR:-$(mktemp -d)}
exec node "$1" "$(realpath "$2")" "$(dirname "$(realpath "$3")")"
