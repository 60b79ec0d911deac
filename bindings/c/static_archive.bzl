"""static_archive: libraries and the C++ runtime under them as one archive that C can link.

All objects become one, in which every symbol but those of the interface is local: whoever links it
needs no C++ runtime, and may have another version of one beside it.
"""

def _objects_of(dep):
    objects = []
    for input in dep[CcInfo].linking_context.linker_inputs.to_list():
        for library in input.libraries:
            if not library.pic_objects:
                fail("no position-independent objects in %s" % input.owner)
            objects += library.pic_objects
    return objects

# One object of the runtime, an empty string of its old kind, is "unique": objcopy cannot make it local.
# So an object like it, only weak, comes first and takes its place.
_EMPTY_STRING = "_ZNSs4_Rep20_S_empty_rep_storageE"
_ASSEMBLY = """
.section .bss.{name},"awG",@nobits,{name},comdat
.weak {name}
.type {name}, @object
.size {name}, 32
.balign 16
{name}:
.zero 32
.section .note.GNU-stack,"",@progbits
""".format(name = _EMPTY_STRING)

# Groups (of inline functions) are dissolved, or a program's own copies would take the place of those
# that are local here. The exception tables stay; nothing of the interface throws.
_COMMAND = """
set -eu
out=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clang-19 -x assembler -c - -o "$work/empty_string.o" <<'TEXT'
""" + _ASSEMBLY + """
TEXT
clang-19 -r -nostdlib -fuse-ld=bfd -Wl,--force-group-allocation -o "$work/cotext.o" \
  "$work/empty_string.o" "$@" \
  -l:libstdc++.a -l:libgcc_eh.a -l:libgcc.a
objcopy --wildcard --keep-global-symbol='cotext_*' --strip-unneeded "$work/cotext.o"
rm -f "$out"
ar rcsD "$out" "$work/cotext.o"
"""

def _static_archive_impl(ctx):
    objects = [file for dep in ctx.attr.deps for file in _objects_of(dep)]
    arguments = ctx.actions.args()
    arguments.add_all(objects, uniquify = True)
    arguments.use_param_file("@%s")
    ctx.actions.run_shell(
        command = _COMMAND,
        arguments = [ctx.outputs.out.path, arguments],
        inputs = objects,
        outputs = [ctx.outputs.out],
        mnemonic = "StaticArchive",
        use_default_shell_env = True,
    )
    outputs = [ctx.outputs.out]
    return [DefaultInfo(files = depset(outputs), runfiles = ctx.runfiles(files = outputs))]

static_archive = rule(
    implementation = _static_archive_impl,
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "out": attr.output(mandatory = True),
    },
)
