#include <cstdio>

#include "crdt/rga_document.h"

int main() {
  using namespace cotext;
  RgaDocument alice(ReplicaId{1});  // Ids are random in real life: one writer each.
  RgaDocument bob(ReplicaId{2});
  bob.Subscribe([](const DeltaEvent& event) {  // What changed, as retain, insert and delete.
    std::printf("bob sees %zu components\n", event.delta.size());
  });

  if (!alice.Insert(CodePointOffset{0}, "Hello, wörld!")) return 1;
  if (!bob.Merge(*alice.EncodeSince(bob.version()))) return 1;  // Bytes, over any channel.

  const Anchor caret = *bob.CreateAnchor(CodePointOffset{12}, Bias::kAfter);
  if (!alice.Replace(ByteOffset{0}, ByteOffset{5}, "Good morning")) return 1;
  if (!bob.Erase(Utf16Offset{12}, Utf16Offset{13})) return 1;  // At the same time.

  if (!alice.Merge(*bob.EncodeSince(alice.version()))) return 1;
  if (!bob.Merge(*alice.EncodeSince(bob.version()))) return 1;
  std::printf("%s (caret at %d)\n", bob.Text().c_str(), int(bob.ResolveAnchor(caret)->value));
  return alice.Text() == bob.Text() ? 0 : 1;
}
