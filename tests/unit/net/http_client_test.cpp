// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <utility>

namespace syncline::net {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Takes one connection, reads a request without a body and answers with that text.
class OneAnswer {
public:
    explicit OneAnswer(std::string text)
        : thread_([this, text = std::move(text)] {
              Poco::Net::StreamSocket peer = socket_.acceptConnection();
              std::array<char, 1024> buffer{};
              while (asked.find("\r\n\r\n") == std::string::npos) {
                  const int size = peer.receiveBytes(buffer.data(), buffer.size());
                  if (size <= 0) return;
                  asked.append(buffer.data(), static_cast<std::size_t>(size));
              }
              peer.sendBytes(text.data(), static_cast<int>(text.size()));
              peer.shutdownSend();
          }) {}
    ~OneAnswer() { end(); }
    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;

    std::string url(const std::string& target) const {
        return "http://" + socket_.address().toString() + target;
    }
    void end() {
        if (thread_.joinable()) thread_.join();
    }

    std::string asked;  ///< once it has ended

private:
    Poco::Net::ServerSocket socket_{Poco::Net::SocketAddress("127.0.0.1", 0)};
    std::thread thread_;
};

TEST(HttpClient, GivesStatusAndBodyOfWhatItAskedFor) {
    OneAnswer server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy");
    const auto answer = post(server.url("/api/backup?storage=main"));
    ASSERT_TRUE(answer) << answer.error().reason;
    EXPECT_EQ(answer->status, 503);
    EXPECT_EQ(answer->body, "busy");
    server.end();
    EXPECT_THAT(server.asked, StartsWith("POST /api/backup?storage=main HTTP/1.1\r\n"));
    EXPECT_THAT(server.asked, HasSubstr("Content-Length: 0\r\n"));
}

TEST(HttpClient, WhatIsNoHttpIsAFailure) {
    OneAnswer server("");
    const auto answer = post(server.url("/"));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, core::Code::storageUnavailable);
    EXPECT_THAT(answer.error().reason, StartsWith(server.url("/") + ": "));
}

TEST(HttpClient, NobodyThereIsAFailureThatSaysWhere) {
    std::string url;
    {
        const Poco::Net::ServerSocket gone(Poco::Net::SocketAddress("127.0.0.1", 0));
        url = "http://" + gone.address().toString() + "/";
    }
    const auto answer = post(url);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, core::Code::storageUnavailable);
    EXPECT_THAT(answer.error().reason, HasSubstr(url));
}

TEST(HttpClient, TakesNothingButHttp) {
    for (const char* url : {"", "here", "https://127.0.0.1/", "http://", "http://[", "file:///x"}) {
        const auto answer = post(url);
        ASSERT_FALSE(answer) << url;
        EXPECT_EQ(answer.error().code, core::Code::badField) << url;
    }
}

}  // namespace
}  // namespace syncline::net
