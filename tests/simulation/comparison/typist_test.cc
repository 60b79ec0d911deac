#include "simulation/comparison/typist.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/document.h"
#include "simulation/comparison/timeline.h"

namespace cotext {
namespace {

TypistResult Simulate(Engine engine, uint64_t round_trip_ms, uint32_t typists, uint64_t seed = 1) {
  return SimulateTypist(
      engine, {.round_trip_ms = round_trip_ms, .typists = typists, .keys = 500, .seed = seed});
}

TEST(EventQueueTest, EventsHappenInOrderOfTimeAndThenOfAdding) {
  Timeline queue;
  std::string order;
  queue.After(5, [&] { order += 'c'; });
  queue.After(2, [&] {
    order += 'a';
    queue.After(3, [&] { order += 'd'; });
    queue.After(0, [&] { order += 'b'; });
  });
  queue.Run();
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(queue.now(), 5U);
}

TEST(TypistTest, AllTextsAreEqualAndAllIsAcknowledged) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    for (const Engine engine : {Engine::kRga, Engine::kOt}) {
      for (const uint32_t typists : {1U, 2U}) {
        EXPECT_TRUE(Simulate(engine, 10 * seed, typists, seed).ok);
      }
    }
  }
}

TEST(TypistTest, TheSameSeedGivesTheSame) {
  for (const Engine engine : {Engine::kRga, Engine::kOt}) {
    EXPECT_EQ(Simulate(engine, 100, 2), Simulate(engine, 100, 2));
    EXPECT_NE(Simulate(engine, 100, 2), Simulate(engine, 100, 2, 2));
  }
}

TEST(TypistTest, TheRgaSendsEveryKeyAtOnce) {
  const TypistResult result = Simulate(Engine::kRga, 300, 2);
  EXPECT_EQ(result.messages_sent, 500U);
  EXPECT_EQ(result.keys_per_message_max, 1U);
  EXPECT_EQ(result.seen_ms_mean, 300);
  EXPECT_EQ(result.seen_ms_max, 300);
  EXPECT_EQ(result.acknowledged_ms_max, 300);
  EXPECT_EQ(result.client_transforms + result.server_transforms, 0U);
}

TEST(TypistTest, OtSendsEveryKeyAtOnceWhereTheLineIsFasterThanTheTypist) {
  const TypistResult result = Simulate(Engine::kOt, 40, 1);
  EXPECT_EQ(result.messages_sent, 500U);
  EXPECT_EQ(result.seen_ms_max, 40);
  EXPECT_EQ(result.client_transforms, 0U);
  EXPECT_EQ(result.server_transforms, 0U);
}

TEST(TypistTest, OtWaitsForOneRoundTripMoreAtMostOnASlowLine) {
  const TypistResult result = Simulate(Engine::kOt, 300, 1);
  EXPECT_LT(result.messages_sent, 180U);
  EXPECT_GE(result.keys_per_message_max, 4U);
  EXPECT_GT(result.seen_ms_mean, 400);
  EXPECT_LE(result.seen_ms_max, 600);
  EXPECT_LT(result.bytes_sent, Simulate(Engine::kRga, 300, 1).bytes_sent);
}

TEST(TypistTest, TwoTypistsMakeTransforms) {
  const TypistResult result = Simulate(Engine::kOt, 300, 2);
  EXPECT_GT(result.client_transforms, 100U);
  EXPECT_GT(result.server_transforms, 100U);
  EXPECT_GT(result.bytes_heard, Simulate(Engine::kOt, 300, 1).bytes_heard);
}

}  // namespace
}  // namespace cotext
