// What the servers of a simulated world keep their documents in.
#ifndef COTEXT_SIMULATION_WORLD_STORE_KIND_H_
#define COTEXT_SIMULATION_WORLD_STORE_KIND_H_

#include <cstdint>
#include <string_view>

namespace cotext {

enum class StoreKind : uint8_t {
  kMemory,  // sync/memory_store.h
  kSqlite,  // storage/ on a simulated disk: simulation/virtual_store.h
};

// The names that `--store` and scenarios use.
constexpr std::string_view StoreName(StoreKind kind) {
  return kind == StoreKind::kSqlite ? "sqlite" : "memory";
}

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_STORE_KIND_H_
