#include "tributary/admin/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <thread>

#include "tributary/base/assert.h"

namespace tributary::admin {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

constexpr size_t kMaxConnections = 64;
constexpr size_t kMaxBody = 64 * 1024;
constexpr std::chrono::seconds kPatience{30};

using Routes = std::map<std::pair<std::string, std::string>, HttpServer::Handler>;

// One connection, request after request. In `sessions` while it stands, the one that waits longest for a
// request in front.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using List = std::list<Session*>;

  Session(tcp::socket socket, const Routes& routes, List& sessions)
      : stream_(std::move(socket)),
        routes_(routes),
        sessions_(sessions),
        place_(sessions.insert(sessions.end(), this)) {}
  ~Session() { sessions_.erase(place_); }

  void end() { stream_.close(); }

  void read() {
    sessions_.splice(sessions_.end(), sessions_, place_);
    parser_.emplace();
    parser_->body_limit(kMaxBody);
    stream_.expires_after(kPatience);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    const auto& request = parser_->get();
    const HttpResponse made =
        respond_to(std::string(request.method_string()), std::string(request.target()), request.body());
    response_ = {};
    response_.version(request.version());
    response_.result(made.status);
    response_.set(http::field::content_type, made.content_type);
    response_.keep_alive(request.keep_alive());
    if (request.method() != http::verb::head) response_.body() = made.body;
    response_.prepare_payload();
    http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (error || !self->response_.keep_alive()) return;
      self->read();
    });
  }

  HttpResponse respond_to(std::string method, const std::string& target, std::string body) const {
    if (method == "HEAD") method = "GET";
    const size_t mark = target.find('?');
    HttpRequest asked{target.substr(0, mark), mark == std::string::npos ? "" : target.substr(mark + 1),
                      std::move(body)};
    const auto found = routes_.find({method, asked.path});
    if (found != routes_.end()) return found->second(asked);
    const bool other_method = std::any_of(
        routes_.begin(), routes_.end(), [&](const auto& route) { return route.first.second == asked.path; });
    if (other_method) return {405, "text/plain; charset=utf-8", "method not allowed\n"};
    return {404, "text/plain; charset=utf-8", "not found\n"};
  }

  beast::tcp_stream stream_;
  const Routes& routes_;
  List& sessions_;
  const List::iterator place_;
  beast::flat_buffer buffer_{kMaxBody};
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

struct HttpServer::Impl {
  Routes routes;
  Session::List sessions;  // before io, which holds the sessions themselves
  boost::asio::io_context io{1};
  tcp::acceptor acceptor{io};
  std::thread thread;

  void accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == boost::asio::error::operation_aborted) return;
      // At the limit the one that was silent longest makes room, so that nobody can shut out a health check.
      if (!error && sessions.size() >= kMaxConnections) sessions.front()->end();
      if (!error) std::make_shared<Session>(std::move(socket), routes, sessions)->read();
      accept();
    });
  }
};

HttpServer::HttpServer() : impl_(std::make_unique<Impl>()) {}
HttpServer::~HttpServer() { stop(); }

void HttpServer::route(const std::string& method, const std::string& path, Handler handler) {
  impl_->routes[{method, path}] = std::move(handler);
}

Status HttpServer::start(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos)
    return fail(Errc::kInvalidArgument, "admin.listen: expected host:port, got " + address);
  std::string host = address.substr(0, colon);
  if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "0.0.0.0";
  beast::error_code error;
  tcp::resolver resolver(impl_->io);
  const auto found = resolver.resolve(host, address.substr(colon + 1), tcp::resolver::passive, error);
  if (error || found.empty())
    return fail(Errc::kInvalidArgument, "admin.listen: " + address + ": " + error.message());
  const tcp::endpoint endpoint = found.begin()->endpoint();
  impl_->acceptor.open(endpoint.protocol(), error);
  if (!error) impl_->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl_->acceptor.bind(endpoint, error);
  if (!error) impl_->acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) return fail(Errc::kIo, "admin.listen: " + address + ": " + error.message());
  impl_->accept();
  impl_->thread = std::thread([this] { impl_->io.run(); });
  return {};
}

uint16_t HttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->io.stop();
  impl_->thread.join();
}

}  // namespace tributary::admin
