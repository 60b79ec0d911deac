"""package_test: a Node program, NAME.mjs, in a folder in which @cotext/core is installed."""

def package_test(name, size = "small", arguments = [], packages = [], modules = []):
    """Makes a test.

    Args:
      name: of the test and of its file.
      size: of the test.
      arguments: files that the program is given.
      packages: archives of further packages of the project.
      modules: of them, what is to be found beside them, in @web_modules.
    """
    all_packages = ["//bindings/js/core:package"] + packages
    native.sh_test(
        name = name,
        size = size,
        srcs = ["package_test.sh"],
        args = ["$(location %s)" % package for package in all_packages] + [
            "$(location %s.mjs)" % name,
        ] + ["$(location %s)" % argument for argument in arguments],
        data = native.glob(["*.mjs"]) + arguments + all_packages + modules,
        tags = ["no_sanitizer"],  # The module would be the same.
    )
