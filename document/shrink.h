// Gives back what a string or vector has allocated beyond its size.
//
// libstdc++'s shrink_to_fit does nothing in code that is compiled without exceptions, as the core
// is. Linear; while it copies, there are both.
#ifndef COTEXT_DOCUMENT_SHRINK_H_
#define COTEXT_DOCUMENT_SHRINK_H_

namespace cotext {

template <typename Container>
void Shrink(Container& container) {
  if (container.capacity() == container.size()) return;
  Container(container.begin(), container.end()).swap(container);
}

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_SHRINK_H_
