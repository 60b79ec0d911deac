// What a load generator says to a server, and understands of what it hears: of a document that all
// have open, which edits of each writer have come.
//
//     CotextLoad        the subprotocol cotext.v1
//     YjsLoad           that of y-websocket, for servers of Yjs documents
//     HocuspocusLoad    the same with the document's name in every message
//
// Writers type at the end of their own text, a letter an edit, and need not know of the others: a
// real client costs its own machine time, not the server's.
#ifndef COTEXT_BENCHMARKS_NET_LOAD_PROTOCOL_H_
#define COTEXT_BENCHMARKS_NET_LOAD_PROTOCOL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cotext {

class LoadProtocol {
 public:
  // For one connection. What it returns is to be sent, each as a message.
  LoadProtocol() = default;
  LoadProtocol(const LoadProtocol&) = delete;
  LoadProtocol& operator=(const LoadProtocol&) = delete;
  virtual ~LoadProtocol() = default;

  virtual std::vector<std::string> Begin() = 0;
  // Says that writer's first edits up to this number have come, for each in a message.
  struct Heard {
    uint64_t writer = 0;
    uint64_t edits = 0;
  };
  struct Answer {
    std::vector<Heard> heard;
    std::vector<std::string> replies;
  };
  virtual Answer OnMessage(std::string_view message) = 0;
  // Whether it has the document, and can begin to write.
  virtual bool IsReady() const = 0;
  // The next edit of this connection as a writer, numbered from 1.
  virtual std::string Edit() = 0;
};

// `writer` from 1. What y-websocket opens is said by the path, not in messages.
std::unique_ptr<LoadProtocol> MakeCotextLoad(uint64_t writer, std::string_view document);
std::unique_ptr<LoadProtocol> MakeYjsLoad(uint64_t writer);
std::unique_ptr<LoadProtocol> MakeHocuspocusLoad(uint64_t writer, std::string_view document);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_NET_LOAD_PROTOCOL_H_
