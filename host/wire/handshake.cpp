// SPDX-License-Identifier: Apache-2.0
#include "wire/handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace syncline::wire {

namespace {

constexpr std::string_view kKeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

bool isBase64Character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

/// 16 bytes in base64: 22 characters and two fillers. The last character carries two bits only.
bool isKey(std::string_view key) {
    if (key.size() != 24 || !key.ends_with("==")) return false;
    const std::string_view characters = key.substr(0, 22);
    if (!std::all_of(characters.begin(), characters.end(), isBase64Character)) return false;
    return std::string_view("AQgw").find(characters.back()) != std::string_view::npos;
}

tl::unexpected<HandshakeRefusal> refuse(int status, std::string_view reason) {
    return tl::unexpected<HandshakeRefusal>({status, reason});
}

}  // namespace

HttpResponse HandshakeRefusal::response() const {
    HttpResponse response;
    response.status = status;
    response.contentType = "text/plain; charset=utf-8";
    response.body = std::string(reason) + "\n";
    response.keepAlive = false;
    if (status == 405) response.headers.push_back({"Allow", "GET"});
    if (status == 426) {
        response.headers.push_back({"Upgrade", "websocket"});
        response.headers.push_back({"Connection", "Upgrade, close"});
        response.headers.push_back({"Sec-WebSocket-Version", "13"});
    }
    return response;
}

bool wantsWebSocket(const HttpRequest& request) {
    return request.hasToken("Upgrade", "websocket");
}

tl::expected<Handshake, HandshakeRefusal> checkUpgrade(const HttpRequest& request) {
    if (request.method != "GET") return refuse(405, "an upgrade is a GET");
    if (request.minorVersion < 1) return refuse(400, "an upgrade needs HTTP/1.1");
    if (!request.hasToken("Upgrade", "websocket")) {
        return refuse(426, "this address speaks WebSocket: Upgrade is not websocket");
    }
    if (!request.hasToken("Connection", "Upgrade")) return refuse(400, "Connection lacks Upgrade");
    if (!request.body.empty()) return refuse(400, "an upgrade has no body");
    if (request.count("Sec-WebSocket-Version") != 1 ||
        *request.find("Sec-WebSocket-Version") != "13") {
        return refuse(426, "Sec-WebSocket-Version is not 13");
    }
    if (request.count("Sec-WebSocket-Key") != 1) return refuse(400, "not one Sec-WebSocket-Key");
    const std::string_view key = *request.find("Sec-WebSocket-Key");
    if (!isKey(key)) return refuse(400, "Sec-WebSocket-Key is not 16 bytes in base64");

    Handshake handshake;
    handshake.accept = acceptFor(key);
    // Names of sub-protocols compare exactly in RFC 6455, but no other spells ours in capitals.
    if (request.hasToken("Sec-WebSocket-Protocol", kSubprotocol)) {
        handshake.subprotocol = kSubprotocol;
    }
    return handshake;
}

std::string acceptFor(std::string_view key) {
    std::string text(key);
    text.append(kKeySuffix);
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
    ::SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    // 20 bytes are 28 characters, and EVP_EncodeBlock adds a NUL.
    std::array<unsigned char, 29> encoded;
    const int size =
        ::EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(digest.size()));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

void appendSwitchingProtocols(std::string& out, const Handshake& handshake) {
    out.append("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
    out.append("Sec-WebSocket-Accept: ").append(handshake.accept).append("\r\n");
    if (!handshake.subprotocol.empty()) {
        out.append("Sec-WebSocket-Protocol: ").append(handshake.subprotocol).append("\r\n");
    }
    out.append("\r\n");
}

}  // namespace syncline::wire
