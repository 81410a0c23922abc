#include "common/os/socket.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "common/os/environment.h"
#include "tests/connectors/temporary_directory.h"

namespace kappa::os {
namespace {

constexpr int64_t kSoon = 50'000'000, kPatience = 10'000'000'000;

// Answers one client with what it said, in capitals.
void Echo(LocalListener* listener) {
  auto stream = listener->Accept(kPatience);
  ASSERT_TRUE(stream.ok() && *stream != nullptr) << stream.status();
  char buffer[64];
  auto got = (*stream)->Read(buffer, sizeof(buffer), kPatience);
  ASSERT_TRUE(got.ok()) << got.status();
  for (size_t i = 0; i < *got; ++i) buffer[i] = static_cast<char>(toupper(buffer[i]));
  EXPECT_TRUE((*stream)->Write({buffer, *got}, kPatience).ok());
}

void TalkAt(const std::string& path) {
  auto listener = ListenLocal(path);
  ASSERT_TRUE(listener.ok()) << listener.status();
  struct stat st;
  ASSERT_EQ(stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  auto thread = RealEnvironment().threads().Start("echo", [&] { Echo(listener->get()); });
  auto stream = ConnectLocal(path, kPatience);
  ASSERT_TRUE(stream.ok()) << stream.status();
  ASSERT_TRUE((*stream)->Write("status", kPatience).ok());
  char buffer[64];
  auto got = (*stream)->Read(buffer, sizeof(buffer), kPatience);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(std::string_view(buffer, *got), "STATUS");
  got = (*stream)->Read(buffer, sizeof(buffer), kPatience);
  EXPECT_TRUE(got.ok() && *got == 0);
  thread->Join();
  listener->reset();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SocketTest, TwoEndsTalk) {
  const TemporaryDirectory directory;
  TalkAt(directory / "a.sock");
}

TEST(SocketTest, PathsLongerThanAnAddress) {
  const TemporaryDirectory directory;
  const std::string deep = directory / std::string(200, 'd') + "/" + std::string(200, 'e');
  std::filesystem::create_directories(deep);
  TalkAt(deep + "/kappa.sock");
}

TEST(SocketTest, NobodyThere) {
  const TemporaryDirectory directory;
  EXPECT_EQ(SqlStateOf(ConnectLocal(directory / "none.sock", kSoon).status()), sqlstate::kUndefinedFile);
  EXPECT_EQ(SqlStateOf(ConnectLocal(directory / "no/such/folder.sock", kSoon).status()), sqlstate::kUndefinedFile);
  // What a process leaves that was killed: a socket nobody listens on. It is told apart, and taken over.
  const std::string path = directory / "stale.sock";
  if (const pid_t child = fork(); child == 0) {
    auto listener = ListenLocal(path);
    _exit(listener.ok() ? 0 : 1);
  } else {
    int status = 1;
    waitpid(child, &status, 0);
    ASSERT_EQ(status, 0);
  }
  ASSERT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(SqlStateOf(ConnectLocal(path, kSoon).status()), sqlstate::kCannotConnect);
  TalkAt(path);
}

TEST(SocketTest, WaitsEnd) {
  const TemporaryDirectory directory;
  const std::string path = directory / "a.sock";
  auto listener = ListenLocal(path);
  ASSERT_TRUE(listener.ok()) << listener.status();
  auto none = (*listener)->Accept(kSoon);
  EXPECT_TRUE(none.ok() && *none == nullptr);
  (*listener)->Wake();
  none = (*listener)->Accept(kPatience * 1000);
  EXPECT_TRUE(none.ok() && *none == nullptr);
  // A server that does not answer.
  auto stream = ConnectLocal(path, kSoon);
  ASSERT_TRUE(stream.ok());
  char byte;
  EXPECT_EQ(SqlStateOf((*stream)->Read(&byte, 1, kSoon).status()), sqlstate::kConnectionFailure);
  // One that takes nothing.
  const std::string much(16 << 20, 'x');
  EXPECT_EQ(SqlStateOf((*stream)->Write(much, kSoon)), sqlstate::kConnectionFailure);
}

}  // namespace
}  // namespace kappa::os
