// Object code that is kept, and code that is generated a second time.
#include "exec/codegen/object_cache.h"

#include <gtest/gtest.h>

#include "exec/codegen/code_builder.h"
#include "exec/codegen/jit.h"
#include "exec/codegen/runtime_library.h"

namespace kappa {
namespace {

std::shared_ptr<const std::string> Bytes(size_t size) { return std::make_shared<const std::string>(size, 'x'); }

TEST(ObjectCache, WhatWasAskedForLastStays) {
  ObjectCache cache(10);
  cache.Keep("a", Bytes(4));
  cache.Keep("b", Bytes(4));
  EXPECT_NE(cache.Find("a"), nullptr);
  cache.Keep("c", Bytes(4));  // b was not asked for
  EXPECT_NE(cache.Find("a"), nullptr);
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_NE(cache.Find("c"), nullptr);
  EXPECT_EQ(cache.bytes(), 8u);
}

TEST(ObjectCache, WhatIsLargerThanAllIsNotKept) {
  ObjectCache cache(10);
  cache.Keep("a", Bytes(4));
  cache.Keep("b", Bytes(11));
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_NE(cache.Find("a"), nullptr);
}

TEST(ObjectCache, KeptTwiceIsKeptOnce) {
  ObjectCache cache(10);
  cache.Keep("a", Bytes(4));
  cache.Keep("a", Bytes(4));
  EXPECT_EQ(cache.bytes(), 4u);
}

// A function that answers the address it was bound to.
StatusOr<std::unique_ptr<CompiledModule>> CompileBound(Jit* jit, const void* address, Tier tier) {
  return jit->Compile(tier,
                      [&](llvm::Module* module, RuntimeLibrary* runtime) {
                        CodeBuilder fn(module, runtime, "answer", llvm::PointerType::getUnqual(module->getContext()), {});
                        fn.Return(fn.Pointer(address));
                        return OkStatus();
                      },
                      {"answer"});
}
const void* Answer(const CompiledModule& module) { return reinterpret_cast<const void* (*)()>(module.Lookup("answer"))(); }

// The code is the same, and it is the first's object; what it points to is not.
TEST(Jit, CodeThatIsGeneratedAgainPointsToItsOwn) {
  auto jit = Jit::Create();
  ASSERT_TRUE(jit.ok());
  for (const Tier tier : {Tier::kQuick, Tier::kOptimized}) {
    const int first = 1;
    const auto second = std::make_unique<int>(2);
    const auto a = CompileBound(jit->get(), &first, tier), b = CompileBound(jit->get(), second.get(), tier),
               c = CompileBound(jit->get(), reinterpret_cast<const void*>(&Answer), tier);
    ASSERT_TRUE(a.ok() && b.ok() && c.ok());
    EXPECT_EQ(Answer(**a), &first);
    EXPECT_EQ(Answer(**b), second.get());
    EXPECT_EQ(Answer(**c), reinterpret_cast<const void*>(&Answer));
  }
}

}  // namespace
}  // namespace kappa
