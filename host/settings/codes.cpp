// SPDX-License-Identifier: Apache-2.0
#include "settings/codes.h"

#include <array>
#include <cstdio>

namespace syncline::settings {

namespace {

constexpr auto meanings = std::to_array<CodeMeaning>({
    {Code::cannotRead, "the file is missing or may not be read"},
    {Code::notAFile, "the path is a folder or no regular file"},
    {Code::fileTooLarge, "the file is larger than a configuration may be"},
    {Code::notUtf8, "the file is not UTF-8"},
    {Code::controlCharacter, "a control character stands in the file"},
    {Code::tabInIndentation, "a tab stands in the indentation; YAML indents with spaces"},
    {Code::yamlSyntax, "the file is not YAML"},
    {Code::unterminatedText, "a quoted text has no closing quote"},
    {Code::severalDocuments, "a second YAML document begins; a configuration is one"},
    {Code::duplicateKey, "a key stands twice in one map"},
    {Code::tooDeep, "lists and maps are nested too deep"},
    {Code::tooManyAliases, "aliases are too many, or grow the file too much"},
    {Code::unknownAnchor, "an alias names an anchor that is not defined above it"},
    {Code::unknownTag, "a YAML tag other than !secret"},
    {Code::keyNotText, "a key that is a list, a map or nothing"},
    {Code::mergeKey, "the merge key '<<', which is no part of YAML 1.2"},
    {Code::emptyDocument, "the file holds no configuration"},
    {Code::aliasOfItself, "an alias stands inside what it names"},
    {Code::unknownVariable, "an environment variable is not set and has no default"},
    {Code::requiredVariable, "an environment variable marked with ':?' is not set"},
    {Code::badVariable, "a '${…}' that is not NAME, NAME:-default or NAME:?message"},
    {Code::secretMissing, "the environment variable of a secret is not set or empty"},
    {Code::secretFile, "the file of a secret cannot be read or is empty"},
    {Code::secretNotAllowed, "a secret stands where its value would be shown"},
    {Code::expectedMap, "a map (key: value) is expected here"},
    {Code::expectedList, "a list is expected here"},
    {Code::expectedText, "a text is expected here"},
    {Code::unknownKey, "a key that nothing knows"},
    {Code::missingKey, "a key that is required is missing"},
    {Code::notABoolean, "true or false is expected"},
    {Code::notAnInteger, "a whole number is expected"},
    {Code::outOfRange, "the value is smaller or larger than allowed"},
    {Code::notADuration, "a duration such as 250ms, 30s, 5m, 12h or 7d is expected"},
    {Code::notASize, "a size such as 512B, 64KiB, 8MiB or 1GiB is expected"},
    {Code::notARate, "a rate such as 200/s, 30/m or 10/h is expected"},
    {Code::notAChoice, "one of a few words is expected"},
    {Code::emptyValue, "an empty text or list where something is needed"},
    {Code::badName, "a name that is not snake_case, or of a cookie that cannot be"},
    {Code::badAddress, "an address that is not \"host:port\""},
    {Code::badPattern, "a pattern that no name can match"},
    {Code::badOrigin, "an origin that is not scheme://host[:port]"},
    {Code::badVersion, "a version of the grammar that this server does not know"},
    {Code::badDigest, "a SHA-256 that is not 64 hex digits"},
    {Code::badPluginPattern, "a plugin pattern that is not a dotted id, perhaps ending in '*'"},
    {Code::badPointer, "a path that is not a JSON pointer"},
    {Code::unknownAuth, "a listener names an auth that is not defined"},
    {Code::unknownStorage, "a channel names a storage that is not defined"},
    {Code::storageNotChosen, "a channel names no storage and there is not exactly one"},
    {Code::addressTaken, "two listeners bind the same address"},
    {Code::namedTwice, "a list names the same thing twice"},
    {Code::openToAnyone, "a provider that lets anyone in, on an address that others can reach"},
    {Code::openToAnyoneAllowed, "warning: the same, allowed by 'insecure: true'"},
    {Code::noListener, "no listener is defined"},
    {Code::neverReached, "a rule stands behind one that already matches all of it"},
    {Code::noRuleForAll, "no conflict rule covers everything the others leave"},
    {Code::unknownPipeline, "a pipeline for a message type or event that nothing defines"},
    {Code::handlerNotLast, "the handler of a type stands before other stages"},
    {Code::severalBrokers, "more than one broker"},
    {Code::tlsNotServed, "TLS is asked of a server that does not speak it"},
    {Code::pathMissing, "a file or folder that is named does not exist"},
    {Code::contradiction, "two settings exclude each other"},
    {Code::noChannel, "warning: no channel pattern, so no channel exists"},
    {Code::unknownComponent, "no loaded plugin has a component of that name"},
    {Code::ambiguousComponent, "several plugins have a component of that name"},
    {Code::otherKind, "the component exists, and is of another kind"},
    {Code::brokenSchema, "the component's own schema is broken"},
    {Code::takesNoConfig, "the component takes no configuration"},
    {Code::valueRefused, "the value breaks a rule of the component's schema"},
    {Code::patternMismatch, "the text does not match the pattern in the component's schema"},
    {Code::wrongType, "the value has another type than the component's schema says"},
    {Code::wrongLength, "too few or too many characters, items or keys"},
    {Code::repeatedItem, "an item stands twice in a list of distinct items"},
    {Code::noAlternative, "the value fits none of the forms in the component's schema"},
    {Code::includedFile, "a file that the component's configuration names cannot be read"},
    {Code::includedSyntax, "a file that the component's configuration names cannot be parsed"},
    {Code::numberNotExact, "a number that is infinite, not a number or not exact"},
    {Code::refusedByPlugin, "the plugin itself refused its configuration"},
    {Code::badComponentName, "a 'use' that is not name or plugin-id/name"},
    {Code::otherwiseLoops,
     "an 'otherwise' that comes to a circle, too many strategies, or one that needs a 'with'"},
});

}  // namespace

std::span<const CodeMeaning> codeMeanings() {
    return meanings;
}

std::string codeText(Code code) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "C%03u", static_cast<unsigned>(code));
    return text.data();
}

}  // namespace syncline::settings
