package io.freehub.gateway.tls;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The ports of a protocol that is not HTTP: one over TLS and, where asked for, one in the clear on the loopback address. */
public final class TcpDoor {

    private static final String LOOPBACK = "127.0.0.1";

    private final Vertx vertx;
    private final ServerCertificates certificates;
    private final Handler<NetSocket> connected;
    private final List<String> deployments = new CopyOnWriteArrayList<>();

    /** @param connected takes each connection, after its handshake, on its event loop */
    public TcpDoor(Vertx vertx, ServerCertificates certificates, Handler<NetSocket> connected) {
        this.vertx = vertx;
        this.certificates = certificates;
        this.connected = connected;
    }

    /**
     * Opens the ports.
     *
     * @param bind address of the one over TLS
     * @param plainPort 0 for none
     */
    public Future<Void> open(String bind, int port, int plainPort) {
        var tls = options().setHost(bind).setPort(port);
        certificates.applyTo(tls);
        var opened = listen(tls);
        return plainPort == 0
                ? opened
                : opened.compose(_ -> listen(options().setHost(loopback(bind)).setPort(plainPort)));
    }

    /** There are many loopback addresses; each may have a hub of its own. */
    private static String loopback(String bind) {
        return bind.startsWith("127.") ? bind : LOOPBACK;
    }

    /** Closes the ports, and with them the connections that came in. */
    public Future<Void> close() {
        return Future.join(deployments.stream().map(vertx::undeploy).toList()).mapEmpty();
    }

    private static NetServerOptions options() {
        return new NetServerOptions().setTcpNoDelay(true).setReuseAddress(true).setAcceptBacklog(4096);
    }

    private Future<Void> listen(NetServerOptions options) {
        // One server instance for each event loop shares the port, so that connections spread over all of them.
        int instances = Math.max(2, Runtime.getRuntime().availableProcessors());
        return vertx.deployVerticle(() -> new Listener(options), new DeploymentOptions().setInstances(instances))
                .onSuccess(deployments::add)
                .mapEmpty();
    }

    private final class Listener extends AbstractVerticle {

        private final NetServerOptions options;

        private Listener(NetServerOptions options) {
            this.options = options;
        }

        @Override
        public void start(Promise<Void> started) {
            vertx.createNetServer(options)
                    .connectHandler(connected)
                    .exceptionHandler(_ -> {
                        // A handshake that failed is the client's affair; it is counted by the server's metrics.
                    })
                    .listen()
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }
}
