// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>

/// A property of the code under test. assert() would be compiled out of a release build.
#define SYNCLINE_EXPECT(holds)                                               \
    do {                                                                     \
        if (!(holds)) {                                                      \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #holds); \
            std::abort();                                                    \
        }                                                                    \
    } while (false)
