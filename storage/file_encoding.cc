#include "storage/file_encoding.h"

namespace cotext {

FileEncoding EncodingFor(Profile profile) {
  return FileEncoding{.compressor = CompressorFor(profile),
                      .neighbours = profile == Profile::kSmall};
}

}  // namespace cotext
