// SPDX-License-Identifier: Apache-2.0
#include "settings/schema_check.h"

#include <exception>

// clang-format off
// valijson wants to come before RapidJSON, and without this it ends the process where it means to
// throw.
#define VALIJSON_USE_EXCEPTIONS 1
#include <valijson/adapters/rapidjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
// clang-format on

#include "json/pointer.h"
#include "json/write.h"

namespace syncline::settings {

namespace {

rapidjson::Document documentOf(const json::Value& value) {
    rapidjson::Document document;
    document.Parse(json::toText(value).c_str());
    return document;
}

/// valijson writes ["<root>", "[rules]", "[0]"].
std::string pointerOf(const std::vector<std::string>& context) {
    std::string pointer;
    for (std::size_t i = 1; i < context.size(); ++i) {
        const auto& token = context[i];
        if (token.size() < 2) continue;
        pointer += "/" + json::Pointer::escape(token.substr(1, token.size() - 2));
    }
    return pointer;
}

}  // namespace

SchemaVerdict checkAgainstSchema(const json::Value& schema, const json::Value& value) {
    SchemaVerdict verdict;
    try {
        const auto schemaDocument = documentOf(schema);
        const auto valueDocument = documentOf(value);
        valijson::Schema compiled;
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(valijson::adapters::RapidJsonAdapter(schemaDocument), compiled);
        valijson::Validator validator(valijson::Validator::kStrongTypes);
        valijson::ValidationResults results;
        validator.validate(compiled, valijson::adapters::RapidJsonAdapter(valueDocument), &results);
        for (const auto& error : results) {
            verdict.issues.push_back({pointerOf(error.context), error.description});
        }
    } catch (const std::exception& problem) {
        verdict.brokenSchema = problem.what();
    }
    return verdict;
}

}  // namespace syncline::settings
