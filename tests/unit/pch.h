#pragma once
#include "../../src/pch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
