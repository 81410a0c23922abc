// An aggregate: a state of fixed size inside a state row, and the functions that fold values into it.
//
//   Aggregate("sum", {kInt8}, kNumeric).Doc("...").Native<SumInt8>()
//
// where SumInt8 is a struct:
//   struct SumInt8 {
//     struct State { ... };                                  trivially copyable, at most 8-byte aligned, all-zero = empty; a relocatable row holds it
//     static void Add(StateContext&, State*, int64_t v, int64_t weight);    weight +1 / -1 (invertible aggregates), or only +1 (append-only ones)
//     static void Merge(StateContext&, State*, StateContext& from, const State& other);     adds another partial state, whose parts live in `from`
//     static Nullable<Numeric> Result(StateContext&, CallContext&, const State&);           or bool Result(..., const State&, Nullable<Numeric>* out)
//     when it may fail static void Release(StateContext&, State*);                                           only when the state holds blocks of the
//     arena static void Copy(StateContext& from, const State&, StateContext& to, State* out);     likewise static constexpr bool kInvertible = true;
//     Add takes weight -1; Merge works with differences
//   };
// NULL arguments are never added (count(*) has no argument). Variable-length parts of a state (a text, an exact float sum) live in StateContext's
// arena as offsets.
#pragma once

#include "functions/function.h"
#include "functions/state_context.h"

namespace kappa {

// Compiled forms, by pointers to slots:
//   void add(StateContext* s, void* state, const void* a0 (only when there is an argument), int64_t weight)
//   void merge(StateContext* s, void* state, StateContext* other_context, const void* other)
//   bool result(StateContext* s, CallContext* c, const void* state, void* out, bool* out_null)
//   void release(StateContext* s, void* state)      frees what the state holds in the arena; nullptr when it holds nothing
//   void copy(StateContext* from, const void* state, StateContext* to, void* out)   deep copy (before-images); nullptr: memcpy
struct AggregateEntry {
  std::string_view name;
  std::vector<TypeId> arguments;
  TypeId result = TypeId::kUnknown;
  size_t state_size = 0;    // a multiple of 8
  bool invertible = false;  // false: append-only input
  bool nullable_result = true;
  bool fallible = false;
  std::string_view doc;
  std::vector<FunctionExample> examples;
  const void* add = nullptr;
  const void* merge = nullptr;
  const void* result_code = nullptr;
  const void* release = nullptr;
  const void* copy = nullptr;
  std::string Signature() const;
};

namespace function_internal {

template <typename A>
concept HasRelease = requires(StateContext& s, typename A::State* state) { A::Release(s, state); };
template <typename A>
concept HasCopy = requires(StateContext& s, const typename A::State& state, typename A::State* out) { A::Copy(s, state, s, out); };

template <typename A, typename Argument>
struct AddCode {
  [[gnu::used]] static void Run(StateContext* s, void* state, const void* a0, int64_t weight) {
    A::Add(*s, static_cast<typename A::State*>(state), *static_cast<const Argument*>(a0), weight);
  }
};
template <typename A>
struct AddCode<A, void> {
  [[gnu::used]] static void Run(StateContext* s, void* state, int64_t weight) { A::Add(*s, static_cast<typename A::State*>(state), weight); }
};
template <typename A>
struct MergeCode {
  [[gnu::used]] static void Run(StateContext* s, void* state, StateContext* other_context, const void* other) {
    A::Merge(*s, static_cast<typename A::State*>(state), *other_context, *static_cast<const typename A::State*>(other));
  }
};
template <typename A>
struct ReleaseCode {
  [[gnu::used]] static void Run(StateContext* s, void* state) { A::Release(*s, static_cast<typename A::State*>(state)); }
};
template <typename A>
struct CopyCode {
  [[gnu::used]] static void Run(StateContext* from, const void* state, StateContext* to, void* out) {
    A::Copy(*from, *static_cast<const typename A::State*>(state), *to, static_cast<typename A::State*>(out));
  }
};

template <typename Fn>
struct ResultOf;
template <typename R, typename S>
struct ResultOf<R (*)(StateContext&, CallContext&, const S&)> {
  static constexpr bool kFallible = false;
  using type = R;
};
template <typename S, typename R>
struct ResultOf<bool (*)(StateContext&, CallContext&, const S&, R*)> {
  static constexpr bool kFallible = true;
  using type = R;
};

template <typename A>
struct ResultCode {
  using Traits = ResultOf<decltype(&A::Result)>;
  [[gnu::used]] static bool Run(StateContext* s, CallContext* c, const void* state, void* out, bool* out_null) {
    const auto& typed = *static_cast<const typename A::State*>(state);
    if constexpr (Traits::kFallible) {
      typename Traits::type result{};
      if (!A::Result(*s, *c, typed, &result)) return false;
      StoreResult<typename Traits::type>(result, out, out_null);
    } else {
      StoreResult<typename Traits::type>(A::Result(*s, *c, typed), out, out_null);
    }
    return true;
  }
};

template <typename Fn>
struct AddArgument;
template <typename S>
struct AddArgument<void (*)(StateContext&, S*, int64_t)> {
  using type = void;
};
template <typename S, typename V>
struct AddArgument<void (*)(StateContext&, S*, V, int64_t)> {
  using type = V;
};

}  // namespace function_internal

class AggregateBuilder {
 public:
  AggregateBuilder(std::string_view name, std::vector<TypeId> arguments, TypeId result) {
    entry_.name = name;
    entry_.arguments = std::move(arguments);
    entry_.result = result;
  }
  AggregateBuilder& Doc(std::string_view doc) {
    entry_.doc = doc;
    return *this;
  }
  AggregateBuilder& Example(std::string_view call, std::string_view result) {
    entry_.examples.push_back({call, result});
    return *this;
  }
  template <typename A>
  AggregateBuilder& Native() {
    static_assert(std::is_trivially_copyable_v<typename A::State> && alignof(typename A::State) <= 8);
    using Argument = typename function_internal::AddArgument<decltype(&A::Add)>::type;
    using Result = typename function_internal::ResultCode<A>::Traits;
    entry_.state_size = (sizeof(typename A::State) + 7) & ~size_t{7};
    entry_.invertible = A::kInvertible;
    entry_.nullable_result = function_internal::Unwrap<typename Result::type>::nullable;
    entry_.fallible = Result::kFallible;
    entry_.add = reinterpret_cast<const void*>(&function_internal::AddCode<A, Argument>::Run);
    entry_.merge = reinterpret_cast<const void*>(&function_internal::MergeCode<A>::Run);
    entry_.result_code = reinterpret_cast<const void*>(&function_internal::ResultCode<A>::Run);
    if constexpr (function_internal::HasRelease<A>) entry_.release = reinterpret_cast<const void*>(&function_internal::ReleaseCode<A>::Run);
    if constexpr (function_internal::HasCopy<A>) entry_.copy = reinterpret_cast<const void*>(&function_internal::CopyCode<A>::Run);
    return *this;
  }
  operator AggregateEntry() const { return entry_; }  // NOLINT: meant to convert

 private:
  AggregateEntry entry_;
};

inline AggregateBuilder Aggregate(std::string_view name, std::vector<TypeId> arguments, TypeId result) {
  return {name, std::move(arguments), result};
}

}  // namespace kappa
