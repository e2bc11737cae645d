// SPDX-License-Identifier: Apache-2.0
#include "traffic.h"

#include "conflicts.h"

namespace syncline::conformance {
namespace {

void showSomething(const Subject& subject, Instance& instance) {
    for (const char* list : {"accepts", "refuses", "notMine"}) {
        for (const Json& described : subject.facts.list(list)) {
            authenticate(instance, Shown::read(described));
        }
    }
    authenticate(instance, Shown());
}

/// A commit and a read, through the C functions.
void storeSomething(Instance& instance) {
    const auto& functions = instance.functions<syncline_storage_backend>();
    syncline_error error = {};
    error.size = sizeof error;
    const syncline_entry entry = {sizeof entry, 1, 1, 1'700'000'000'000, toText("body")};
    syncline_append append = {sizeof append, toText("life"), toText("epoch-1"), 0, &entry, 1, 0};
    functions.commit(instance.self(), &append, 1, &error);
    functions.drop(instance.self(), toText("life"), &error);
}

void announceSomething(Instance& instance) {
    const auto& functions = instance.functions<syncline_broker>();
    const LentText channel("life");
    const LentText epoch("epoch-1");
    functions.interest(instance.self(), instance.shard(0), channel.view(), 1);
    functions.announce(instance.self(), instance.shard(0), channel.view(), epoch.view(), 1);
    functions.interest(instance.self(), instance.shard(0), channel.view(), 0);
}

}  // namespace

std::vector<Example> examplesOf(const Subject& subject) {
    std::vector<Example> examples;
    for (const Json& described : subject.facts.list("messages")) {
        Example example;
        example.expected = described.string("is");
        if (const Json* message = described.find("message")) example.request.message = *message;
        if (const Json* principal = described.find("principal")) {
            example.request.principal = *principal;
        }
        examples.push_back(std::move(example));
    }
    if (examples.empty()) {
        Example plain;
        plain.request.message["type"] = subject.component->name;
        plain.request.message["id"] = 1;
        plain.request.message["channel"] = "room";
        examples.push_back(std::move(plain));
    }
    return examples;
}

Shown Shown::read(const Json& described) {
    Shown shown;
    shown.token = described.string("token");
    shown.authorization = described.string("authorization");
    shown.cookie = described.string("cookie");
    shown.client = described.string("client");
    shown.address = described.string("address", shown.address);
    shown.certificate = described.string("certificate");
    if (const Json* now = described.find("nowMs")) {
        shown.nowMs = static_cast<std::int64_t>(*now->as<double>());
    }
    return shown;
}

Authenticated authenticate(Instance& instance, const Shown& shown, std::uint32_t shard) {
    const LentText texts[] = {LentText(shown.token),   LentText(shown.authorization),
                              LentText(shown.cookie),  LentText(shown.client),
                              LentText(shown.address), LentText(shown.certificate)};
    syncline_credentials credentials = {};
    credentials.size = sizeof credentials;
    credentials.token = texts[0].view();
    credentials.authorization = texts[1].view();
    credentials.cookie = texts[2].view();
    credentials.client = texts[3].view();
    credentials.address = texts[4].view();
    credentials.certificate = texts[5].view();
    credentials.now_ms = shown.nowMs;
    MockBuilder& built = instance.host().vault().newBuilder(MockBuilder::Owner::host);
    syncline_error error = {};
    error.size = sizeof error;
    Authenticated result;
    result.answer = instance.functions<syncline_auth_provider>().authenticate(
        instance.self(), instance.shard(shard), &credentials, built.handle(), &error);
    result.failure = toFailure(error);
    if (const Json* principal = built.built()) result.principal = *principal;
    built.retire();
    return result;
}

void useALittle(const Subject& subject, Instance& instance) {
    switch (subject.component->kind) {
        case SYNCLINE_MESSAGE_HANDLER:
            for (const Example& example : examplesOf(subject)) {
                HandlerDriver(instance).send(example.request);
            }
            return;
        case SYNCLINE_AUTH_PROVIDER:
            return showSomething(subject, instance);
        case SYNCLINE_STORAGE_BACKEND:
            return storeSomething(instance);
        case SYNCLINE_CONFLICT_STRATEGY:
            decide(instance, smallConflict());
            return;
        default:
            return announceSomething(instance);
    }
}

}  // namespace syncline::conformance
