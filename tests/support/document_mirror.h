// A text that follows a document by the deltas of its events alone.
#ifndef COTEXT_TESTS_SUPPORT_DOCUMENT_MIRROR_H_
#define COTEXT_TESTS_SUPPORT_DOCUMENT_MIRROR_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/delta.h"
#include "document/document.h"

namespace cotext {

// Every event must be a delta that leads to the text that the document has.
class DocumentMirror {
 public:
  explicit DocumentMirror(Document& document) : document_(document), text_(document.Text()) {
    id_ = document.Subscribe([this](const DeltaEvent& event) { Hear(event); });
  }
  DocumentMirror(const DocumentMirror&) = delete;
  DocumentMirror& operator=(const DocumentMirror&) = delete;
  ~DocumentMirror() { document_.Unsubscribe(id_); }

  // The origins of all events, and the delta of the latest.
  const std::vector<EditOrigin>& origins() const { return origins_; }
  const Delta& last() const { return last_; }
  const std::vector<Delta>& deltas() const { return deltas_; }

  // The text must be the document's between events, too.
  void Check() const { ASSERT_EQ(text_, document_.Text()); }

 private:
  void Hear(const DeltaEvent& event) {
    event.delta.CheckInvariants();
    EXPECT_FALSE(event.delta.empty());
    const Expected<std::string> after = Apply(event.delta, text_);
    ASSERT_TRUE(after.has_value());
    text_ = *after;
    EXPECT_EQ(text_, document_.Text());
    origins_.push_back(event.origin);
    last_ = event.delta;
    deltas_.push_back(event.delta);
  }

  Document& document_;
  std::string text_;
  Document::SubscriptionId id_;
  std::vector<EditOrigin> origins_;
  std::vector<Delta> deltas_;
  Delta last_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_DOCUMENT_MIRROR_H_
