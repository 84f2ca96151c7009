package io.freehub.registry.access;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.util.concurrent.TimeUnit;

/** A port that nobody answers on until it is opened; then it leads to another one. */
final class Forwarder implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final Vertx vertx = Vertx.vertx();
    private final int port;
    private final NetServer server;

    Forwarder(int port, int target) {
        this.port = port;
        var client = vertx.createNetClient();
        this.server = vertx.createNetServer().connectHandler(from -> {
            from.pause();
            client.connect(target, HOST)
                    .onSuccess(to -> {
                        from.pipeTo(to);
                        to.pipeTo(from);
                    })
                    .onFailure(_ -> from.close());
        });
    }

    void open() throws Exception {
        server.listen(port, HOST).toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        vertx.close();
    }
}
