#include "ot/component_tree.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "document/delta.h"
#include "tests/support/random_delta.h"

namespace cotext {

// Reaches into the tree.
struct ComponentTreePeer {
  // The first piece.
  static void ChangeCount(ComponentTree& tree) { ++tree.pieces_[1].count; }
  static void ChangeKind(ComponentTree& tree) { tree.pieces_[1].kind = Delta::Kind::kDelete; }
  static void ForgetText(ComponentTree& tree) { tree.pieces_[2].text_bytes = 0; }
  static void CutCharacter(ComponentTree& tree) { ++tree.pieces_[2].text_begin; }
  static void ShareText(ComponentTree& tree) { tree.pieces_[4].text_begin = 0; }
  static void LoseText(ComponentTree& tree) { tree.text_ += 'x'; }
  static void ChangeSum(ComponentTree& tree) { tree.tree_.AddTo(0, 1, 1); }
  static void ForgetTyped(ComponentTree& tree) { tree.typed_ = 0; }
  static void RetainAtEnd(ComponentTree& tree) {
    tree.Add(tree.tree_.Last(), {.kind = Delta::Kind::kRetain, .count = 1});
  }
  static void SplitRetain(ComponentTree& tree) { tree.Split(1, 1); }
  static size_t TextBytes(const ComponentTree& tree) { return tree.text_.size(); }
};

namespace {

using Kind = Delta::Kind;
using Place = ComponentTree::Place;

Delta Sample() { return Delta().Retain(3).Insert("\u00e9a").Delete(2).Insert("xy"); }

ComponentTree SampleTree() { return ComponentTree(Sample(), 2); }

TEST(ComponentTreeTest, HoldsADelta) {
  const ComponentTree tree = SampleTree();
  tree.CheckInvariants();
  EXPECT_EQ(tree.ToDelta(), Sample());
  EXPECT_EQ(tree.size(), 4U);
  EXPECT_EQ(tree.base_length(), Sample().base_length());
  EXPECT_EQ(tree.target_length(), Sample().target_length());
  EXPECT_EQ(ComponentTree(Delta()).ToDelta(), Delta());
}

TEST(ComponentTreeTest, PlacesAreRightBehindAUnitOrPastWhatTheOtherSideLacks) {
  const ComponentTree tree = SampleTree();
  EXPECT_EQ(tree.BehindBase(3).target, 3U);
  EXPECT_EQ(tree.PassInserts(tree.BehindBase(3)).target, 5U);
  EXPECT_EQ(tree.BehindTarget(5).base, 3U);
  EXPECT_EQ(tree.PassDeletes(tree.BehindTarget(5)).base, 5U);
  EXPECT_EQ(tree.BehindBase(4).target, 5U);
  EXPECT_EQ(tree.After(tree.BehindBase(4)).count, 1U);
  EXPECT_FALSE(tree.AtEnd(tree.BehindBase(5)));
  EXPECT_TRUE(tree.AtEnd(tree.PassInserts(tree.BehindBase(5))));
  EXPECT_EQ(tree.TextAfter(tree.BehindTarget(4), 1), "a");
  EXPECT_EQ(tree.TextAfter(tree.BehindTarget(3), 1), "\u00e9");
}

TEST(ComponentTreeTest, TypingIsSeenAtOnce) {
  ComponentTree tree = SampleTree();
  EXPECT_FALSE(tree.TypeOn(7, "z", 1));
  tree.Type(tree.End());
  EXPECT_FALSE(tree.TypeOn(6, "z", 1));
  EXPECT_TRUE(tree.TypeOn(7, "\u00e9", 1));
  EXPECT_TRUE(tree.TypeOn(8, "zz", 2));
  tree.CheckInvariants();
  EXPECT_EQ(tree.target_length(), 10U);
  EXPECT_FALSE(tree.TakeBack(10, 1, "a"));
  EXPECT_TRUE(tree.TakeBack(10, 2, "zz"));
  EXPECT_FALSE(tree.TakeBack(8, 3, ""));  // All of the piece.
  EXPECT_TRUE(tree.TakeBack(8, 2, ""));
  tree.CheckInvariants();
  EXPECT_EQ(tree.ToDelta(), Delta().Retain(3).Insert("\u00e9a").Delete(2).Insert("x"));
  tree.Settle();
  tree.CheckInvariants();
  EXPECT_EQ(tree.target_length(), 6U);
}

TEST(ComponentTreeTest, TextsThatNothingRefersToAreFreed) {
  const std::string text(3000, 'x');
  ComponentTree tree(Delta().Retain(1).Insert(text).Retain(1).Insert("yy"));
  for (int i = 0; i < 100; ++i) {
    tree.Put(tree.BehindTarget(1), {Kind::kInsert, text.size(), text});
    tree.Put(tree.End(), {Kind::kInsert, 1, "y"});  // So that the text does not end there.
    tree.Cut(tree.BehindTarget(1), text.size());
    tree.TrimEnd();
    tree.CheckInvariants();
    EXPECT_LE(ComponentTreePeer::TextBytes(tree), 20'000U);
  }
}

template <typename Corrupt>
void ExpectStops(Corrupt corrupt) {
  ComponentTree tree = SampleTree();
  tree.Type(tree.End());
  EXPECT_TRUE(tree.TypeOn(7, "z", 1));
  tree.CheckInvariants();
  corrupt(tree);
  EXPECT_DEATH(tree.CheckInvariants(), "");
}

TEST(ComponentTreeDeathTest, CheckInvariantsSeesCorruption) {
  ExpectStops(ComponentTreePeer::ChangeCount);
  ExpectStops(ComponentTreePeer::ChangeKind);
  ExpectStops(ComponentTreePeer::ForgetText);
  ExpectStops(ComponentTreePeer::CutCharacter);
  ExpectStops(ComponentTreePeer::ShareText);
  ExpectStops(ComponentTreePeer::LoseText);
  ExpectStops(ComponentTreePeer::ChangeSum);
  ExpectStops(ComponentTreePeer::ForgetTyped);
  ExpectStops(ComponentTreePeer::RetainAtEnd);
  ExpectStops(ComponentTreePeer::SplitRetain);
}

}  // namespace
}  // namespace cotext
