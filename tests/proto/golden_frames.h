// The packets of golden_frames.json, which pins how every kind of message travels: each as a struct
// and as bytes. JavaScript's mapping is held to the same file.
#ifndef COTEXT_TESTS_PROTO_GOLDEN_FRAMES_H_
#define COTEXT_TESTS_PROTO_GOLDEN_FRAMES_H_

#include <string>
#include <vector>

#include "sync/packet.h"

namespace cotext {

struct GoldenFrame {
  std::string name;
  sync::Packet packet;
  std::string bytes;
  bool is_only_read = false;  // No encoder of this version writes it.
};

// REQUIRES: the file is where Bazel puts it.
std::vector<GoldenFrame> ReadGoldenFrames();

}  // namespace cotext

#endif  // COTEXT_TESTS_PROTO_GOLDEN_FRAMES_H_
