// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mre {

/// The parameters of a query string, decoded as HTML forms encode them (application/x-www-form-urlencoded:
/// '+' is a blank, %XX a byte). Names and values are any bytes. Their size is limited by
/// RequestReader::kMaxLine.
class Query {
 public:
  static constexpr std::size_t kMaxParameters = 32;

  Query() = default;

  /// `text` is empty or begins with '?'. nullopt: a '%' without two hex digits, or too many parameters.
  static std::optional<Query> parse(std::string_view text);

  /// The first value of the parameter; empty if it is missing.
  std::string_view get(std::string_view name) const;

  /// In the order of the query string, without empty ones such as in "a=1&&b=2".
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

/// `text` as a value in a query string: all bytes except letters, digits and -._~ as %XX.
std::string url_encode(std::string_view text);

}  // namespace mre
