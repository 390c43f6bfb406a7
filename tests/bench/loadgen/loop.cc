#include "loop.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>

namespace tributary::bench {

uint64_t now_ns() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return uint64_t(t.tv_sec) * 1'000'000'000 + uint64_t(t.tv_nsec);
}

Address Address::parse(std::string_view text) {
  size_t colon = text.rfind(':');
  Address address;
  if (colon == std::string_view::npos) die("an address is HOST:PORT");
  address.host = text.substr(0, colon);
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), address.port);
  return address;
}

Loop::~Loop() { close(epoll_); }

bool Loop::all_done() const {
  return std::all_of(actors_.begin(), actors_.end(), [](const Actor* actor) { return actor->done(); });
}

uint64_t Loop::tick_all() {
  uint64_t next = UINT64_MAX;
  for (Actor* actor : actors_) {
    if (actor->next_tick() != UINT64_MAX) {
      if (uint64_t now = now_ns(); actor->next_tick() <= now) actor->tick(now);
    }
    next = std::min(next, actor->next_tick());
  }
  return next;
}

void Loop::wait(uint64_t until) {
  std::array<epoll_event, 64> events;
  timespec timeout{1, 0};
  uint64_t now = now_ns();
  if (spin_ || until <= now) {
    timeout = {0, 0};
  } else if (until - now < 1'000'000'000) {
    timeout = {0, long(until - now)};
  }
  int count = epoll_pwait2(epoll_, events.data(), int(events.size()), &timeout, nullptr);
  for (int i = 0; i < count; ++i)
    static_cast<Connection*>(events[size_t(i)].data.ptr)->ready(events[size_t(i)].events);
}

void Loop::run() {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  for (Actor* actor : actors_) actor->begin(now_ns());
  while (!all_done()) wait(tick_all());
}

namespace {

int connect_to(const Address& address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  if (inet_pton(AF_INET, address.host.c_str(), &to.sin_addr) != 1) die("an address needs a numeric host");
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("no socket left: raise ulimit -n");
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    die("the broker cannot be reached");
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace

Connection::Connection(Loop& loop, const Address& address, size_t receive_buffer)
    : loop_(loop), fd_(connect_to(address)), in_(receive_buffer) {
  epoll_event event{EPOLLIN, {.ptr = this}};
  epoll_ctl(loop_.epoll(), EPOLL_CTL_ADD, fd_, &event);
}

Connection::~Connection() { close(fd_); }

void Connection::watch(uint32_t events) {
  epoll_event event{events, {.ptr = this}};
  epoll_ctl(loop_.epoll(), EPOLL_CTL_MOD, fd_, &event);
}

void Connection::send(ByteView frame) {
  size_t taken = 0;
  if (backlog_.empty()) {
    ssize_t n = ::send(fd_, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) die("the broker closed a connection");
    taken = n < 0 ? 0 : size_t(n);
    if (taken == frame.size()) return;
    watch(EPOLLIN | EPOLLOUT);
  }
  backlog_.insert(backlog_.end(), frame.begin() + ptrdiff_t(taken), frame.end());
}

void Connection::flush() {
  ssize_t n = ::send(fd_, backlog_.data() + sent_, backlog_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN) die("the broker closed a connection");
  if (n > 0) sent_ += size_t(n);
  if (sent_ < backlog_.size()) return;
  backlog_.clear();
  sent_ = 0;
  watch(EPOLLIN);
}

void Connection::ready(uint32_t events) {
  if ((events & EPOLLOUT) != 0 && backlogged()) flush();
  if ((events & ~uint32_t(EPOLLOUT)) != 0) receive();
}

void Connection::receive() {
  ssize_t n = recv(fd_, in_.data() + filled_, in_.size() - filled_, MSG_DONTWAIT);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) die("the broker closed a connection");
  filled_ += size_t(n);
  size_t used = 0;
  while (size_t frame = parse(used)) used += frame;
  if (used > 0) std::memmove(in_.data(), in_.data() + used, filled_ - used);
  filled_ -= used;
}

// The size of the frame at `from`, handed over, or 0 if it is not all there; the buffer then has room for it.
size_t Connection::parse(size_t from) {
  if (filled_ - from < 4) return 0;
  size_t size = size_t(load_be<int32_t>(in_.data() + from)) + 4;
  if (size < 8 || size > (256U << 20)) die("the broker's answer is no frame");
  if (filled_ - from < size) {
    if (in_.size() < size) in_.resize(size);
    return 0;
  }
  on_frame_(load_be<int32_t>(in_.data() + from + 4), ByteView(in_).subspan(from + 8, size - 8));
  return size;
}

}  // namespace tributary::bench
