// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

#include "field.h"
#include "pattern.h"

namespace syncline::acl {

/// What somebody wants to do.
enum class Action { read, write, send };

/// Who wants to do something, and where. Borrowed.
struct Request {
    Action action = Action::read;
    Value principal;  ///< missing before a session is open
    std::string_view user;
    std::string_view channel;
    std::optional<std::string_view> key;   ///< of a write that names one
    std::optional<std::string_view> path;  ///< in that record: a JSON pointer to what is written
    std::string_view to;                   ///< the user to whom something is sent
};

/// One line of the list. Immutable once read.
class Rule {
public:
    /// The configuration of one rule; `document` makes places for the claims that it keeps.
    Rule(const Value& config, const Host& host);

    /// Whether it speaks about this request, and so decides it.
    bool matches(const Request& request) const;

    bool hasField() const { return field_.has_value(); }

    bool allows(Action action) const {
        return action == Action::read ? read_ : action == Action::write ? write_ : send_;
    }

private:
    struct Claim {
        std::string name;  ///< or, with a slash in front, a JSON pointer
        std::unique_ptr<Document> value;
    };

    bool matchesPlace(const Request& request) const;
    bool matchesField(const Request& request) const;
    bool matchesRole(const Value& principal) const;
    bool matchesClaims(const Value& principal) const;

    std::vector<Pattern> users_;
    std::vector<std::string> roles_;
    std::vector<Claim> claims_;
    std::optional<Pattern> channel_;
    std::optional<Pattern> key_;
    std::optional<Pattern> to_;
    std::optional<Field> field_;
    bool read_ = false;
    bool write_ = false;
    bool send_ = false;
};

}  // namespace syncline::acl
