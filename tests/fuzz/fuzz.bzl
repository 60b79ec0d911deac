"""fuzz_target: a decoder of outside bytes, run by libFuzzer and tested with the files of its corpus."""

def fuzz_target(name, srcs, deps):
    """Defines NAME_fuzz, which `./dev fuzz NAME` builds and runs, and NAME_corpus_test.

    Args:
      name: the target's name; its corpus is corpus/NAME.
      srcs: what defines TryInput of fuzz_target.h.
      deps: what the sources use.
    """
    native.cc_binary(
        name = name + "_fuzz",
        testonly = True,
        srcs = srcs + ["libfuzzer_entry.cc"],
        linkopts = ["-fsanitize=fuzzer"],
        # Means something only under --config=fuzz.
        tags = ["manual"],
        deps = deps + [":fuzz_target"],
    )
    native.cc_test(
        name = name + "_corpus_test",
        size = "small",
        srcs = srcs + ["replay_corpus.cc"],
        data = native.glob(["corpus/%s/*" % name]),
        env = {"COTEXT_CORPUS": "%s/corpus/%s" % (native.package_name(), name)},
        deps = deps + [
            ":fuzz_target",
            "//document:random",
            "//tests/support:for_each_seed",
            "@system//:gtest_main",
        ],
    )
