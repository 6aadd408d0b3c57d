#include "exporter/source/known_files.h"

#include <algorithm>
#include <utility>

namespace mre {

void KnownFiles::add(Known known) {
  std::erase_if(files_, [&](const Known& other) { return other.identity == known.identity; });
  known.print.text = {};  // as after a restart; a kibibyte for each rotation would add up
  files_.push_back(std::move(known));
  if (files_.size() > kMost) files_.pop_front();
}

const KnownFiles::Known* KnownFiles::find(const FileIdentity& identity) const {
  const auto at = std::ranges::find(files_, identity, &Known::identity);
  return at == files_.end() ? nullptr : &*at;
}

bool KnownFiles::has_content_of(LogFile& file) const {
  return std::ranges::any_of(files_, [&](const Known& known) {
    return file.kinship(known.print, known.offset, known.marker) != LogFile::Kinship::none;
  });
}

void KnownFiles::save(ByteWriter& out) const {
  out.number(files_.size());
  for (const Known& known : files_) {
    mre::save(out, known.identity);
    mre::save(out, known.print, false);
    out.number(known.offset);
    out.text(known.marker);
  }
}

void KnownFiles::restore(ByteReader& in) {
  files_.clear();
  for (auto left = in.number_up_to(kMost); left > 0 && !in.failed(); --left) {
    Known known;
    known.identity = read_identity(in);
    known.print = read_fingerprint(in);
    known.offset = in.number();
    known.marker = in.text();
    files_.push_back(std::move(known));
  }
}

}  // namespace mre
