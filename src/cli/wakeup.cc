#include "wakeup.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace tributary::cli {
namespace {

volatile std::sig_atomic_t stop_requested = 0;
int signal_pipe = -1;

void on_signal(int) {
  const int saved = errno;
  stop_requested = 1;
  [[maybe_unused]] const ssize_t written = write(signal_pipe, "s", 1);  // a full pipe wakes as well
  errno = saved;
}

}  // namespace

Result<Wakeup*> Wakeup::install() {
  static Wakeup wakeup;
  if (pipe2(wakeup.pipe_, O_NONBLOCK | O_CLOEXEC) != 0) return fail(Errc::kNoSpace, std::strerror(errno));
  signal_pipe = wakeup.pipe_[1];
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // the second one kills
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return &wakeup;
}

bool Wakeup::stopping() const { return stop_requested != 0; }

bool Wakeup::wait(int descriptor, Watch watch, std::chrono::milliseconds at_most) {
  const short wanted = watch == Watch::kReadable ? POLLIN : 0;  // errors are told without being asked for
  std::array<pollfd, 2> polls = {{{pipe_[0], POLLIN, 0}, {descriptor, wanted, 0}}};
  if (::poll(polls.data(), polls.size(), static_cast<int>(at_most.count())) <= 0) return false;
  std::array<char, 256> bytes{};
  while (read(pipe_[0], bytes.data(), bytes.size()) > 0) {
  }
  return polls[1].revents != 0;
}

}  // namespace tributary::cli
