#include "exec/runtime/stage.h"

namespace kappa {

Stage::Stage(size_t row_bytes, int32_t targets) : row_bytes_(row_bytes), open_(targets), sealed_(targets) {
  for (int32_t target = 0; target < targets; ++target) {
    owned_.push_back(NewChunk());
    open_[target] = owned_.back().get();
    sealed_[target].push_back(open_[target]);
  }
}

std::unique_ptr<StageChunk> Stage::NewChunk() const {
  auto chunk = std::make_unique<StageChunk>();
  chunk->rows.reset(new char[row_bytes_ * static_cast<size_t>(kStageRows)]);
  return chunk;
}

StageChunk* Stage::Seal(int32_t target) {
  if (free_.empty()) {
    owned_.push_back(NewChunk());
    free_.push_back(owned_.back().get());
  }
  StageChunk* chunk = free_.back();
  free_.pop_back();
  open_[target] = chunk;
  sealed_[target].push_back(chunk);
  return chunk;
}

void Stage::Clear(int32_t target) {
  std::vector<StageChunk*>& chunks = sealed_[target];
  for (StageChunk* chunk : chunks) {
    chunk->count = 0;
    if (chunk != chunks.front()) free_.push_back(chunk);
  }
  chunks.resize(1);
  open_[target] = chunks.front();
}

bool Stage::Empty(int32_t target) const { return sealed_[target].front()->count == 0; }

}  // namespace kappa
