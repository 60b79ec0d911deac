"""Repositories that hold packages of npm, of which every byte is known beforehand.

Nothing of a package is run when it is fetched, and what it depends on is not fetched with it.
"""

# Fetches a package and returns the name of its archive.
def _fetch(ctx, package, sha256):
    npm = ctx.which("npm")
    if npm == None:
        fail("npm is needed to fetch %s; `./dev build` installs it" % package)
    packed = ctx.execute([npm, "pack", "--loglevel=error", "--ignore-scripts", package])
    if packed.return_code != 0:
        fail("npm could not fetch %s: %s" % (package, packed.stderr))
    archive = packed.stdout.strip().split("\n")[-1]
    summed = ctx.execute(["sha256sum", archive])
    found = summed.stdout.split(" ")[0]
    if found != sha256:
        fail("%s has the SHA-256 %s, not %s" % (package, found, sha256))
    return archive

def _npm_package_impl(ctx):
    archive = _fetch(ctx, ctx.attr.package, ctx.attr.sha256)
    ctx.extract(archive, stripPrefix = "package")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

npm_package = repository_rule(
    implementation = _npm_package_impl,
    attrs = {
        "build_file": attr.label(mandatory = True),
        "package": attr.string(mandatory = True, doc = "name@version, without a range"),
        "sha256": attr.string(mandatory = True, doc = "of the archive"),
    },
)

def _npm_modules_impl(ctx):
    for package, sha256 in ctx.attr.packages.items():
        name = package[:package.rindex("@")]
        ctx.extract(
            _fetch(ctx, package, sha256),
            output = "node_modules/" + name,
            stripPrefix = "package",
        )
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
