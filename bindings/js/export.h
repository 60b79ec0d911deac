// How a C++ function becomes an export of the WebAssembly module.
//
// Numbers and pointers cross as they are (64-bit ones as BigInt); text and structs go through the
// module's memory, at addresses from cotext_alloc.
#ifndef COTEXT_BINDINGS_JS_EXPORT_H_
#define COTEXT_BINDINGS_JS_EXPORT_H_

// COTEXT_EXPORT(result, cotext_name)(parameters) { ... } defines an exported function.
#define COTEXT_EXPORT(result, name) extern "C" __attribute__((export_name(#name))) result name

#endif  // COTEXT_BINDINGS_JS_EXPORT_H_
