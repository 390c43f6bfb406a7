// The operator's HTTP port on a thread of its own, so that it answers while shards recover logs or are busy:
// a few routes, small bodies, bounded connections. Routes are set before start() and run on the server's
// thread.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "tributary/base/result.h"

namespace tributary::admin {

struct HttpRequest {
  std::string path;   // without the query
  std::string query;  // undecoded
  std::string body;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  HttpServer();
  ~HttpServer();  // stops

  // `method` is "GET", "PUT" or "POST"; `path` is matched whole.
  void route(const std::string& method, const std::string& path, Handler handler);
  // "host:port"; port 0 picks one. Fails if it cannot be bound.
  Status start(const std::string& address);
  uint16_t port() const;
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::admin
