#!/usr/bin/env bash
# cotext's server beside y-websocket's, on this machine, under the same load by the same client
# (server_load.cc), which speaks to each in its own protocol: how many edits each delivers to readers
# for a second of its processor time. Both run in turns, each time a new process with an empty
# document; medians are of the rounds.
#
# What is compared is not the same work in every way. cotext's server writes each edit to a disk and
# waits for that before it tells anybody; y-websocket's keeps all in memory, and applies each edit to
# the document that it has there. cotext puts edits that come within 20 ms into one message for a
# reader; y-websocket sends a message for each. It is given up when nothing has come for a second, or
# 30 s after the last edit: then "complete" is false, and what was delivered until then is counted.
#
#     bazel build -c opt //tools:cotext //benchmarks/net:server_load
#     benchmarks/net/against_y_websocket.sh [ROUNDS [READERS [SECONDS]]]
#
# Needs node and npm; installs the peer at fixed versions in a temporary folder. COTEXT and
# SERVER_LOAD name other binaries than those of bazel-bin, IDLE other than 10,000 idle connections.
set -euo pipefail

readonly rounds=${1:-3} readers=${2:-1000} seconds=${3:-5}
readonly root=$(cd "$(dirname "$0")/../.." && pwd)
readonly cotext=${COTEXT:-$root/bazel-bin/tools/cotext}
readonly load=${SERVER_LOAD:-$root/bazel-bin/benchmarks/net/server_load}
readonly folder=$(mktemp -d)
server=

stop_server() {
  [[ -z $server ]] || { kill -9 "$server" && wait "$server"; } 2>/dev/null || true
  server=
}
trap 'stop_server; rm -rf "$folder"' EXIT

# Both print where they listen: wait for that line.
start_server() {  # cotext|yjs PORT
  if [[ $1 == cotext ]]; then
    rm -rf "$folder/store"
    "$cotext" serve --listen "127.0.0.1:$2" --data "$folder/store" --log-level off >"$folder/out" &
  else
    (cd "$folder/peer" && HOST=127.0.0.1 PORT=$2 exec node node_modules/y-websocket/bin/server.cjs) \
      >"$folder/out" &
  fi
  server=$!
  until grep -q "$2" "$folder/out"; do sleep 0.05; done
}

measure() {  # cotext|yjs PORT WRITERS EDITS_PER_S
  start_server "$1" "$2"
  "$load" fanout "$1" "$2" "$server" "$readers" "$3" "$4" "$seconds" | tee -a "$folder/results" || true
  stop_server
}

mkdir "$folder/peer"
(cd "$folder/peer" && echo '{"private": true}' >package.json &&
  npm install --silent --no-audit --no-fund --ignore-scripts \
    y-websocket@2.1.0 ws@8.18.3 yjs@13.6.27 >&2)

for ((round = 0; round < rounds; ++round)); do
  for case in "1 100" "10 1000"; do
    measure cotext $((18650 + round)) $case
    measure yjs $((18750 + round)) $case
  done
done

start_server cotext 18850
"$load" idle 18850 "$server" "${IDLE:-10000}"
stop_server

node - "$folder/results" <<'SCRIPT'
const lines = require('fs').readFileSync(process.argv[2], 'utf8').trim().split('\n').map(JSON.parse)
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
for (const writers of new Set(lines.map((line) => line.writers))) {
  const of = (server, field) =>
    median(lines.filter((l) => l.server === server && l.writers === writers).map((l) => l[field]))
  const each = (server) =>
    `${Math.round(of(server, 'deliveries_per_cpu_s'))} a CPU second, ` +
    `p50 ${of(server, 'p50_ms').toFixed(1)} ms, p99 ${of(server, 'p99_ms').toFixed(1)} ms`
  const ratio = of('cotext', 'deliveries_per_cpu_s') / of('yjs', 'deliveries_per_cpu_s')
  console.log(`${writers} writers: cotext ${each('cotext')}; y-websocket ${each('yjs')}; ` +
    `${ratio.toFixed(2)} times`)
}
SCRIPT
