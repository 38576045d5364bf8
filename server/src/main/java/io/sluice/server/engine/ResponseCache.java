package io.sluice.server.engine;

import io.sluice.backbone.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Logits that were computed for a row of tokens by a bundle, for when both come again. A swap needs
 * no word of it: another bundle has another digest. Thread-safe.
 */
final class ResponseCache {
  private record Key(Digest bundle, Tokens tokens) implements ByteCache.Key {}

  private final ByteCache<Key> cache;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  ResponseCache(long maxBytes) {
    cache = new ByteCache<>(maxBytes);
  }

  /** Answers those of the rows it can, and keeps what becomes of the others, which it returns. */
  List<Row> answer(List<Row> rows) {
    List<Row> unknown = new ArrayList<>(rows.size());
    for (Row row : rows) {
      Key key = new Key(row.task().digest(), row.tokens());
      float[] logits = cache.get(key);
      if (logits != null) {
        hits.increment();
        row.complete(RowResult.kept(logits.clone()));
      } else {
        misses.increment();
        unknown.add(row);
        var unused =
            row.result()
                .whenComplete(
                    (result, failure) -> {
                      if (failure == null) {
                        cache.put(key, result.logits().clone());
                      }
                    });
      }
    }
    return unknown;
  }

  CacheStats stats() {
    return cache.stats(hits.sum(), misses.sum());
  }
}
