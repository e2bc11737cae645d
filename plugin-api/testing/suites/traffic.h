// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "syncline/testing/handler_driver.h"
#include "syncline/testing/subject.h"

namespace syncline::conformance {

/// What a subject's `messages` show: a message and, if the author says so, what becomes of it.
struct Example {
    Request request;
    std::string expected;  // as Settled::brief() says it; empty: anything
};

/// Those of the subject, or a plain message of the component's own type.
std::vector<Example> examplesOf(const Subject& subject);

/// Credentials as JSON names them: token, authorization, cookie, client, address, certificate.
struct Shown {
    std::string token;
    std::string authorization;
    std::string cookie;
    std::string client;
    std::string address = "192.0.2.7";
    std::string certificate;
    std::int64_t nowMs = 1'700'000'000'000;

    static Shown read(const Json& described);
};

struct Authenticated {
    syncline_auth_answer answer = SYNCLINE_NOT_MINE;
    Failure failure;
    std::optional<Json> principal;  // what was built, if it is whole
};
Authenticated authenticate(Instance& instance, const Shown& shown, std::uint32_t shard = 0);

/// Uses a living component a little, in the way of its kind: what a life consists of.
void useALittle(const Subject& subject, Instance& instance);

}  // namespace syncline::conformance
