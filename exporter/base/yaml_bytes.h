// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/base/yaml_tree.h"

namespace mre {

/// Writes a YAML document, with the positions of its nodes, so that a program reads it back without a YAML
/// parser. What is built into the exporter is stored this way: parsing the YAML of one profile takes 25 ms.
void write_yaml(const YamlNode& node, ByteWriter& out);

/// Reads what write_yaml wrote; other bytes make `in` fail. Only for trusted bytes, because nesting is not
/// limited.
YamlNode read_yaml(ByteReader& in);

}  // namespace mre
