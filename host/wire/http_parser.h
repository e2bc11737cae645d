// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "wire/http_request.h"

namespace syncline::wire {

struct HttpLimits {
    std::size_t headerBytesMax = 16 * 1024;  ///< request line and headers; also trailers
    std::size_t headersMax = 100;
    std::size_t bodyBytesMax = 1024 * 1024;
};

/// Incremental HTTP/1.x request parser (RFC 9112): Boost.Beast's, without its I/O, and a stricter
/// policy on what lets two parsers see two different requests. It refuses a Transfer-Encoding that
/// is not exactly `chunked`, or is sent with HTTP/1.0; a repeated Content-Length, even an equal
/// one; no Host or several; a folded header; a target that does not start with `/`, is badly
/// encoded or has `.` or `..` as a segment. Trailers are read and dropped.
///
/// One per connection while it speaks HTTP, owned by its handler; [its shard].
class HttpParser {
public:
    enum class State { needMore, complete, failed };

    struct Outcome {
        std::size_t consumed = 0;
        State state = State::needMore;
        int status = 0;                ///< failed: what to answer, e.g. 400; then close
        std::string_view reason = {};  ///< failed: a literal, one sentence
    };

    explicit HttpParser(HttpLimits limits);
    ~HttpParser();
    HttpParser(HttpParser&&) noexcept;
    HttpParser& operator=(HttpParser&&) noexcept;

    /// Consumes bytes of at most one request; what is left of them is to be fed again, with more
    /// behind it. After `complete`, request() is valid until reset().
    Outcome feed(std::string_view bytes);

    HttpRequest& request();

    /// Whether the header is complete and the body is awaited: time limits differ.
    bool isHeaderDone() const;

    /// True once, when the client waits for `100 Continue` before it sends the body.
    bool takeExpectContinue();

    /// Ready for the next request of the connection.
    void reset();

private:
    class Message;

    Outcome feedHeader(std::string_view bytes);
    Outcome feedBody(std::string_view bytes, std::size_t skipped);
    Outcome fail(int status, std::string_view reason);

    HttpLimits limits_;
    std::unique_ptr<Message> message_;
    std::size_t scanned_ = 0;     ///< header bytes known to hold no end of header
    std::size_t emptyLines_ = 0;  ///< skipped in front of the request
    std::size_t left_ = 0;        ///< body bytes that were not consumed the last time
    Outcome failure_;
};

}  // namespace syncline::wire
