// What a pass keeps of transactions and for producers.
#include <gmock/gmock.h>

#include "cleaner_support.h"

namespace tributary::storage::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CleanerProducersTest : public CleanerTest {
 protected:
  CleanerProducersTest() { config.delete_retention_ms = 10'000; }

  static KeyedSpec txn(int64_t producer, int32_t sequence, int16_t epoch = 0) {
    return {.producer_id = producer, .epoch = epoch, .sequence = sequence, .transactional = true};
  }
  // "3" data, "3e" empty data, "3m" marker, "3me" empty control batch.
  std::vector<std::string> batches() {
    std::vector<std::string> all;
    for_each_batch(all_bytes(), [&](const wire::BatchView& batch) {
      all.push_back(fmt::format("{}{}{}", batch.base_offset(), batch.is_control() ? "m" : "",
                                batch.record_count() == 0 ? "e" : ""));
    });
    return all;
  }
  std::vector<AbortedTransaction> aborted() {
    return read(the_log(), {the_log().start_offset(), 1 << 20, Isolation::kCommitted, true},
                the_log().end_offset())
        ->aborted;
  }
  void reopen_from_scratch() {
    log.reset();
    for (const std::string& name : files()) {
      if (name.ends_with(".snapshot")) ASSERT_TRUE(fs.remove("/logs/t-0/" + name));
    }
    fs.kill();
    recovery_point = 0;
    open();
  }
  std::optional<ActiveProducer> producer(int64_t id) {
    for (const ActiveProducer& one : the_log().active_producers()) {
      if (raw(one.producer_id) == id) return one;
    }
    return std::nullopt;
  }
};

TEST_F(CleanerProducersTest, Clean_AbortedTransaction_DataGoesAtOnceMarkerWithItsHorizon) {
  put({{"a", "good"}});
  put({{"a", "bad"}, {"b", "bad"}}, txn(5, 0));
  put_bytes(make_marker(5, 0, true));
  put({{"x", "1"}}, {.producer_id = 5, .epoch = 0, .sequence = 2});
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("0:a=good", "4:x=1"));
  EXPECT_THAT(batches(), ElementsAre("0", "3m", "4", "5"));
  EXPECT_EQ(aborted().size(), 1u) << "the data was there when this pass began";
  put({{"y", "1"}});
  settle_and_clean();
  EXPECT_THAT(batches(), ElementsAre("0", "3m", "4", "5", "6", "7")) << "the marker has its horizon now";
  EXPECT_THAT(aborted(), IsEmpty());
  put({{"z", "1"}});
  now += 20'000;
  settle_and_clean();
  EXPECT_THAT(batches(), ElementsAre("0", "4", "6", "7", "8", "9"));
}

TEST_F(CleanerProducersTest, Clean_AbortedRecord_DoesNotSupersedeCommittedOne) {
  put({{"a", "1"}}, txn(5, 0));
  put_bytes(make_marker(5, 0, false));
  put({{"a", "2"}}, txn(5, 1));
  put_bytes(make_marker(5, 0, true));
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("0:a=1"));
}

TEST_F(CleanerProducersTest, Clean_CommittedTransaction_MarkerStaysWhileDataDoes) {
  put({{"a", "1"}, {"b", "1"}}, txn(5, 0));
  put_bytes(make_marker(5, 0, false));
  put({{"x", "1"}}, {.producer_id = 5, .epoch = 0, .sequence = 2});
  for (int i = 0; i < 3; ++i) {
    put({{"c", "1"}});
    now += 20'000;
    settle_and_clean();
    EXPECT_EQ(batches()[1], "2m");
  }
  put({{"a", "2"}, {"b", "2"}});
  settle_and_clean();
  EXPECT_EQ(batches()[0], "2m") << "its data went in this pass";
  for (int i = 0; i < 2; ++i) {
    put({{"d", "1"}});
    now += 20'000;
    settle_and_clean();
  }
  EXPECT_EQ(batches()[0], "3");
}

TEST_F(CleanerProducersTest, Clean_OpenTransaction_NothingFromItsBeginningOnIsTouched) {
  put({{"a", "1"}});
  put({{"a", "2"}});
  roll();
  put({{"b", "1"}}, txn(5, 0));
  put({{"b", "2"}}, txn(5, 1));
  roll();
  settle();
  ASSERT_TRUE(clean());
  EXPECT_THAT(texts(), ElementsAre("1:a=2", "3:b=1", "4:b=2"));
  EXPECT_EQ(the_log().first_dirty_offset(), 2) << "the segment in which it begins";
  EXPECT_FALSE(clean().has_value());
}

TEST_F(CleanerProducersTest, Clean_TransactionWhoseMarkerIsInTheActiveSegment_IsDecided) {
  put({{"a", "1"}, {"b", "1"}}, txn(5, 0));
  roll();
  put_bytes(make_marker(5, 0, true));
  put({{"x", "1"}}, txn(5, 2));
  put_bytes(make_marker(5, 0, false));
  settle();
  ASSERT_TRUE(clean());
  EXPECT_THAT(texts(), ElementsAre("4:x=1"));
}

TEST_F(CleanerProducersTest, Clean_TransactionOverSeveralSegments_MarkerAndIndexStayWithEachOther) {
  config.segment_bytes = 200;  // groups of one
  put({{"a", "1"}}, txn(5, 0));
  roll();
  put({{"b", "1"}}, txn(5, 1));
  roll();
  put_bytes(make_marker(5, 0, true));
  put({{"x", "1"}}, {.producer_id = 5, .epoch = 0, .sequence = 2});
  settle_and_clean();
  EXPECT_THAT(texts(), ElementsAre("5:x=1"));
  ASSERT_EQ(aborted().size(), 1u);
  EXPECT_EQ(aborted()[0].first_offset, 0);
}

TEST_F(CleanerProducersTest, Clean_LastBatchOfActiveProducer_StaysEmpty) {
  put({{"a", "1"}}, {.producer_id = 7, .sequence = 40});
  put({{"a", "2"}}, {.producer_id = 7, .sequence = 41});
  put({{"a", "3"}});
  settle_and_clean();
  EXPECT_THAT(batches(), ElementsAre("1e", "2", "3"));
  reopen_from_scratch();
  ASSERT_TRUE(producer(7));
  EXPECT_EQ(producer(7)->last_sequence, 41);
  put({{"b", "1"}}, {.producer_id = 7, .sequence = 42});
  settle_and_clean();
  EXPECT_THAT(batches(), ElementsAre("2", "3", "4", "5"));
}

TEST_F(CleanerProducersTest, Clean_ExpiredProducer_LeavesNothing) {
  config.producer_id_expiration_ms = 1'000'000;
  put({{"a", "1"}}, {.producer_id = 7, .sequence = 40});
  put({{"a", "2"}});
  now += 2'000'000;
  the_log().expire_producers(now);
  settle_and_clean();
  EXPECT_THAT(batches(), ElementsAre("1", "2"));
}

// Producer 7 went on above the part that is cleaned; should a crash lose that, a replay still finds where it
// was.
TEST_F(CleanerProducersTest, Clean_ProducerWroteAboveTheBound_ItsLastBatchBelowStaysToo) {
  put({{"a", "1"}}, {.producer_id = 7, .sequence = 40});
  put({{"a", "2"}});
  roll();
  settle();
  put({{"b", "1"}}, {.producer_id = 7, .sequence = 41});
  ASSERT_TRUE(clean());
  EXPECT_THAT(batches(), ElementsAre("0e", "1", "2", "3"));
}

TEST_F(CleanerProducersTest, Clean_ProducerKnownByMarkerOnly_MarkerStaysWithItsEpoch) {
  put({{"a", "1"}}, txn(5, 0, 3));
  put_bytes(make_marker(5, 4, false, 9));  // a marker of the next epoch, as transactions v2 write it
  put({{"a", "2"}});
  for (int i = 0; i < 4; ++i) {
    put({{"c", "1"}});
    now += 20'000;
    settle_and_clean();
  }
  EXPECT_EQ(batches()[0], "1m");
  reopen_from_scratch();
  ASSERT_TRUE(producer(5));
  EXPECT_EQ(producer(5)->producer_epoch, 4);
  EXPECT_EQ(producer(5)->coordinator_epoch, 9);
}

TEST_F(CleanerProducersTest, Clean_ControlBatchOfAnotherKind_StaysForEver) {
  wire::BatchOptions options;
  options.control = true;
  wire::BatchBuilder builder(options);
  std::array<uint8_t, 4> key{};
  store_be<int16_t>(key.data() + 2, 100);
  builder.append(kNow, ByteView(key), as_bytes("position"));
  const auto batch = builder.build();
  put_bytes(batch);
  for (int i = 0; i < 3; ++i) {
    put({{"c", "1"}});
    now += 20'000;
    settle_and_clean();
  }
  EXPECT_EQ(wire::BatchView::parse(all_bytes())->record_count(), 1);
  EXPECT_EQ(batches()[0], "0m");
}

}  // namespace
}  // namespace tributary::storage::test
