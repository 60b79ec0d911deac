#!/bin/bash
# Installs the package into an empty project of Vite, offline, and runs the test there.
# Usage: project_test.sh TEST.mjs PLAYWRIGHT/package.json PACKAGE.tgz VITE/package.json
set -euo pipefail
home=${TEST_TMPDIR:-$(mktemp -d)}
mkdir -p "$home/project"
export HOME=$home npm_config_cache=$home/cache npm_config_update_notifier=false
test=$(realpath "$1")
playwright=$(dirname "$(realpath "$2")")
archive=$(realpath "$3")
modules=$(dirname "$(dirname "$4")")
cd "$home/project"
echo '{"private":true,"type":"module"}' >package.json
npm install --offline --no-audit --no-fund --ignore-scripts "$archive" >&2
# As `npm install --save-dev vite` leaves it.
cp -rL --no-preserve=mode "$OLDPWD/$modules"/. node_modules
chmod +x node_modules/@esbuild/*/bin/esbuild
exec node "$test" - "$playwright"
