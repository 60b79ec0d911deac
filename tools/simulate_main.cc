// `cotext simulate` alone, which is built without servers, clients and the page: for whoever builds
// it again and again (./dev mutate).
#include "tools/command.h"
#include "tools/simulate_command.h"

int main(int argc, char** argv) {
  return cotext::RunCommandLine(argc, argv, cotext::AddSimulateCommand);
}
