package io.sluice.server.access;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What one connection may do before it is a request: it is counted for its address, and closed when
 * a request does not come, or not whole, in its time. Its first request over HTTP/2 is bounded so
 * too, later ones there by the limits of streams. First in the pipeline; of the connection's event
 * loop, but for {@link #ended}.
 */
final class ConnectionGuard extends ChannelInboundHandlerAdapter {
  private static final AttributeKey<ConnectionGuard> KEY =
      AttributeKey.valueOf(ConnectionGuard.class, "guard");
  private static final long NOTHING = -1;

  private final Connections connections;
  private final ClientLimits limits;
  private final AtomicInteger running = new AtomicInteger();
  private boolean surplus;
  private boolean asked;
  private boolean timed;
  private long waitedFrom = NOTHING;

  ConnectionGuard(Connections connections, ClientLimits limits) {
    this.connections = requireNonNull(connections, "connections");
    this.limits = requireNonNull(limits, "limits");
  }

  /** The guard of a connection. */
  static @Nullable ConnectionGuard of(Channel channel) {
    return channel.attr(KEY).get();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    Channel channel = context.channel();
    channel.attr(KEY).set(this);
    InetAddress address = Connections.address(channel.remoteAddress());
    surplus = connections.opened(address) > limits.connectionsPerAddress();
    var unused = channel.closeFuture().addListener(closed -> connections.closed(address));
    waitFrom(context);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    if (waitedFrom == NOTHING && running.get() == 0) {
      waitFrom(context);
    }
    context.fireChannelRead(bytes);
  }

  /** Whether its address has too many without it. */
  boolean isSurplus() {
    return surplus;
  }

  /** A request has come; returns how many are under way with it. */
  int began() {
    asked = true;
    waitedFrom = NOTHING;
    return running.incrementAndGet();
  }

  /** A request is over, on any thread. */
  void ended() {
    running.decrementAndGet();
  }

  private void waitFrom(ChannelHandlerContext context) {
    waitedFrom = System.nanoTime();
    if (!timed) {
      timed = true;
      schedule(context, limits.firstRequest().toNanos());
    }
  }

  private void schedule(ChannelHandlerContext context, long nanos) {
    var unused = context.executor().schedule(() -> judge(context), nanos, TimeUnit.NANOSECONDS);
  }

  private void judge(ChannelHandlerContext context) {
    boolean frames = asked && context.pipeline().get(Http2ConnectionHandler.class) != null;
    if (waitedFrom == NOTHING || frames || !context.channel().isActive()) {
      waitedFrom = NOTHING;
      timed = false;
      return;
    }
    long leftNanos = limits.firstRequest().toNanos() - (System.nanoTime() - waitedFrom);
    if (leftNanos > 0) {
      schedule(context, leftNanos);
    } else {
      var unused = context.close();
    }
  }
}
