// SPDX-License-Identifier: Apache-2.0
// Holds the server's own JSON code, and that of its tokens, against vectors that others have
// published: one request a line on standard input, one answer a line on standard output.
#include <iostream>
#include <string>

#include "vectors/vectors.h"

namespace {

/// The next line without its end; false when there is none. Of a line that is too long, so much is
/// kept that it is seen.
bool readLine(std::istream& from, std::string& line) {
    using syncline::vectors::kRequestBytesMax;
    line.clear();
    std::streambuf& bytes = *from.rdbuf();
    int byte = bytes.sbumpc();
    if (byte == std::char_traits<char>::eof()) return false;
    for (; byte != std::char_traits<char>::eof() && byte != '\n'; byte = bytes.sbumpc()) {
        if (line.size() <= kRequestBytesMax) line += static_cast<char>(byte);
    }
    return true;
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    std::string line;
    // At once, so that no line can be the one for which there is no memory.
    line.reserve(syncline::vectors::kRequestBytesMax + 1);
    while (readLine(std::cin, line)) std::cout << syncline::vectors::answer(line) << std::endl;
    return 0;
}
