// SPDX-License-Identifier: Apache-2.0
/// Everything that an author of a plugin needs, in C++17 and without a further library:
///
///     class Echo final : public syncline::MessageHandler {
///     public:
///         syncline::Outcome onMessage(const syncline::Message& message,
///                                     syncline::Call& call) override {
///             call.reply("echo", message.body());
///             return syncline::Outcome::stop;
///         }
///     };
///     SYNCLINE_PLUGIN("com.acme.echo", "1.0.0", syncline::handler<Echo>("echo"))
///
/// Five kinds: MessageHandler, AuthProvider, StorageBackend, ConflictStrategy, Broker. What any of
/// their functions throws becomes an error of the host; docs/plugin-guide.md has the rules.
#pragma once

#include <syncline/plugin/auth_provider.hpp>
#include <syncline/plugin/broker.hpp>
#include <syncline/plugin/builder.hpp>
#include <syncline/plugin/call.hpp>
#include <syncline/plugin/component.hpp>
#include <syncline/plugin/conflict_strategy.hpp>
#include <syncline/plugin/definition.hpp>
#include <syncline/plugin/error.hpp>
#include <syncline/plugin/host.hpp>
#include <syncline/plugin/message_handler.hpp>
#include <syncline/plugin/spec.hpp>
#include <syncline/plugin/storage_backend.hpp>
#include <syncline/plugin/value.hpp>
