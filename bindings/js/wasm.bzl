"""wasm_module: C++ sources to one WebAssembly module, with Debian's clang-19 and wasi-libc.

Each source is compiled by an action of its own, so a change recompiles what it touches. The warnings
and the language version are the native build's, taken from .bazelrc.
"""

_COMPILER = "/usr/bin/clang++-19"

# -nostdinc, because this target's default path ends in the host's /usr/include, whose headers would
# be found silently. The order matters: the C++ library wraps the compiler's headers, and they wrap C.
_COMPILE = [
    "--target=wasm32-wasi",
    "-O2",
    "-fno-exceptions",
    "-fno-rtti",
    "-fvisibility=hidden",
    "-mbulk-memory",
    "-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE",
    "-nostdinc",
    "-isystem",
    "/usr/include/wasm32-wasi/c++/v1",
    "-isystem",
    "/usr/lib/llvm-19/lib/clang/19/include",
    "-isystem",
    "/usr/include/wasm32-wasi",
]

# The stack goes first and is 1 MiB: by default it is 64 KiB behind the globals, which an overflow
# overwrites without a trap.
_LINK = [
    "--target=wasm32-wasi",
    "-mexec-model=reactor",
    "-Wl,--strip-all",
    "-Wl,--stack-first",
    "-Wl,-z,stack-size=1048576",
    "-Wl,--max-memory=2147483648",
]

def _native_flags(ctx):
    cpp = ctx.fragments.cpp
    warnings = [flag for flag in cpp.copts + cpp.cxxopts if flag.startswith("-W")]
    release = ["-DNDEBUG"] if ctx.var["COMPILATION_MODE"] == "opt" else []
    return ["-std=c++23"] + warnings + release

def _wasm_module_impl(ctx):
    headers = [file for file in ctx.files.srcs if file.extension == "h"]
    roots = {file.root.path + "/" + file.owner.workspace_root: None for file in ctx.files.includes}
    system = [flag for root in roots for flag in ("-isystem", root.lstrip("/"))]
    objects = []
    for source in ctx.files.srcs:
        if source.extension != "cc":
            continue
        object = ctx.actions.declare_file("%s.objects/%s.o" % (ctx.label.name, source.short_path))
        ctx.actions.run(
            executable = _COMPILER,
            arguments = _COMPILE + system + ["-iquote", "."] + _native_flags(ctx) +
                        ["-c", source.path, "-o", object.path],
            inputs = [source] + headers + ctx.files.includes,
            outputs = [object],
            mnemonic = "WasmCompile",
        )
        objects.append(object)
    ctx.actions.run(
        executable = _COMPILER,
        arguments = _LINK + [object.path for object in objects] + ["-o", ctx.outputs.out.path],
        inputs = objects,
        outputs = [ctx.outputs.out],
        mnemonic = "WasmLink",
        # The compiler finds the linker, wasm-ld-19, beside itself.
        use_default_shell_env = True,
    )
    outputs = [ctx.outputs.out]
    return [DefaultInfo(files = depset(outputs), runfiles = ctx.runfiles(files = outputs))]

wasm_module = rule(
    implementation = _wasm_module_impl,
    attrs = {
        "includes": attr.label_list(
            allow_files = True,
            doc = "Headers of other repositories, included from the root of theirs.",
        ),
        "out": attr.output(mandatory = True),
        "srcs": attr.label_list(allow_files = [".cc", ".h"]),
    },
    fragments = ["cpp"],
)
