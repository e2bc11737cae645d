// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timespan.h>
#include <Poco/URI.h>

#include <istream>

namespace syncline::net {

namespace {

constexpr int kConnectSeconds = 5;
constexpr int kAnswerSeconds = 24 * 60 * 60;
constexpr std::size_t kBodyBytesMax = 1U << 20;

std::string bodyOf(std::istream& stream) {
    std::string body(kBodyBytesMax, '\0');
    stream.read(body.data(), static_cast<std::streamsize>(body.size()));
    body.resize(static_cast<std::size_t>(stream.gcount()));
    return body;
}

HttpAnswer ask(const Poco::URI& to) {
    Poco::Net::HTTPClientSession session(to.getHost(), to.getPort());
    session.setTimeout(Poco::Timespan(kConnectSeconds, 0), Poco::Timespan(kConnectSeconds, 0),
                       Poco::Timespan(kAnswerSeconds, 0));
    Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_POST, to.getPathAndQuery(),
                                   Poco::Net::HTTPMessage::HTTP_1_1);
    request.setContentLength(0);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& stream = session.receiveResponse(response);
    return {static_cast<int>(response.getStatus()), bodyOf(stream)};
}

}  // namespace

core::Result<HttpAnswer> post(const std::string& url) {
    try {
        const Poco::URI to(url);
        if (to.getScheme() != "http" || to.getHost().empty()) {
            return core::fail(core::Code::badField, "'" + url + "' is not http://HOST:PORT");
        }
        return ask(to);
    } catch (const Poco::SyntaxException&) {
        return core::fail(core::Code::badField, "'" + url + "' is not http://HOST:PORT");
    } catch (const Poco::Exception& exception) {
        return core::fail(core::Code::storageUnavailable, url + ": " + exception.displayText());
    }
}

}  // namespace syncline::net
