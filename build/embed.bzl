"""embedded_texts: a cc_library whose functions return the content of files."""

def embedded_texts(name, header, texts):
    """Defines functions that return texts which are compiled in.

    Args:
      name: the cc_library.
      header: declares the functions, `std::string_view NAME();` in namespace cotext.
      texts: for the label of each file, the function that returns its content: UTF-8, in which
        )COTEXT" does not occur.
    """
    functions = [
        "printf 'std::string_view %s() {\\n  return R\"COTEXT('; cat $(location %s); " % (function, file) +
        "printf ')COTEXT\";\\n}\\n'; "
        for file, function in texts.items()
    ]
    native.genrule(
        name = name + "_source",
        srcs = texts.keys(),
        outs = [name + ".cc"],
        cmd = "{ printf '#include \"%s/%s\"\\nnamespace cotext {\\n'; " % (native.package_name(), header) +
              "".join(functions) + "printf '}\\n'; } >$@",
    )
    native.cc_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = [header],
    )
