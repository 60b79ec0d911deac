"""Repositories that hold packages of npm, of which every byte is known beforehand.

Nothing of a package is run when it is fetched, and what it depends on is not fetched with it.
"""

# Fetches packages, all at once, and returns the names of their archives, which are those that npm
# gives them.
def _fetch(ctx, packages):
    npm = ctx.which("npm")
    if npm == None:
        fail("npm is needed to fetch %s; `./dev build` installs it" % ", ".join(packages.keys()))
    packed = ctx.execute(
        [npm, "pack", "--loglevel=error", "--ignore-scripts"] + packages.keys(),
        timeout = 1800,
    )
    if packed.return_code != 0:
        fail("npm could not fetch %s: %s" % (", ".join(packages.keys()), packed.stderr))
    archives = {}
    for package, sha256 in packages.items():
        archive = package.lstrip("@").replace("/", "-").replace("@", "-") + ".tgz"
        found = ctx.execute(["sha256sum", archive]).stdout.split(" ")[0]
        if found != sha256:
            fail("%s has the SHA-256 %s, not %s" % (package, found, sha256))
        archives[package] = archive
    return archives

def _npm_package_impl(ctx):
    archives = _fetch(ctx, {ctx.attr.package: ctx.attr.sha256})
    ctx.extract(archives[ctx.attr.package], stripPrefix = "package")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

npm_package = repository_rule(
    implementation = _npm_package_impl,
    attrs = {
        "build_file": attr.label(mandatory = True),
        "package": attr.string(mandatory = True, doc = "name@version, without a range"),
        "sha256": attr.string(mandatory = True, doc = "of the archive"),
    },
)

# Packages of programs are one for each kind of machine, whose name theirs ends in.
_MACHINES = {
    "-linux-arm64-gnu": "aarch64",
    "-linux-x64-gnu": "x86_64",
    "/linux-arm64": "aarch64",
    "/linux-x64": "x86_64",
}

def _is_for(name, machine):
    for ending, only in _MACHINES.items():
        if name.endswith(ending) and machine != only:
            return False
    return True

def _npm_modules_impl(ctx):
    machine = ctx.execute(["uname", "-m"]).stdout.strip()
    packages = {
        package: sha256
        for package, sha256 in ctx.attr.packages.items()
        if _is_for(package[:package.rindex("@")], machine)
    }
    for package, archive in _fetch(ctx, packages).items():
        output = "node_modules/" + package[:package.rindex("@")]
        ctx.extract(archive, output = output, stripPrefix = "package")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

# Several that use each other, side by side in node_modules.
npm_modules = repository_rule(
    implementation = _npm_modules_impl,
    attrs = {
        "build_file": attr.label(mandatory = True),
        "packages": attr.string_dict(
            mandatory = True,
            doc = "name@version, without a range, and the SHA-256 of the archive",
        ),
    },
)
