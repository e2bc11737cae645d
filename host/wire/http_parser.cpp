// SPDX-License-Identifier: Apache-2.0
#include "wire/http_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cassert>
#include <utility>

#include "json/utf8.h"

namespace syncline::wire {

namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::string_view kEndOfHeader = "\r\n\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// Empty lines in front of a request that are let pass (RFC 9112, section 2.2).
constexpr std::size_t kEmptyLinesMax = 2;

struct Refusal {
    int status = 0;  ///< 0: nothing is wrong
    std::string_view reason = {};
};

constexpr Refusal kFine;

Refusal bad(std::string_view reason) {
    return {400, reason};
}

Refusal refusalFor(const beast::error_code& error) {
    if (error == http::error::header_limit) return {431, "header too large"};
    if (error == http::error::body_limit) return {413, "body too large"};
    if (error == http::error::bad_version) return {505, "HTTP version not supported"};
    if (error == http::error::bad_method) return bad("bad method");
    if (error == http::error::bad_target) return bad("bad request target");
    if (error == http::error::bad_content_length) return bad("bad Content-Length");
    if (error == http::error::bad_transfer_encoding) return bad("bad Transfer-Encoding");
    if (error == http::error::bad_chunk) return bad("bad chunk");
    if (error == http::error::bad_chunk_extension) return bad("bad chunk extension");
    if (error == http::error::bad_field) return bad("bad header name");
    if (error == http::error::bad_value) return bad("bad header value");
    return bad("bad request");
}

bool isControlCharacter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

bool isMethodCharacter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

/// Host may be empty (RFC 9112, section 3.2), but holds nothing that belongs elsewhere in a URI.
bool isHost(std::string_view host) {
    return std::none_of(host.begin(), host.end(), [](char c) {
        return c <= ' ' || c >= 0x7F ||
               std::string_view("/\\?#@,<>\"{}|^`").find(c) != std::string_view::npos;
    });
}

Refusal checkFraming(const HttpRequest& request) {
    const std::size_t encodings = request.count("Transfer-Encoding");
    if (encodings > 0) {
        if (request.minorVersion == 0) return bad("Transfer-Encoding with HTTP/1.0");
        const std::string_view encoding = *request.find("Transfer-Encoding");
        if (encodings > 1 || !equalsIgnoringCase(encoding, "chunked")) {
            return bad("Transfer-Encoding is not chunked");
        }
    }
    const std::size_t lengths = request.count("Content-Length");
    if (lengths > 0 && encodings > 0) return bad("Content-Length and Transfer-Encoding");
    if (lengths > 1) return bad("repeated Content-Length");
    if (lengths == 1 && request.find("Content-Length")->find(',') != std::string_view::npos) {
        return bad("repeated Content-Length");
    }
    return kFine;
}

Refusal checkHost(const HttpRequest& request) {
    const std::size_t hosts = request.count("Host");
    if (hosts > 1) return bad("repeated Host");
    if (hosts == 0) return request.minorVersion == 0 ? kFine : bad("no Host");
    return isHost(*request.find("Host")) ? kFine : bad("bad Host");
}

Refusal checkSegments(const HttpRequest& request) {
    for (const std::string& segment : request.segments()) {
        if (segment == "." || segment == "..") return bad("path is not normalised");
    }
    return kFine;
}

/// Splits and decodes the target.
Refusal takeTarget(HttpRequest& request) {
    const std::string_view target = request.target;
    if (target.empty() || target.front() != '/') return bad("target does not start with a slash");
    if (target.find('#') != std::string_view::npos) return bad("fragment in the target");
    for (const char c : target) {
        if (c <= ' ' || c >= 0x7F) return bad("bad request target");
    }
    const std::size_t mark = target.find('?');
    request.rawPath = target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = target.substr(mark + 1);
    std::optional<std::string> path = percentDecode(request.rawPath);
    if (!path || !percentDecode(request.query)) return bad("bad percent-encoding");
    if (!json::isUtf8(*path)) return bad("path is not UTF-8");
    if (std::any_of(path->begin(), path->end(), isControlCharacter)) {
        return bad("control character in the path");
    }
    request.path = std::move(*path);
    return checkSegments(request);
}

}  // namespace

/// Beast's parser with the request that its callbacks fill.
class HttpParser::Message final : public http::basic_parser<true> {
public:
    explicit Message(const HttpLimits& limits) : limits_(limits) {
        // feedHeader() has the whole header before this parser sees it, and knows its size.
        header_limit(static_cast<std::uint32_t>(limits.headerBytesMax));
        body_limit(limits.bodyBytesMax);
    }

    HttpRequest request;
    Refusal refusal;
    bool headerDone = false;
    bool expectsContinue = false;

private:
    void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                         int version, beast::error_code&) override {
        request.method.assign(method.data(), method.size());
        request.target.assign(target.data(), target.size());
        request.minorVersion = version - 10;
    }

    void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}

    void on_field_impl(http::field, beast::string_view name, beast::string_view value,
                       beast::error_code& error) override {
        // A trailer could pass for a header that was checked already: it is dropped.
        if (headerDone) return;
        if (request.headers.size() >= limits_.headersMax) {
            refuse({431, "too many headers"}, error);
            return;
        }
        request.headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
    }

    void on_header_impl(beast::error_code& error) override {
        headerDone = true;
        request.keepAlive = keep_alive();
        for (const Refusal found :
             {checkFraming(request), checkHost(request), takeTarget(request)}) {
            if (found.status != 0) return refuse(found, error);
        }
        if (const auto expect = request.find("Expect"); expect && request.minorVersion > 0) {
            if (!equalsIgnoringCase(*expect, "100-continue")) {
                return refuse({417, "unknown expectation"}, error);
            }
            expectsContinue = true;
        }
    }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}

    std::size_t on_body_impl(beast::string_view part, beast::error_code&) override {
        request.body.append(part.data(), part.size());
        expectsContinue = false;
        return part.size();
    }

    void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}

    std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view part,
                                   beast::error_code& error) override {
        return on_body_impl(part, error);
    }

    void on_finish_impl(beast::error_code&) override { expectsContinue = false; }

    void refuse(const Refusal& why, beast::error_code& error) {
        refusal = why;
        error = http::error::bad_value;
    }

    const HttpLimits limits_;
};

HttpParser::HttpParser(HttpLimits limits) : limits_(limits) {}
HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;

HttpParser::Outcome HttpParser::feed(std::string_view bytes) {
    if (failure_.state == State::failed) return failure_;
    assert(!message_ || !message_->is_done());
    if (!message_ || !message_->headerDone) return feedHeader(bytes);
    return feedBody(bytes, 0);
}

/// Beast counts its limit anew for every line that is fed alone, so that a header in small pieces
/// could be endless. It gets the header whole, once it is there.
HttpParser::Outcome HttpParser::feedHeader(std::string_view bytes) {
    std::size_t skipped = 0;
    while (emptyLines_ < kEmptyLinesMax && bytes.substr(skipped).starts_with("\r\n")) {
        skipped += 2;
        ++emptyLines_;
    }
    const std::string_view header = bytes.substr(skipped);
    if (header.empty()) return {.consumed = skipped};
    // A lone CR may become an empty line; anything else that starts no method never becomes one.
    if (header == "\r" && emptyLines_ < kEmptyLinesMax) return {.consumed = skipped};
    if (!isMethodCharacter(header.front())) return fail(400, "bad method");

    const std::size_t from = scanned_ - std::min(scanned_, kEndOfHeader.size() - 1);
    const std::size_t end = header.find(kEndOfHeader, from);
    const std::size_t size =
        end == std::string_view::npos ? header.size() : end + kEndOfHeader.size();
    if (size > limits_.headerBytesMax) return fail(431, "header too large");
    if (end == std::string_view::npos) {
        scanned_ = header.size();
        return {.consumed = skipped};
    }
    const std::string_view whole = header.substr(0, size);
    if (whole.find("\r\n ") != std::string_view::npos ||
        whole.find("\r\n\t") != std::string_view::npos) {
        return fail(400, "folded header");
    }
    message_ = std::make_unique<Message>(limits_);
    return feedBody(header, skipped);
}

/// Feeds Beast's parser element by element: the header, the head of a chunk, a part of the body,
/// the trailers. All but the body has a limit here, since Beast has none; it is the same whether
/// an element comes at once or in pieces. `skipped` bytes in front of these are consumed already.
HttpParser::Outcome HttpParser::feedBody(std::string_view bytes, std::size_t skipped) {
    // What Beast left is the head of a chunk. With the last one, `0`, it counts on five bytes.
    if (left_ > 0 && bytes.size() < kLastChunk.size()) return {.consumed = skipped};
    beast::error_code error;
    std::size_t consumed = 0;
    std::size_t used = 0;
    do {
        const std::size_t bodyBytes = message_->request.body.size();
        const std::string_view rest = bytes.substr(consumed);
        used = message_->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
        consumed += used;
        if (message_->refusal.status != 0) {
            return fail(message_->refusal.status, message_->refusal.reason);
        }
        if (error && error != http::error::need_more) {
            const Refusal refusal = refusalFor(error);
            return fail(refusal.status, refusal.reason);
        }
        const bool isBody = message_->request.body.size() > bodyBytes;
        if (!isBody && used > limits_.headerBytesMax) return fail(431, "chunk head too large");
    } while (used > 0 && consumed < bytes.size() && !message_->is_done());

    if (message_->is_done()) return {.consumed = skipped + consumed, .state = State::complete};
    left_ = bytes.size() - consumed;
    if (left_ > limits_.headerBytesMax) return fail(431, "chunk head too large");
    return {.consumed = skipped + consumed};
}

HttpRequest& HttpParser::request() {
    return message_->request;
}

bool HttpParser::isHeaderDone() const {
    return message_ && message_->headerDone;
}

bool HttpParser::takeExpectContinue() {
    return message_ && std::exchange(message_->expectsContinue, false);
}

void HttpParser::reset() {
    message_.reset();
    scanned_ = 0;
    emptyLines_ = 0;
    left_ = 0;
    failure_ = {};
}

HttpParser::Outcome HttpParser::fail(int status, std::string_view reason) {
    failure_ = {.state = State::failed, .status = status, .reason = reason};
    message_.reset();
    return failure_;
}

}  // namespace syncline::wire
