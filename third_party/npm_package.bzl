"""A repository that holds one package of npm, of which every byte is known beforehand."""

def _npm_package_impl(ctx):
    npm = ctx.which("npm")
    if npm == None:
        fail("npm is needed to fetch %s; `./dev build` installs it" % ctx.attr.package)
    packed = ctx.execute([npm, "pack", "--loglevel=error", "--ignore-scripts", ctx.attr.package])
    if packed.return_code != 0:
        fail("npm could not fetch %s: %s" % (ctx.attr.package, packed.stderr))
    archive = packed.stdout.strip().split("\n")[-1]
    summed = ctx.execute(["sha256sum", archive])
    sha256 = summed.stdout.split(" ")[0]
    if sha256 != ctx.attr.sha256:
        fail("%s has the SHA-256 %s, not %s" % (ctx.attr.package, sha256, ctx.attr.sha256))
    ctx.extract(archive, stripPrefix = "package")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

# Nothing of it is run, and what it depends on is not fetched.
npm_package = repository_rule(
    implementation = _npm_package_impl,
    attrs = {
        "build_file": attr.label(mandatory = True),
        "package": attr.string(mandatory = True, doc = "name@version, without a range"),
        "sha256": attr.string(mandatory = True, doc = "of the archive"),
    },
)
