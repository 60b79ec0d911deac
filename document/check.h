// Assertions about cotext's own state. Data from outside never reaches them: it gets an Error.
//
// COTEXT_CHECK is always on and states something that was proved; a wrong state is worse than a
// stop. COTEXT_DCHECK may be costly and exists only without NDEBUG. A failure says where, see
// CheckFailed, and traps.
#ifndef COTEXT_DOCUMENT_CHECK_H_
#define COTEXT_DOCUMENT_CHECK_H_

namespace cotext {

// Stops the program. Natively the place goes to standard error first; in WebAssembly the file and
// line stay behind for JavaScript to read.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace cotext

#define COTEXT_CHECK(condition)                        \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::cotext::CheckFailed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define COTEXT_DCHECK(condition) static_cast<void>(sizeof(!(condition)))
#else
#define COTEXT_DCHECK(condition) COTEXT_CHECK(condition)
#endif

#endif  // COTEXT_DOCUMENT_CHECK_H_
