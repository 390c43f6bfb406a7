// Requests that the controller answers, on its thread; those that make partitions wait until these are open,
// so that a client that was told "created" can produce at once.
#include "broker_logger.h"
#include "handlers.h"
#include "partition_manager.h"
#include "producer_ids.h"
#include "shard.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;

// Runs `change` on the control thread and answers once the shards have what it made.
template <typename Message, typename Change>
void change_then_answer(RequestPtr request, const Message& message, Change change) {
  BrokerContext& context = request->context();
  boost::asio::post(context.control, [&context, request = std::move(request), message, change]() mutable {
    auto response = change(*context.controller, *request, message);
    context.partitions->when_current([&context, request = std::move(request), message = std::move(message),
                                      response = std::move(response)]() mutable {
      Shard& home = request->shard();
      home.post([request = std::move(request), message = std::move(message),
                 image = context.controller->image(),
                 response = std::move(response)] { request->respond(response); });
    });
  });
}

}  // namespace

void create_topics(RequestPtr request, const wire::CreateTopicsRequest& message) {
  change_then_answer(
      std::move(request), message,
      [](control::Controller& controller, Request& asked, const wire::CreateTopicsRequest& what) {
        return controller.create_topics(what, asked.version(), asked.arena());
      });
}

void create_partitions(RequestPtr request, const wire::CreatePartitionsRequest& message) {
  change_then_answer(
      std::move(request), message,
      [](control::Controller& controller, Request& asked, const wire::CreatePartitionsRequest& what) {
        return controller.create_partitions(what, asked.arena());
      });
}

void delete_topics(RequestPtr request, const wire::DeleteTopicsRequest& message) {
  change_then_answer(
      std::move(request), message,
      [](control::Controller& controller, Request& asked, const wire::DeleteTopicsRequest& what) {
        return controller.delete_topics(what, asked.version(), asked.arena());
      });
}

void alter_configs(RequestPtr request, const wire::AlterConfigsRequest& message) {
  change_then_answer(
      std::move(request), message,
      [](control::Controller& controller, Request& asked, const wire::AlterConfigsRequest& what) {
        return controller.alter_configs(what, asked.arena());
      });
}

void incremental_alter_configs(RequestPtr request, const wire::IncrementalAlterConfigsRequest& message) {
  change_then_answer(
      std::move(request), message,
      [](control::Controller& controller, Request& asked, const wire::IncrementalAlterConfigsRequest& what) {
        auto response = controller.incremental_alter_configs(what, asked.arena());
        change_log_levels(what, asked.context().node_id, asked.arena(), response);
        return response;
      });
}

wire::ElectLeadersResponse elect_leaders(Request& request, const wire::ElectLeadersRequest& message) {
  return request.context().controller->elect_leaders(message, request.version(), request.arena());
}

wire::AlterPartitionReassignmentsResponse alter_partition_reassignments(
    Request& request, const wire::AlterPartitionReassignmentsRequest& message) {
  return request.context().controller->alter_partition_reassignments(message, request.arena());
}

wire::ListPartitionReassignmentsResponse list_partition_reassignments(
    Request& request, const wire::ListPartitionReassignmentsRequest& message) {
  return control::list_reassignments(*request.shard().image(), message, request.arena());
}

wire::UnregisterBrokerResponse unregister_broker(Request& request,
                                                 const wire::UnregisterBrokerRequest& message) {
  return request.context().controller->unregister_broker(message, request.arena());
}

wire::DescribeQuorumResponse describe_quorum(Request& request, const wire::DescribeQuorumRequest& message) {
  return request.context().controller->describe_quorum(message, request.version(), request.arena());
}

wire::UpdateFeaturesResponse update_features(Request& request, const wire::UpdateFeaturesRequest& message) {
  return request.context().controller->update_features(message, request.version(), request.arena());
}

wire::InitProducerIdResponse init_producer_id(Request& request, const wire::InitProducerIdRequest& message) {
  wire::InitProducerIdResponse response;
  response.producer_epoch = -1;
  if (message.transactional_id) {
    // Transactions are not built: said with an error no client retries.
    response.error_code =
        message.transactional_id->empty() ? ErrorCode::kInvalidRequest : ErrorCode::kUnsupportedVersion;
    return response;
  }
  // To keep an id, a client must name both it and its epoch; without transactions it gets a new one all the
  // same.
  if ((message.producer_id == -1) != (message.producer_epoch == -1)) {
    response.error_code = ErrorCode::kInvalidRequest;
    return response;
  }
  const auto id = request.context().producer_ids->next();
  if (!id) {
    response.error_code = ErrorCode::kCoordinatorNotAvailable;
    return response;
  }
  response.producer_id = *id;
  response.producer_epoch = 0;
  return response;
}

}  // namespace tributary::broker
