package io.sluice.loadtest.floor;

import io.sluice.loadtest.Exchange;
import io.sluice.loadtest.Latencies;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * Where the time of one served request goes, as its replies tell.
 *
 * @param queue waiting for the engine
 * @param tokenize turning text into tokens
 * @param compute the batch
 * @param rest all else: client, wire, server's threads
 */
public record Stages(Latencies queue, Latencies tokenize, Latencies compute, Latencies rest) {
  /** Of the exchanges that were replied to. */
  public static Stages of(List<Exchange> exchanges) {
    List<Exchange> replied = exchanges.stream().filter(one -> one.reply() != null).toList();
    return new Stages(
        stage(replied, exchange -> reply(exchange).queueNanos()),
        stage(replied, exchange -> reply(exchange).tokenizeNanos()),
        stage(replied, exchange -> reply(exchange).computeNanos()),
        stage(replied, Stages::restNanos));
  }

  private static long restNanos(Exchange exchange) {
    Exchange.Reply reply = reply(exchange);
    return exchange.latencyNanos()
        - reply.queueNanos()
        - reply.tokenizeNanos()
        - reply.computeNanos();
  }

  private static Latencies stage(List<Exchange> replied, ToLongFunction<Exchange> nanos) {
    Histogram histogram = Latencies.histogram();
    // Stages may overlap by a little, as they are taken by different threads.
    replied.forEach(one -> histogram.recordValue(Math.max(0, nanos.applyAsLong(one))));
    return Latencies.of(histogram);
  }

  private static Exchange.Reply reply(Exchange exchange) {
    return Objects.requireNonNull(exchange.reply());
  }
}
