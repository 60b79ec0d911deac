#include "simulation/trace/trace_writer.h"

#include <cstddef>
#include <string_view>

#include "document/check.h"
#include "simulation/trace/gzip_file.h"

namespace cotext {
namespace {

// Buffered text is handed on in pieces of about this size.
constexpr size_t kPieceBytes = 64U << 10U;

void AppendString(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (byte == '\n') {
      out += "\\n";
    } else if (code < 0x20U) {
      out += "\\u00";
      out += kHex[code >> 4U];
      out += kHex[code & 0xfU];
    } else {
      out += byte;
    }
  }
  out += '"';
}

void AppendHeader(std::string& out, const Trace& trace) {
  out += '{';
  if (trace.kind() == Trace::Kind::kConcurrent) {
    out += "\"kind\":\"concurrent\",\"numAgents\":" + std::to_string(trace.agent_count());
  } else {
    out += "\"startContent\":\"\"";
  }
  out += ",\"endContent\":";
  AppendString(out, trace.end_content());
  out += ",\"txns\":[";
}

void AppendTransaction(std::string& out, const Trace& trace, size_t transaction) {
  out += transaction == 0 ? "\n{" : ",\n{";
  if (trace.kind() == Trace::Kind::kConcurrent) {
    out += "\"parents\":[";
    std::string_view separator;
    for (const uint32_t parent : trace.parents(transaction)) {
      out += separator;
      out += std::to_string(parent);
      separator = ",";
    }
    out += "],\"agent\":" + std::to_string(trace.agent(transaction)) + ',';
  }
  out += "\"patches\":[";
  std::string_view separator;
  for (const TracePatch patch : trace.patches(transaction)) {
    out += separator;
    out += '[' + std::to_string(patch.position) + ',' + std::to_string(patch.deleted) + ',';
    AppendString(out, patch.inserted);
    out += ']';
    separator = ",";
  }
  out += "]}";
}

// Calls `write` with one piece after the other until it fails.
template <typename Write>
Expected<void> WritePieces(const Trace& trace, Write write) {
  std::string piece;
  AppendHeader(piece, trace);
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    AppendTransaction(piece, trace, t);
    if (piece.size() < kPieceBytes) continue;
    COTEXT_RETURN_IF_ERROR(write(std::string_view(piece)));
    piece.clear();
  }
  piece += "\n]}\n";
  return write(std::string_view(piece));
}

}  // namespace

Expected<void> WriteTrace(const Trace& trace, const std::string& path) {
  auto writer = GzipWriter::Open(path);
  if (!writer) return std::unexpected(std::move(writer).error());
  COTEXT_RETURN_IF_ERROR(
      WritePieces(trace, [&](std::string_view piece) { return writer->Write(piece); }));
  return writer->Close();
}

std::string SerializeTrace(const Trace& trace) {
  std::string all;
  const auto written = WritePieces(trace, [&](std::string_view piece) -> Expected<void> {
    all += piece;
    return {};
  });
  COTEXT_CHECK(written.has_value());
  return all;
}

}  // namespace cotext
