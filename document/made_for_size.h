// Whether what is compiled is a WebAssembly module, which is downloaded: made for size. Where there
// is a quicker way beside the general one, only the latter becomes a part of it.
#ifndef COTEXT_DOCUMENT_MADE_FOR_SIZE_H_
#define COTEXT_DOCUMENT_MADE_FOR_SIZE_H_

namespace cotext {

#ifdef __wasm__
inline constexpr bool kMadeForSize = true;
#else
inline constexpr bool kMadeForSize = false;
#endif

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_MADE_FOR_SIZE_H_
