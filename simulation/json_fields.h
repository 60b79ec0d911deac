// Reads the fields of one JSON object, strictly: each has its type, none is missing, none is
// unknown. The first error stays, and is the result; numbers are 0 and texts empty from then on.
#ifndef COTEXT_SIMULATION_JSON_FIELDS_H_
#define COTEXT_SIMULATION_JSON_FIELDS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"

namespace cotext {

class JsonFields {
 public:
  using Json = nlohmann::ordered_json;

  // `where` begins the messages: "faults[3]". REQUIRES: the object outlives this.
  JsonFields(const Json& object, std::string where);

  uint64_t Number(const char* name, uint64_t most = UINT64_MAX);
  std::string Text(const char* name);
  std::vector<uint64_t> Numbers(const char* name, uint64_t most = UINT64_MAX);
  const Json& Object(const char* name);
  const Json& List(const char* name);

  // Whether there is such a field: for those that may be left out.
  bool Has(const char* name) const { return object_->contains(name); }
  // Says that what was read makes no sense.
  void Fail(const std::string& what);

  // Returns the first error, also that of a field that was not read. kInvalidTrace.
  Expected<void> Finish();

 private:
  // Returns a field, or null after an error.
  const Json* Find(const char* name);

  const Json* object_;
  std::string where_;
  std::set<std::string> read_;
  std::optional<Error> error_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_JSON_FIELDS_H_
