#!/usr/bin/env bash
# cotext's server beside y-websocket's and Hocuspocus, on this machine, under the same load by the
# same client (server_load.cc), which speaks to each in its own protocol: how many edits each
# delivers to readers for a second of its processor time; what a connection costs that has a
# document open, one of ten there, and says nothing; how long a ping takes meanwhile. All run in
# turns, each time a new process with empty documents.
#
# All apply each edit to a document in memory. Apart from that it is not the same work:
#
#     cotext             on a disk: an edit is written and synced before anybody is told. Those that
#                        come within 20 ms (with 1,000 readers or more; less with fewer) share a
#                        message to a reader. Writers do not get their own back. Tells all who have
#                        a document open of each who comes
#     y-websocket        in memory. A message to everybody, its writer too, for each edit
#     hocuspocus         in memory, without hooks or a log, otherwise as it comes. Edits that it
#                        reads in one turn of its loop are one message to everybody, their writers
#                        too, who also get an acknowledgement for each
#     hocuspocus-20ms    the same told to wait 20 ms for more (flushDelay), with any number of
#                        readers
#
# Clients of the peers here do not say that they are there (awareness), so nobody is told. A server
# is given up when nothing has come for a second, or 30 s after the last edit: then "complete" is
# false, and what was delivered until then is counted. The peers run in the same Node.js, with
# WebSockets of the same library and major version (ws 8). They collect garbage before their memory
# is read.
#
#     bazel build -c opt //tools:cotext //benchmarks/net:server_load
#     benchmarks/net/against_peers.sh [ROUNDS [READERS [SECONDS]]]     without: 3 1000 5
#
# Prints a JSON object for each run, then medians of the rounds, those of the peers also divided by
# cotext's. Exit code 1 if one of cotext's was not complete, or any is missing. Needs node and npm;
# installs the peers and their Node.js at fixed versions in a temporary folder. COTEXT and
# SERVER_LOAD name other binaries than those of bazel-bin, NODE another Node.js for the peers, IDLE
# other than 10,000 idle connections.
set -euo pipefail

fail() {
  echo "$*" >&2
  exit 2
}
readonly usage='benchmarks/net/against_peers.sh [ROUNDS [READERS [SECONDS]]]'
if [[ ${1:-} == --help ]]; then
  echo "$usage"
  exit
fi
for number in "$@" "${IDLE:=10000}"; do
  [[ $# -le 3 && $number =~ ^[1-9][0-9]*$ ]] || fail "$usage"
done

readonly rounds=${1:-3} readers=${2:-1000} seconds=${3:-5}
readonly root=$(cd "$(dirname "$0")/../.." && pwd)
readonly cotext=$(realpath -m "${COTEXT:-$root/bazel-bin/tools/cotext}")
readonly load=$(realpath -m "${SERVER_LOAD:-$root/bazel-bin/benchmarks/net/server_load}")
readonly servers=(cotext y-websocket hocuspocus hocuspocus-20ms)
for program in "$cotext" "$load"; do
  [[ -x $program ]] || fail "there is no $program: build it first, with -c opt"
done
readonly folder=$(mktemp -d)
server=

stop_server() {
  [[ -z $server ]] || { kill -9 "$server" && wait "$server"; } 2>/dev/null || true
  server=
}
trap 'stop_server; rm -rf "$folder"' EXIT

install_peers() {
  mkdir "$folder/peers"
  cd "$folder/peers"
  # y-websocket asks for ws 6, and works with 8 as well; Hocuspocus has a copy of 8 in crossws.
  cat >package.json <<'JSON'
{
  "private": true,
  "dependencies": {
    "@hocuspocus/common": "4.7.0",
    "@hocuspocus/server": "4.7.0",
    "crossws": "0.4.17",
    "lib0": "0.2.120",
    "ws": "8.18.3",
    "y-protocols": "1.0.7",
    "y-websocket": "2.1.0",
    "yjs": "13.6.27"
  },
  "overrides": {"ws": "$ws"}
}
JSON
  echo "process.on('SIGUSR2', () => gc())" >collect.cjs
  cat >hocuspocus.mjs <<'JS'
import { Server } from '@hocuspocus/server'

const [port, flushDelay] = process.argv.slice(2).map(Number)
await new Server({ address: '127.0.0.1', port, flushDelay, quiet: true }).listen()
console.log(`listens at ${port}`)
JS
  local -a install=(npm install --silent --no-audit --no-fund --ignore-scripts)
  "${install[@]}" >&2
  [[ -n ${NODE:-} ]] ||
    "${install[@]}" --no-save "node-linux-$(node -p process.arch)@24.22.3" >&2
}

run_server() {  # SERVER PORT
  if [[ $1 == cotext ]]; then
    exec "$cotext" serve --listen "127.0.0.1:$2" --data "$folder/store" --log-level off
  fi
  cd "$folder/peers"
  local -a run=("${NODE:-$(echo node_modules/node-linux-*/bin/node)}" --expose-gc -r ./collect.cjs)
  case $1 in
    y-websocket) HOST=127.0.0.1 PORT=$2 exec "${run[@]}" node_modules/y-websocket/bin/server.cjs ;;
    hocuspocus) exec "${run[@]}" hocuspocus.mjs "$2" 0 ;;
    hocuspocus-20ms) exec "${run[@]}" hocuspocus.mjs "$2" 20 ;;
  esac
}

# Each run has a port of its own: one that was just closed may not be free again.
port=18650
measure() {  # SERVER idle|fanout NUMBER...
  local -r name=$1 what=$2
  shift 2
  rm -rf "$folder/store"
  : >"$folder/out"
  port=$((port + 1))
  run_server "$name" "$port" >"$folder/out" &
  server=$!
  # It prints where it listens.
  until grep -q "$port" "$folder/out"; do
    kill -0 "$server" 2>/dev/null || fail "$name does not start"
    sleep 0.05
  done
  "$load" "$what" "${name%-20ms}" "$port" "$server" "$@" |
    sed "s/\"server\":\"[a-z-]*\"/\"server\":\"$name\"/" | tee -a "$folder/results" || true
  stop_server
}

(install_peers)
for ((round = 0; round < rounds; ++round)); do
  for case in "1 100" "10 1000"; do
    for name in "${servers[@]}"; do
      # Two numbers.
      # shellcheck disable=SC2086
      measure "$name" fanout "$readers" $case "$seconds"
    done
  done
  for name in cotext y-websocket hocuspocus; do measure "$name" idle "$IDLE" 10; done
done

node - "$folder/results" $((rounds * (2 * ${#servers[@]} + 3))) <<'JS'
const [file, expected] = process.argv.slice(2)
const lines = require('fs').readFileSync(file, 'utf8').trim().split('\n')
const runs = lines.map((line) => JSON.parse(line))
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

// A line for each server, with the median of each field; each peer's are divided by cotext's.
function summarize (title, some, fields) {
  console.log(title)
  const of = (server, field) =>
    median(some.filter((run) => run.server === server).map((run) => run[field]))
  for (const server of new Set(some.map((run) => run.server))) {
    const values = Object.entries(fields).map(([field, [name, digits]]) => {
      const value = of(server, field)
      const ratio = value / of('cotext', field)
      return `${name} ${value.toFixed(digits)}` +
        (server === 'cotext' ? '' : ` (${ratio.toPrecision(3)} times)`)
    })
    const incomplete = some.filter((run) => run.server === server && !run.complete).length
    if (incomplete > 0) values.push(`NOT COMPLETE: ${incomplete}`)
    console.log(`  ${server.padEnd(16)}${values.join(', ')}`)
  }
}

const fanouts = runs.filter((run) => run.measure === 'fanout')
for (const writers of new Set(fanouts.map((run) => run.writers))) {
  const some = fanouts.filter((run) => run.writers === writers)
  summarize(`${some[0].readers} readers, edits of ${writers} to all`, some, {
    deliveries_per_cpu_s: ['deliveries a CPU second', 0],
    messages: ['messages', 0],
    seconds: ['seconds', 1],
    p50_ms: ['p50 ms', 1],
    p99_ms: ['p99 ms', 1]
  })
}
const idle = runs.filter((run) => run.measure === 'idle')
summarize(`${idle[0].connections} idle connections, ${idle[0].to_a_document} to a document`, idle, {
  resident_bytes_per_connection: ['bytes each', 0],
  connect_cpu_us: ['CPU µs to connect', 0],
  ping_p50_ms: ['ping p50 ms', 3],
  ping_p99_ms: ['p99 ms', 3]
})
const areOursComplete = runs.every((run) => run.complete || run.server !== 'cotext')
process.exit(areOursComplete && runs.length === Number(expected) ? 0 : 1)
JS
