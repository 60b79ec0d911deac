// The worked examples of a page in docs/.
#ifndef COTEXT_TESTS_DOCS_PAGE_EXAMPLES_H_
#define COTEXT_TESTS_DOCS_PAGE_EXAMPLES_H_

#include <string>
#include <string_view>
#include <vector>

namespace cotext {

// Returns the bytes of a block that begins with "```hex NAME": per line the pairs of hexadecimal
// digits in front of the first thing that is none.
std::string ExampleBytes(const std::string& page, const std::string& name);

// Returns the names of all such blocks.
std::vector<std::string> ExampleNames(const std::string& page);

// Returns the cells of the rows of all tables whose first line is this one.
std::vector<std::vector<std::string>> TableRows(const std::string& page, std::string_view header);

// Says what is wrong in the page's own form.
std::string Hex(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_TESTS_DOCS_PAGE_EXAMPLES_H_
