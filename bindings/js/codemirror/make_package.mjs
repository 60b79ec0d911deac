// Makes the npm package: compiles the sources, and puts all that belongs to it into one archive, the
// same for the same inputs.
//
// Usage: node make_package.mjs --typescript=DIR --modules=DIR --core=FILE --license=FILE --out=FILE
//            --root=DIR FILE...
// Each FILE is of the package, in DIR; `core` is the archive of @cotext/core, and `modules` holds what
// else the sources import. None of it goes into the package.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const options = {};
const files = [];
for (const argument of process.argv.slice(2)) {
  const option = /^--([a-z]+)=(.*)$/.exec(argument);
  if (option === null) files.push(argument);
  else options[option[1]] = path.resolve(option[2]);
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), "cotext-codemirror-"));
const modules = path.join(work, "node_modules");
process.once("exit", () => fs.rmSync(work, { recursive: true, force: true }));

function run(program, ...arguments_) {
  execFileSync(program, arguments_, { cwd: work, stdio: ["ignore", 2, "inherit"] });
}

// Copies files out of the build's tree, where they are links.
function gather() {
  for (const file of files) {
    const to = path.join(work, path.relative(options.root, path.resolve(file)));
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(file, to);
  }
  const core = path.join(modules, "@cotext/core");
  fs.mkdirSync(core, { recursive: true });
  run("tar", "--extract", `--file=${options.core}`, `--directory=${core}`, "--strip-components=1");
  for (const name of fs.readdirSync(options.modules)) {
    fs.symlinkSync(path.join(options.modules, name), path.join(modules, name));
  }
}

function compile() {
  run(process.execPath, path.join(options.typescript, "lib/tsc.js"), "--project", work);
}

function pack() {
  const all = path.join(work, "package");
  fs.mkdirSync(all);
  fs.copyFileSync(options.license, path.join(all, "LICENSE"));
  for (const name of ["README.md", "dist", "package.json"]) {
    fs.renameSync(path.join(work, name), path.join(all, name));
  }
  const archive = path.join(work, "package.tar");
  run(
    "tar",
    "--create",
    `--file=${archive}`,
    "--sort=name",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
    "package",
  );
  run("gzip", "--no-name", "-9", archive);
  fs.copyFileSync(`${archive}.gz`, options.out);
}

gather();
compile();
pack();
