#!/bin/bash
# run.mjs runs programs in turns, keeps going when one fails, and says what is missing: tried on
# programs that print what real ones would.
# Usage: run_test.sh RUN_MJS
set -uo pipefail
command -v node >/dev/null || { echo "FAILED: there is no node"; exit 1; }
run=$PWD/$1
folder=$TEST_TMPDIR
status=0

program() {
  printf '#!/bin/bash\n%s\n' "$2" >"$folder/$1"
  chmod +x "$folder/$1"
}

# Expects a pattern in a file of the last run.
expect() {
  grep -qE -- "$2" "$folder/$1" && return
  echo "FAILED: no '$2' in $1:"
  cat "$folder/$1"
  status=1
}

# Runs it, and expects an exit code.
peers() {
  local wanted=$1
  shift
  node "$run" --traces "$folder" --build "$folder/build" --cotext "$folder/cotext" \
    --transactions "$folder/transactions" --rows 'rustcode|A1|S1' --json "$folder/json" \
    --report "$folder/page.html" "$@" >"$folder/output" 2>"$folder/errors"
  local got=$?
  ((got == wanted)) && return
  echo "FAILED: exit code $got, not $wanted, for $*:"
  cat "$folder/errors"
  status=1
}

echo '{}' >"$folder/rustcode.json.gz"
echo '{}' >"$folder/A1.json.gz"
program cotext 'echo "cotext $*" >>"'"$folder"'/calls"
echo "{\"ok\":true,\"ms_median\":2,\"history_bytes\":50}"'
program transactions 'echo "transactions $*" >>"'"$folder"'/calls"
[[ $2 == --inputs ]] && exit
echo "{\"ok\":true,\"ms_median\":3,\"updates\":2,\"update_bytes\":20}"'
program rust 'echo "rust $*" >>"'"$folder"'/calls"
case $1 in
  list) printf "good 1.0\nbad 2.0\nother 3.0\n" ;;
  rebase) echo form >"$4"; [[ $2 == other ]] && n=7 || n=0
          echo "{\"rebased\":$n,\"transactions\":9}" ;;
  replay) [[ $2 != bad ]] || { echo "it stopped" >&2; exit 101; }
          [[ $3 != batch ]] || exit 0
          echo "{\"ok\":true,\"ms_median\":4,\"form\":\"${@: -5:1}\",\"history_bytes\":100}" ;;
esac'

peers 0 --rounds 1 --modes local
expect errors 'S1: there is no automerge-paper.json.gz in .*: skipped'
expect errors 'the Rust program is not built'
expect errors 'Node.js are not installed'
expect output '^cotext fast +2\.00'

: >"$folder/calls"
peers 0 --rounds 2 --rust "$folder/rust" --modes local --rows rustcode
expect output 'local: cotext fast / good = 0\.500'
expect errors 'rustcode local bad: it stopped'
expect page.html 'rustcode, local, bad: it stopped'
# In turns; what failed is not tried again.
expected='cotext cotext cotext good bad other cotext cotext cotext good other'
turns=$(sed -nE 's/^cotext.*/cotext/p; s/^rust replay ([a-z]+).*/\1/p' "$folder/calls" |
  tr '\n' ' ')
if [[ ${turns% } != "$expected" ]]; then
  echo "FAILED: the turns are $turns, not $expected"
  status=1
fi

: >"$folder/calls"
peers 0 --rounds 1 --rust "$folder/rust" --modes 'merge|load' --rows A1
expect output 'history: cotext fast / good = 0\.500'
# A concurrent trace is looked at once for each engine, and one with another rule gets its own form.
[[ $(grep -c '^rust rebase other' "$folder/calls") == 1 ]] ||
  { echo "FAILED: the form is not looked for once"; status=1; }
expect calls '^rust replay other merge .*other-3\.0\.json\.gz .*--form rebased for other: 7 of 9'
expect calls '^rust replay good merge .*/A1\.json\.gz .*--form as it is'
expect json '"row":"A1","mode":"merge","engine":"other","round":0'

# Engines of Node.js take what the Rust build of theirs made, in its form; without it they edit.
mkdir -p "$folder/js/node_modules"
echo 'const args = process.argv.slice(2).join(" ");
console.log(JSON.stringify({ ok: true, ms_median: 5, args }))' \
  >"$folder/js/replay.mjs"
peers 0 --rounds 1 --js "$folder/js" --rows rustcode --modes 'local|merge' --engines yjs
expect json '"args":"yjs local .*"engine":"yjs"'
! grep -q '"args":"yjs merge' "$folder/json" || { echo "FAILED: yjs merges nothing"; status=1; }
program rust 'case $1 in
  list) echo "yrs 1.0" ;;
  rebase) echo form >"$4"; echo "{\"rebased\":7,\"transactions\":9}" ;;
  replay) echo "{\"ok\":true,\"ms_median\":4}" ;;
esac'
peers 0 --rounds 1 --rust "$folder/rust" --js "$folder/js" --rows A1 --modes merge \
  --engines 'yrs|yjs'
hash=$(sha256sum "$folder"/build/traces/*-yrs-1.0.json.gz | cut -c1-16)
expect json "yjs merge .*-yrs-1\.0\.json\.gz --inputs .*/inputs-2/$hash-yrs-1\.0 --form rebased for yrs"

program rust '[[ $1 == list ]] && echo "good 1.0" && exit
echo "the text differs" >&2; exit 1'
peers 1 --rounds 1 --rust "$folder/rust" --rows rustcode --modes local
program rust '[[ $1 == list ]] && echo "good 1.0" || exec sleep 1000'
peers 0 --rounds 1 --rust "$folder/rust" --rows rustcode --modes local --timeout 2
expect errors 'rustcode local good: it took over 2 seconds'

# Who takes too long for a round takes part in one only.
program rust '[[ $1 == list ]] && echo "good 1.0" && exit
sleep 1.2; echo "{\"ok\":true,\"ms_median\":4}"'
peers 0 --rounds 2 --rust "$folder/rust" --rows rustcode --modes local --slow 1
expect output '^good: local of 1 rounds, not 2$'

# This repository's engine in Node.js merges what its native build wrote, on the clock that is asked for.
mkdir -p "$folder/js/node_modules/@cotext/core"
: >"$folder/calls"
peers 0 --rounds 1 --js "$folder/js" --rows rustcode --modes merge --engines none --clock processor
hash=$(sha256sum "$folder/rustcode.json.gz" | cut -c1-16)
expect calls "^transactions .*/rustcode\.json\.gz --inputs .*/inputs-2/$hash-cotext$"
expect calls '^transactions .*/rustcode\.json\.gz .*--clock processor$'
expect json "cotext merge .*--inputs .*/inputs-2/$hash-cotext .*--clock processor.*\"engine\":\"cotext-js\""

peers 2 --rounds 0
expect errors '--rounds takes a number above 0'
peers 2 --clock sun
expect errors 'there is no clock sun'
exit "$status"
