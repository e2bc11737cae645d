// SPDX-License-Identifier: Apache-2.0
// Message handlers, each wrong in one thing that the suite has to find, and the right one.
#include <stdexcept>
#include <syncline/plugin.hpp>

namespace syncline::wrong {
namespace {

/// Answers a text, and submits what names a key.
class RightHandler : public MessageHandler {
public:
    Outcome onMessage(const Message& message, Call& call) override {
        if (message["key"].exists()) return submit(message, call);
        const Value text = message["text"];
        if (!text.isString()) return odd(call);
        return answer(text, call);
    }

protected:
    // What the wrong ones do in another way.
    virtual Outcome submit(const Message& message, Call& call) {
        return call.channel().submit(message.body());
    }
    virtual Outcome odd(Call& call) { return call.refuse(1102, "text: a string is needed"); }
    virtual Outcome answer(const Value& text, Call& call) {
        call.reply("noted", [&](Builder& reply) { reply.set("text", text); });
        return Outcome::stop;
    }
};

/// Ends a message, and ends it again.
class EndsTwice final : public RightHandler {
    Outcome answer(const Value& text, Call& call) override {
        RightHandler::answer(text, call);
        call.complete(Outcome::stop);
        call.complete(Outcome::stop);
        return Outcome::pending;
    }
};

/// Promises to go on later, and has nothing that would.
class NeverEnds final : public RightHandler {
    Outcome answer(const Value&, Call&) override { return Outcome::pending; }
};

/// Answers with a value of the message before, which was only lent.
class KeepsTheMessage final : public RightHandler {
    Outcome answer(const Value& text, Call& call) override {
        if (before_.exists()) RightHandler::answer(before_, call);
        before_ = text;
        return Outcome::stop;
    }
    Value before_;
};

/// Takes what it does not understand for its own failure.
class FailsAtOddMessages final : public RightHandler {
    Outcome odd(Call&) override { throw std::runtime_error("the text is no string"); }
};

/// Does not look whether the host took what it was asked to do.
class OverlooksFailures final : public RightHandler {
    Outcome submit(const Message& message, Call& call) override {
        static_cast<void>(call.channel().submit(message.body()));
        return Outcome::pending;
    }
};

/// Makes a builder for each answer and never gives it back.
class LeaksBuilders final : public RightHandler {
    Outcome answer(const Value& text, Call& call) override {
        const auto* table =
            static_cast<const syncline_builder_table*>(host().table(SYNCLINE_BUILDER_TABLE));
        Builder reply = host().builder(table->create(host().handle()));
        reply.object([&](Builder& members) { members.set("text", text); });
        call.reply("noted", reply.result());
        return Outcome::stop;
    }
};

/// Reads the log, which its manifest does not say.
class ReadsTheLogUnsaid final : public RightHandler {
    Outcome submit(const Message& message, Call& call) override {
        return call.channel().history(message.channel(), 1, 1);
    }
};

/// Says that a signal was sent, whatever became of it.
class SaysDoneAnyway final : public RightHandler {
    Outcome submit(const Message& message, Call& call) override {
        return call.broadcast().toChannel(message.channel(), "noted", {}, 1);
    }
    Outcome onResult(const Answer&, const Message&, Call& call) override {
        call.reply("noted");
        return Outcome::stop;
    }
};

template <class Type>
constexpr ComponentSpec spec(const char* name) {
    return handler<Type>(name).carriesOps().needs(SYNCLINE_CHANNEL_TABLE);
}

}  // namespace
}  // namespace syncline::wrong

using namespace syncline::wrong;

SYNCLINE_PLUGIN("dev.syncline.wrong.handlers", "1.0.0", spec<RightHandler>("right"),
                spec<EndsTwice>("ends_twice"), spec<NeverEnds>("never_ends"),
                spec<KeepsTheMessage>("keeps_the_message"),
                spec<FailsAtOddMessages>("fails_at_odd_messages"),
                spec<OverlooksFailures>("overlooks_failures"),
                spec<LeaksBuilders>("leaks_builders"),
                spec<ReadsTheLogUnsaid>("reads_the_log_unsaid"),
                spec<SaysDoneAnyway>("says_done_anyway").needs(SYNCLINE_BROADCAST_TABLE))
