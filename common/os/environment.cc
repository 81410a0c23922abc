#include "common/os/environment.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>

#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

namespace kappa::os {

std::unique_ptr<FileSystem> MakePosixFileSystem();  // posix_file_system.cc

namespace {

class RealClock final : public Clock {
 public:
  int64_t WallMicros() override {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
  }
  int64_t MonotonicNanos() override {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  }
  int64_t CpuNanos() override {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    auto nanos = [](const timeval& t) { return static_cast<int64_t>(t.tv_sec) * 1'000'000'000 + static_cast<int64_t>(t.tv_usec) * 1'000; };
    return nanos(usage.ru_utime) + nanos(usage.ru_stime);
  }
};

class RealRandom final : public Random {
 public:
  uint64_t Next() override {
    std::lock_guard<std::mutex> lock(mutex_);
    return (static_cast<uint64_t>(device_()) << 32) | device_();
  }

 private:
  std::mutex mutex_;
  std::random_device device_;
};

class RealThread final : public Thread {
 public:
  RealThread(const std::string& name, std::function<void()> body) : thread_(std::move(body)) {
    pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());  // the kernel keeps 15 characters
  }
  ~RealThread() override { RealThread::Join(); }
  void Join() override {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

class RealThreads final : public Threads {
 public:
  std::unique_ptr<Thread> Start(const std::string& name, std::function<void()> body) override {
    return std::make_unique<RealThread>(name, std::move(body));
  }
};

class Real final : public Environment {
 public:
  Clock& clock() override { return clock_; }
  FileSystem& files() override { return *files_; }
  Random& random() override { return random_; }
  Threads& threads() override { return threads_; }

 private:
  RealClock clock_;
  std::unique_ptr<FileSystem> files_ = MakePosixFileSystem();
  RealRandom random_;
  RealThreads threads_;
};

}  // namespace

Environment& RealEnvironment() {
  static Real* const environment = new Real;  // never destroyed: threads may outlive main's statics
  return *environment;
}

std::string EnvironmentVariable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace kappa::os
