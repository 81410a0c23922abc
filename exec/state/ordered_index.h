// Rows in order, in two versions: as the epoch began, and as they are now. What top-N and OVER stand on.
//
// A B+ tree (R. Bayer and E. McCreight, 1972) over entries that are named by ids and lie elsewhere (exec/state/row_store.h). Beside each entry lie
// its prefix, 64 bits that order as the entries do as far as they go, so that a search looks at few rows, and its weight. Inner nodes count, per
// child and version, what is beneath: so rank <-> entry takes O(log n).
//
//   entry   id, prefix, weight now, weight when the epoch began.  Negative weights (on an epoch's way) are kept and count as none
//   row     an entry counts as many rows as its weight says
//   head    the first entry with rows of its group of peers (rows that ORDER BY calls equal); kept only where the owner tells what peers are
//   slot    where an entry stands among all entries, those of weight 0 too: the same in both versions, as entries go only when the epoch is settled
//
// Not thread safe. Positions hold until the next Insert, Remove or Settle.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace kappa {

class OrderedIndex {
 public:
  enum Version : uint8_t { kBefore = 0, kNow = 1 };
  static constexpr uint32_t kFanout = 64;

  struct Inner;
  struct Node {
    Inner* parent = nullptr;
    void* summary = nullptr;  // the owner's, of all that is beneath; Pool::drop_summary frees it
    uint16_t slot = 0;        // in the parent
    uint16_t count = 0, capacity = 0;
    bool leaf = true;
    bool touched : 1 = false;  // the versions differ beneath
    bool stale : 1 = true;     // `summary` is not of what is beneath now
  };
  struct Leaf : Node {          // | prefixes | weights | ids | behind it
    int64_t* before = nullptr;  // weights; nullptr: as now
    uint64_t changed = 0;       // a bit an entry: its weight was changed in this epoch
    uint64_t heads[2] = {0, 0};
    uint64_t* prefixes() { return reinterpret_cast<uint64_t*>(this + 1); }
    int64_t* now() { return reinterpret_cast<int64_t*>(prefixes() + capacity); }
    uint32_t* ids() { return reinterpret_cast<uint32_t*>(now() + capacity); }
  };
  struct Inner : Node {
    Node* child[kFanout];
    uint64_t prefix[kFanout];  // of the first entry beneath
    uint32_t id[kFanout];
    int64_t entries[kFanout];
    int64_t rows[2][kFanout], heads[2][kFanout];
  };
  // Where the nodes of an operator's trees come from, and how many bytes they are.
  struct Pool {
    size_t bytes = 0;
    void (*drop_summary)(void* owner, void* summary) = nullptr;
    void* owner = nullptr;
  };
  struct Position {
    Leaf* leaf = nullptr;  // nullptr: behind the last entry
    uint32_t at = 0;
    explicit operator bool() const { return leaf != nullptr; }
    bool operator==(const Position&) const = default;
    uint32_t id() const { return leaf->ids()[at]; }
    // May be negative.
    int64_t weight(Version version = kNow) const { return version == kBefore && leaf->before != nullptr ? leaf->before[at] : leaf->now()[at]; }
    int64_t rows(Version version) const { return weight(version) > 0 ? weight(version) : 0; }
    bool head(Version version) const { return (leaf->heads[version] >> at) & 1; }
  };

  explicit OrderedIndex(Pool* pool) : pool_(pool) {}
  ~OrderedIndex() { Clear(); }
  OrderedIndex(OrderedIndex&& other) noexcept : pool_(other.pool_), root_(std::exchange(other.root_, nullptr)) {}
  OrderedIndex& operator=(OrderedIndex&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(root_, other.root_);
    return *this;
  }

  // The first entry for which before(prefix, id) is false; it is true for none behind one for which it is false.
  template <typename Before>
  Position FirstNot(const Before& before) const {
    if (root_ == nullptr) return {};
    Node* node = root_;
    while (!node->leaf) {
      auto* inner = static_cast<Inner*>(node);
      const uint32_t at = Partition(inner->count, [&](uint32_t i) { return before(inner->prefix[i], inner->id[i]); });
      node = inner->child[at == 0 ? 0 : at - 1];
    }
    auto* leaf = static_cast<Leaf*>(node);
    const uint64_t* prefixes = leaf->prefixes();
    const uint32_t* ids = leaf->ids();
    const uint32_t at = Partition(leaf->count, [&](uint32_t i) { return before(prefixes[i], ids[i]); });
    return at < leaf->count ? Position{leaf, at} : Next({leaf, at - 1});
  }
  // A new entry of weight 0, right before `at`, where FirstNot has found its place.
  Position Insert(Position at, uint64_t prefix, uint32_t id);
  // `peers(a, b)`: are the entries a and b peers? NoPeers: nobody asks for heads.
  template <typename Peers>
  void AddWeight(Position at, int64_t weight, const Peers& peers) {
    const int64_t old = at.weight(), now = old + weight;
    SetWeight(at, now);
    if constexpr (!std::is_same_v<Peers, NoPeers>) {
      if ((old > 0) == (now > 0)) return;
      if (now > 0) {
        const Position previous = PreviousWithRows(at, kNow);
        if (previous && peers(previous.id(), at.id())) return;
        SetHead(at, true);
        const Position next = NextWithRows(at, kNow);
        if (next && next.head(kNow) && peers(at.id(), next.id())) SetHead(next, false);
      } else if (at.head(kNow)) {
        SetHead(at, false);
        const Position next = NextWithRows(at, kNow);
        if (next && !next.head(kNow)) SetHead(next, true);
      }
    }
  }
  struct NoPeers {};
  // Takes away an entry that has no rows in either version.
  void Remove(Position at);
  // The epoch is over: its beginning is forgotten. Entries of weight 0 go: their ids are appended to `gone`.
  void Settle(std::vector<uint32_t>* gone);
  void Clear();

  bool has_pool() const { return pool_ != nullptr; }  // false: the bytes are zero, nothing has been made of them
  bool touched() const { return root_ != nullptr && root_->touched; }
  int64_t entries() const;
  int64_t rows(Version version) const;
  int64_t heads(Version version) const;

  Position First() const;
  Position Last() const;
  static Position Next(Position at);
  static Position Previous(Position at);  // of the first one: none
  static Position NextWithRows(Position at, Version version);
  static Position PreviousWithRows(Position at, Version version);
  Position NextHead(Position at, Version version) const;  // behind it; none: the end
  Position HeadOf(Position at, Version version) const;    // the last head at or before it

  // How many stand before it; of the end: all.
  int64_t EntriesBefore(Position at) const;
  int64_t RowsBefore(Position at, Version version) const;
  int64_t HeadsBefore(Position at, Version version) const;
  // The entry that stands at slot `index`; the one that holds row `index` (`offset`: which of its rows); the head of group `index`. From 0; past the
  // last: the end.
  Position AtSlot(int64_t index) const;
  Position AtRow(int64_t index, Version version, int64_t* offset) const;
  Position AtHead(int64_t index, Version version) const;

  // Every entry whose weight was changed in this epoch, in order.
  struct Change {
    Position at;
    int64_t slot;
    int64_t rows_before[2];  // that stand before it, by version
  };
  void CollectChanges(std::vector<Change>* changes) const;

  // Goes over the entries of slots [from, to): subtree(node, rows_of_its_own) answers whether it has dealt with a node that lies in the range as a
  // whole; else entry(position) is called for what is beneath.
  template <typename Subtree, typename Entry>
  void Visit(int64_t from, int64_t to, const Subtree& subtree, const Entry& entry) const {
    if (root_ != nullptr && from < to) VisitNode(root_, entries(), from, to, subtree, entry);
  }

 private:
  template <typename Test>
  static uint32_t Partition(uint32_t count, const Test& test) {  // how many hold, of which the first ones do
    uint32_t low = 0;
    while (count > 0) {
      const uint32_t half = count / 2;
      if (test(low + half)) {
        low += half + 1;
        count -= half + 1;
      } else {
        count = half;
      }
    }
    return low;
  }
  template <typename Subtree, typename Entry>
  static void VisitNode(Node* node, int64_t entries, int64_t from, int64_t to, const Subtree& subtree, const Entry& entry) {
    if (from <= 0 && to >= entries && subtree(node)) return;
    if (node->leaf) {
      auto* leaf = static_cast<Leaf*>(node);
      for (int64_t i = from < 0 ? 0 : from; i < to && i < leaf->count; ++i) entry(Position{leaf, static_cast<uint32_t>(i)});
      return;
    }
    auto* inner = static_cast<Inner*>(node);
    int64_t begin = 0;
    for (uint32_t i = 0; i < inner->count && begin < to; begin += inner->entries[i], ++i) {
      if (begin + inner->entries[i] > from) VisitNode(inner->child[i], inner->entries[i], from - begin, to - begin, subtree, entry);
    }
  }
  struct Counts {
    int64_t entries = 0, rows[2] = {0, 0}, heads[2] = {0, 0};
  };
  static Counts Count(const Node* node);
  static std::pair<uint64_t, uint32_t> FirstOf(Node* node);
  Leaf* NewLeaf(uint32_t capacity);
  Inner* NewInner();
  void Free(Node* node);
  void FreeTree(Node* node);
  void Touch(Leaf* leaf);
  void SetWeight(Position at, int64_t now);
  void SetHead(Position at, bool head);
  void Replace(Node* old, Node* node);  // where the parent, or the root, points to it
  Leaf* Resize(Leaf* leaf, uint32_t capacity);
  Leaf* SplitLeaf(Leaf* leaf, uint32_t keep);
  void AddChild(Node* left, Node* right);  // `right` becomes the sibling behind `left`, which has given it a part of its own
  static void MoveChild(Inner* from, uint32_t at, Inner* to, uint32_t where);
  static void SetChild(Inner* parent, uint32_t at, Node* child);  // and counts it
  static void FixFirst(Node* node);
  void RemoveNode(Node* node);
  void Collapse();
  void SettleNode(Node* node, std::vector<uint32_t>* gone);
  Node* Merge(Node* left, Node* right);  // nullptr: they are too many for one
  static void CollectFrom(Node* node, Change* at, std::vector<Change>* changes);

  Pool* pool_ = nullptr;
  Node* root_ = nullptr;
};

}  // namespace kappa
