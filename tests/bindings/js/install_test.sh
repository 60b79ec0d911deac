#!/bin/bash
# The archive installs into an empty folder, without a network, and runs under plain Node.
# Usage: install_test.sh PACKAGE.tgz
set -euo pipefail

archive=$(realpath "$1")
folder=${TEST_TMPDIR:-$(mktemp -d)}/install_test
mkdir -p "$folder"
cd "$folder"
export HOME=$folder npm_config_cache=$folder/cache npm_config_update_notifier=false
echo '{"private":true,"type":"module"}' >package.json
npm install --offline --no-audit --no-fund --ignore-scripts "$archive"
[[ ! -e node_modules/@cotext/core/node_modules ]] || { echo "it has dependencies"; exit 1; }

cat >main.js <<'JS'
import { load } from "@cotext/core";
import { CotextClient } from "@cotext/core/client";
const cotext = await load();
const document = cotext.createDocument({ text: "installed" });
const client = new CotextClient(cotext, { url: "http://127.0.0.1:1" });
client.open("x", document);
client.close();
console.log(document.toString());
JS
[[ $(node main.js) == installed ]]

# It is an ES module; a CommonJS program imports it.
cat >main.cjs <<'JS'
import("@cotext/core").then(async ({ load }) =>
  console.log((await load()).createDocument({ text: "installed" }).toString()));
JS
[[ $(node main.cjs) == installed ]]

# In a worker.
cat >worker.js <<'JS'
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import { load } from "@cotext/core";
if (isMainThread) new Worker(new URL(import.meta.url)).on("message", (text) => console.log(text));
else parentPort.postMessage((await load()).createDocument({ text: "installed" }).toString());
JS
[[ $(node worker.js) == installed ]]
echo "installed, and runs"
