#include "functions/digest.h"

#include <openssl/evp.h>

#include "functions/function_caches.h"

namespace kappa {

// Fetching an algorithm costs more than hashing a short text: it is done once.
class DigestState {
 public:
  DigestState() : context_(EVP_MD_CTX_new()) {}
  DigestState(const DigestState&) = delete;
  DigestState& operator=(const DigestState&) = delete;
  ~DigestState() {
    for (EVP_MD* algorithm : algorithms_) EVP_MD_free(algorithm);
    EVP_MD_CTX_free(context_);
  }
  size_t Compute(DigestKind kind, std::string_view bytes, unsigned char* out) {
    static constexpr const char* kNames[] = {"MD5", "SHA224", "SHA256", "SHA384", "SHA512"};
    EVP_MD*& algorithm = algorithms_[static_cast<size_t>(kind)];
    if (algorithm == nullptr) algorithm = EVP_MD_fetch(nullptr, kNames[static_cast<size_t>(kind)], nullptr);
    unsigned size = 0;
    if (algorithm == nullptr || context_ == nullptr || EVP_DigestInit_ex2(context_, algorithm, nullptr) != 1 ||
        EVP_DigestUpdate(context_, bytes.data(), bytes.size()) != 1 || EVP_DigestFinal_ex(context_, out, &size) != 1)
      return 0;
    return size;
  }

 private:
  EVP_MD_CTX* context_;
  EVP_MD* algorithms_[5] = {};
};

size_t ComputeDigest(CallContext& c, DigestKind kind, std::string_view bytes, unsigned char* out) {
  std::shared_ptr<DigestState>& state = FunctionCaches::Of(c).digests;
  if (state == nullptr) state = std::make_shared<DigestState>();
  return state->Compute(kind, bytes, out);
}

}  // namespace kappa
