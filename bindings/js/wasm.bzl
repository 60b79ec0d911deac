"""C++ sources to WebAssembly, with Debian's clang-19 and wasi-libc: wasm_objects compiles some, and
wasm_module links them, with others of its own, to one module.

Each source is compiled by an action of its own, so a change recompiles what it touches. The warnings
and the language version are the native build's, taken from .bazelrc.

A module is downloaded before it runs, so it is made for size, in every build: -Oz is less than half of
-O2, optimising the whole at link time makes one of what templates made several, and Binaryen's
optimizer takes another sixth off what comes out. What tests run is what is shipped.
"""

_COMPILER = "/usr/bin/clang++-19"
_OPTIMIZER = "/usr/bin/wasm-opt"

# -nostdinc, because this target's default path ends in the host's /usr/include, whose headers would
# be found silently. The order matters: the C++ library wraps the compiler's headers, and they wrap C.
_COMPILE = [
    "--target=wasm32-wasi",
    "-Oz",
    "-DNDEBUG",
    "-fno-exceptions",
    "-fno-rtti",
    "-fvisibility=hidden",
    "-mbulk-memory",
    "-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_FAST",
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
    "-Wl,--lto-O2",
    "-Wl,-mllvm,-enable-merge-functions",
    # With any other level the compiler runs the optimizer below in its own way, where there is one.
    "-O0",
]

# No value is at an address below 1,024: there the stack ends, and who gets that far has overflowed
# it. So an offset may be added to any address without wrapping round.
_OPTIMIZE = [
    "-Oz",
    "--converge",
    "--one-caller-inline-max-function-size=20",
    "--low-memory-unused",
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-sign-ext",
]

def _native_flags(ctx):
    cpp = ctx.fragments.cpp
    warnings = [flag for flag in cpp.copts + cpp.cxxopts if flag.startswith("-W")]
    return ["-std=c++23"] + warnings

WasmObjectsInfo = provider(
    doc = "What was compiled.",
    fields = {
        "headers": "what others may include of it",
        "objects": "files to be linked",
    },
)

# Compiles the sources of a rule. Each sees all headers of the rule and of those in its deps, so what
# changes often should not be in one rule with what does not.
def _compile(ctx):
    headers = [file for file in ctx.files.srcs if file.extension == "h"]
    for dep in ctx.attr.deps:
        headers += dep[WasmObjectsInfo].headers
    roots = {file.root.path + "/" + file.owner.workspace_root: None for file in ctx.files.includes}
    system = [flag for root in roots for flag in ("-isystem", root.lstrip("/"))]
    # What others are made of comes first: the whole then compresses better, by 0.7 %.
    objects = []
    for dep in ctx.attr.deps:
        objects += dep[WasmObjectsInfo].objects
    for source in ctx.files.srcs:
        if source.extension != "cc":
            continue
        object = ctx.actions.declare_file("%s.objects/%s.o" % (ctx.label.name, source.short_path))
        ctx.actions.run(
            executable = _COMPILER,
            arguments = _COMPILE + (["-flto"] if ctx.attr.lto else []) + system +
                        ["-iquote", "."] + _native_flags(ctx) +
                        ["-c", source.path, "-o", object.path],
            inputs = [source] + headers + ctx.files.includes,
            outputs = [object],
            mnemonic = "WasmCompile",
        )
        objects.append(object)
    return WasmObjectsInfo(headers = headers, objects = objects)

def _wasm_objects_impl(ctx):
    compiled = _compile(ctx)
    return [compiled, DefaultInfo(files = depset(compiled.objects))]

def _wasm_module_impl(ctx):
    objects = _compile(ctx).objects
    linked = ctx.outputs.out
    if ctx.attr.lto:
        linked = ctx.actions.declare_file(ctx.label.name + ".linked.wasm")
        ctx.actions.run(
            executable = _OPTIMIZER,
            arguments = _OPTIMIZE + [linked.path, "-o", ctx.outputs.out.path],
            inputs = [linked],
            outputs = [ctx.outputs.out],
            mnemonic = "WasmOptimize",
        )
    ctx.actions.run(
        executable = _COMPILER,
        arguments = _LINK + ["-Wl,--export=" + name for name in ctx.attr.exports] +
                    [object.path for object in objects] + ["-o", linked.path],
        inputs = objects,
        outputs = [linked],
        mnemonic = "WasmLink",
        # The compiler finds the linker, wasm-ld-19, beside itself.
        use_default_shell_env = True,
    )
    outputs = [ctx.outputs.out]
    return [DefaultInfo(files = depset(outputs), runfiles = ctx.runfiles(files = outputs))]

_COMPILED = {
    "deps": attr.label_list(providers = [WasmObjectsInfo]),
    "includes": attr.label_list(
        allow_files = True,
        doc = "Headers of other repositories, included from the root of theirs.",
    ),
    "lto": attr.bool(
        default = True,
        doc = "Whether the sources are optimised together with all others when they are linked.",
    ),
    "srcs": attr.label_list(allow_files = [".cc", ".h"]),
}

wasm_objects = rule(
    implementation = _wasm_objects_impl,
    attrs = _COMPILED,
    fragments = ["cpp"],
)

wasm_module = rule(
    implementation = _wasm_module_impl,
    attrs = dict(
        _COMPILED,
        exports = attr.string_list(
            doc = "Functions to export beside those that are marked in the sources.",
        ),
        out = attr.output(mandatory = True),
    ),
    fragments = ["cpp"],
)
