// Files that outlive a crash or a power cut: read whole, replaced at once, appended to.
//
// What a call that succeeded wrote is on the disk. All calls block, and go on after a signal.
// Errors are kIo, unless said otherwise, and name the file. Thread-safe for different files.
#ifndef COTEXT_STORAGE_FILE_H_
#define COTEXT_STORAGE_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext {

// Returns the content of a file, or all that comes out of a pipe. kTooLarge: more than `max_bytes`;
// at most one byte more is read.
Expected<std::string> ReadFile(const std::string& path, uint64_t max_bytes);

// Makes `bytes` the content of the file, new or not. At any time, whatever happens, a reader sees
// all of the former content or all of the new one.
//
// The bytes go into a new file beside it (PATH.NUMBER.tmp, which a crash may leave behind), which
// then takes its name. The permission bits stay, where the file system has them; other names of the
// former file keep the former content, and a symbolic link is replaced itself. What is there and
// is no regular file is refused. After an error the former content is in place, except if the error
// says that the folder could not be synced: then it is the new content until the power fails.
Expected<void> WriteFileAtomically(const std::string& path, std::string_view bytes);

// Appends `bytes` to an existing file of `size` bytes. An error, and nothing appended, if it has
// another size: someone else has written to it, or the caller has not seen all of it.
//
// After an error the file is cut back to `size`; the error says so if that failed, too. A crash may
// leave any part of the bytes, so records need a length and a checksum; what is behind the last
// whole one is removed by writing the file anew. One writer at a time.
Expected<void> AppendToFile(const std::string& path, std::string_view bytes, uint64_t size);

}  // namespace cotext

#endif  // COTEXT_STORAGE_FILE_H_
