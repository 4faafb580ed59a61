#pragma once

// The whole simulation: History's members are defined by topic.
#include "tests/support/simulation/ambush.h"
#include "tests/support/simulation/events.h"
#include "tests/support/simulation/judgement.h"
#include "tests/support/simulation/people.h"
