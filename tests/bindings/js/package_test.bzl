"""package_test: a Node program, NAME.mjs, in a folder in which @cotext/core is installed."""

def package_test(name, size = "small", arguments = []):
    native.sh_test(
        name = name,
        size = size,
        srcs = ["package_test.sh"],
        args = [
            "$(location //bindings/js/core:package)",
            "$(location %s.mjs)" % name,
        ] + ["$(location %s)" % argument for argument in arguments],
        data = native.glob(["*.mjs"]) + arguments + ["//bindings/js/core:package"],
        tags = ["no_sanitizer"],  # The module would be the same.
    )
