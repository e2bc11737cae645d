// SPDX-License-Identifier: Apache-2.0
#include "field.h"

namespace syncline::acl {

bool takeToken(std::string_view& pointer, std::string& token) {
    if (pointer.empty()) return false;
    pointer.remove_prefix(1);
    const std::string_view raw = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(raw.size());
    token.clear();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool escape = raw[i] == '~' && i + 1 < raw.size();
        const bool known = escape && (raw[i + 1] == '0' || raw[i + 1] == '1');
        token += !known ? raw[i] : raw[i + 1] == '0' ? '~' : '/';
        if (known) ++i;
    }
    return true;
}

Field::Field(std::string_view pointer) {
    for (std::string token; takeToken(pointer, token);) tokens_.emplace_back(token);
}

Field::Relation Field::relationOf(std::string_view pointer, std::string_view user) const {
    std::string token;
    for (const Pattern& pattern : tokens_) {
        if (!takeToken(pointer, token)) return Relation::around;
        if (!pattern.matches(token, user)) return Relation::apart;
    }
    return Relation::within;
}

}  // namespace syncline::acl
