"""A repository that holds links to folders of this machine and nothing else."""

def _link_repository_impl(ctx):
    for name, target in ctx.attr.links.items():
        ctx.symlink(target, name)
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

link_repository = repository_rule(
    implementation = _link_repository_impl,
    attrs = {
        "build_file": attr.label(mandatory = True),
        "links": attr.string_dict(mandatory = True),
    },
    local = True,
)
