// Replays an editing trace through the C interface, and writes down what the document is in bytes,
// for bytes_test.mjs.
//
// Usage: trace_bytes TRACE FOLDER. A file for each of what replay_trace.mjs returns.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "bindings/c/cotext.h"
#include "document/check.h"
#include "document/error.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"

namespace cotext {
namespace {

constexpr uint64_t kWriter = 1;
constexpr uint64_t kOther = 2;

void Check(cotext_status status) { COTEXT_CHECK(status == COTEXT_OK); }

class Document {
 public:
  explicit Document(uint64_t writer) { Check(cotext_document_new(COTEXT_RGA, writer, &document_)); }
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  ~Document() { cotext_document_free(document_); }

  void Replay(const Trace& trace) {
    for (size_t i = 0; i < trace.transaction_count(); ++i) {
      for (const TracePatch& patch : trace.patches(i)) {
        const uint64_t begin = patch.position;
        Check(cotext_document_replace(document_, COTEXT_CODE_POINTS, begin, begin + patch.deleted,
                                      patch.inserted.data(), patch.inserted.size()));
      }
    }
  }
  void Merge(std::string_view update) {
    Check(cotext_document_merge(document_, update.data(), update.size()));
  }

  std::string Text() const { return Take(cotext_document_text); }
  std::string Version() const { return Take(cotext_document_version); }
  std::string Update() const {
    return Take([](const cotext_document* document, cotext_buffer* out) {
      return cotext_document_encode_since(document, nullptr, 0, out);
    });
  }
  std::string Save(cotext_save_flags flags) const {
    return Take([flags](const cotext_document* document, cotext_buffer* out) {
      return cotext_document_save(document, flags, nullptr, out);
    });
  }

 private:
  template <typename Call>
  std::string Take(Call call) const {
    cotext_buffer buffer{};
    Check(call(document_, &buffer));
    std::string bytes(static_cast<const char*>(buffer.data), buffer.size);
    cotext_buffer_free(&buffer);
    return bytes;
  }

  cotext_document* document_ = nullptr;
};

void WriteAll(const Trace& trace, const std::filesystem::path& folder) {
  const auto write = [&folder](const char* name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  Document document(kWriter);
  document.Replay(trace);
  const std::string update = document.Update();
  Document merged(kOther);
  merged.Merge(update);
  write("text", document.Text());
  write("version", document.Version());
  write("update", update);
  write("file", document.Save(0));
  write("small", document.Save(COTEXT_SAVE_SMALL));
  write("compact", document.Save(COTEXT_SAVE_COMPACT));
  write("merged", merged.Save(0));
}

}  // namespace
}  // namespace cotext

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: trace_bytes TRACE FOLDER\n", stderr);
    return 2;
  }
  const cotext::Expected<cotext::Trace> trace = cotext::ReadTrace(arguments[1]);
  if (!trace) {
    std::fprintf(stderr, "%s\n", trace.error().message.c_str());
    return 2;
  }
  cotext::WriteAll(*trace, arguments[2]);
  return 0;
}
