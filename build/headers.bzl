"""self_contained_headers: an aspect that compiles alone every header that no source begins with.

It stands in for the feature parse_headers, which the toolchain of Debian's Bazel does not have. The
source of a header's name includes it first, which `./dev format --check` sees to: compiling that
source shows as much.
"""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _files(ctx, attribute):
    return [file for target in getattr(ctx.rule.attr, attribute, []) for file in target.files.to_list()]

def _self_contained_headers_impl(target, ctx):
    paired = [file.path for file in _files(ctx, "srcs")]
    headers = [
        file
        for file in _files(ctx, "hdrs")
        if file.path[:-len(file.extension)] + "cc" not in paired
    ]
    if CcInfo not in target or not headers:
        return []
    sources = []
    for header in headers:
        source = ctx.actions.declare_file("%s.headers/%s.cc" % (target.label.name, header.basename))
        ctx.actions.write(source, '#include "%s"\n' % header.short_path)
        sources.append(source)
    toolchain = find_cpp_toolchain(ctx)
    _, outputs = cc_common.compile(
        name = target.label.name + ".headers",
        actions = ctx.actions,
        cc_toolchain = toolchain,
        compilation_contexts = [target[CcInfo].compilation_context],
        feature_configuration = cc_common.configure_features(
            ctx = ctx,
            cc_toolchain = toolchain,
            requested_features = ctx.features,
            unsupported_features = ctx.disabled_features,
        ),
        srcs = sources,
    )
    return [OutputGroupInfo(self_contained_headers = depset(outputs.pic_objects + outputs.objects))]

self_contained_headers = aspect(
    implementation = _self_contained_headers_impl,
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
