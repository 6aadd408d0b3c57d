// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/event/subject.h"
#include "exporter/profile/match/pattern.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Whom an event of the record with these fields concerns, which `rule` has read. A text that has parts (Rule::parts,
/// Profile::parts) is replaced by them. A client that is the host of the peer is no client id. A text with which the broker says that it has none (Profile::placeholders) is left out, and so is
/// everything ambiguous. The texts are views into those of the captures. Linear in them.
Subject subject_of(const Profile& profile, const Rule& rule, const Captures& captures);

}  // namespace mre
