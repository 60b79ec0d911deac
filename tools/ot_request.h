// What `cotext ot` answers to a line: JSON in, JSON out.
#ifndef COTEXT_TOOLS_OT_REQUEST_H_
#define COTEXT_TOOLS_OT_REQUEST_H_

#include <string>
#include <string_view>

namespace cotext {

// Returns {"result": ...} or {"error": "..."}, without a line's end.
//
// Total: a line of any bytes has an answer. Linear in the line and what it asks for, and takes some
// 80 times as much memory as the line.
std::string AnswerOtRequest(std::string_view line);

// What is answered to a line that is longer than whoever reads it takes.
std::string AnswerLongOtRequest();

}  // namespace cotext

#endif  // COTEXT_TOOLS_OT_REQUEST_H_
