#include "simulation/world/world_store.h"

namespace cotext {

WorldStore::WorldStore(StoreKind kind, uint64_t seed, const sync::MemoryStoreFaults& faults) {
  if (kind == StoreKind::kSqlite) {
    store_.emplace<VirtualStore>(seed, faults);
  } else {
    store_.emplace<sync::MemoryStore>(seed, faults);
  }
}

sync::Store& WorldStore::calls() {
  return std::visit([](sync::Store& store) -> sync::Store& { return store; }, store_);
}

void WorldStore::SetFaults(const sync::MemoryStoreFaults& faults) {
  std::visit([&](auto& store) { store.SetFaults(faults); }, store_);
}

void WorldStore::SetTime(uint64_t now_ms) {
  std::visit([&](auto& store) { store.SetTime(now_ms); }, store_);
}

std::optional<uint64_t> WorldStore::NextTimeMs() const {
  return std::visit([](const auto& store) { return store.NextTimeMs(); }, store_);
}

void WorldStore::Crash() {
  std::visit([](auto& store) { store.Crash(); }, store_);
}

sync::StoredLog WorldStore::Synced(std::string_view document) const {
  return std::visit([&](const auto& store) { return store.Synced(document); }, store_);
}

void WorldStore::SetRoom(std::optional<uint64_t> bytes) {
  if (auto* const store = std::get_if<VirtualStore>(&store_)) store->SetRoom(bytes);
}

void WorldStore::Close() {
  if (auto* const store = std::get_if<VirtualStore>(&store_)) store->Close();
}

}  // namespace cotext
