package io.freehub.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class RequestWatchTest {

    private static final Duration PATIENCE = Duration.ofMillis(300);

    private final EmbeddedChannel channel = new EmbeddedChannel(new RequestWatch(new AtomicInteger(), PATIENCE));

    @Test
    void connectionThatAsksNothingIsClosed() {
        awaitClosed();
    }

    @Test
    void requestThatTakesLongIsWaitedFor() {
        channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
        long later = System.nanoTime() + 2 * PATIENCE.toNanos();
        Awaitility.await().until(() -> {
            channel.runScheduledPendingTasks();
            return System.nanoTime() > later;
        });
        assertThat(channel.isOpen()).isTrue();

        channel.writeOutbound(new DefaultLastHttpContent());

        awaitClosed();
    }

    private void awaitClosed() {
        Awaitility.await().until(() -> {
            channel.runScheduledPendingTasks();
            return !channel.isOpen();
        });
    }
}
