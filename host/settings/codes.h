// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace syncline::settings {

/// What can be wrong with a configuration. The hundreds are the family: 0xx the file, its YAML and
/// its environment; 1xx the shape and the values; 2xx names and rules across sections; 3xx the
/// configuration of components. A number is never reused.
enum class Code : std::uint16_t {
    cannotRead = 1,
    notAFile = 2,
    fileTooLarge = 3,
    notUtf8 = 4,
    controlCharacter = 5,
    tabInIndentation = 6,
    yamlSyntax = 10,
    unterminatedText = 11,
    severalDocuments = 12,
    duplicateKey = 13,
    tooDeep = 14,
    tooManyAliases = 15,
    unknownAnchor = 16,
    unknownTag = 17,
    keyNotText = 18,
    mergeKey = 19,
    emptyDocument = 20,
    aliasOfItself = 21,
    unknownVariable = 30,
    requiredVariable = 31,
    badVariable = 32,
    secretMissing = 33,
    secretFile = 34,
    secretNotAllowed = 35,

    expectedMap = 101,
    expectedList = 102,
    expectedText = 103,
    unknownKey = 104,
    missingKey = 105,
    notABoolean = 106,
    notAnInteger = 107,
    outOfRange = 108,
    notADuration = 109,
    notASize = 110,
    notARate = 111,
    notAChoice = 112,
    emptyValue = 113,
    badName = 114,
    badAddress = 115,
    badPattern = 117,
    badOrigin = 118,
    badVersion = 120,
    badDigest = 121,
    badPluginPattern = 122,
    badPointer = 123,

    unknownAuth = 201,
    unknownStorage = 202,
    storageNotChosen = 203,
    addressTaken = 204,
    namedTwice = 205,
    openToAnyone = 206,
    openToAnyoneAllowed = 207,
    noListener = 208,
    neverReached = 209,
    noRuleForAll = 210,
    unknownPipeline = 211,
    handlerNotLast = 212,
    severalBrokers = 213,
    tlsNotServed = 214,
    pathMissing = 215,
    contradiction = 216,
    noChannel = 217,

    unknownComponent = 301,
    ambiguousComponent = 302,
    otherKind = 303,
    brokenSchema = 304,
    takesNoConfig = 305,
    valueRefused = 306,
    patternMismatch = 307,
    wrongType = 308,
    wrongLength = 309,
    repeatedItem = 310,
    noAlternative = 311,
    includedFile = 312,
    includedSyntax = 313,
    numberNotExact = 314,
    refusedByPlugin = 315,
    badComponentName = 316,
    otherwiseLoops = 317,
};

/// One row of the table of codes in docs/configuration.md.
struct CodeMeaning {
    Code code;
    std::string_view meaning;
};

/// Every code there is, in order.
std::span<const CodeMeaning> codeMeanings();

/// "C104"
std::string codeText(Code code);

}  // namespace syncline::settings
