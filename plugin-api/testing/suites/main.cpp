// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/subject.h"

int main(int argc, char** argv) {
    return syncline::conformance::runSuites(argc, argv);
}
