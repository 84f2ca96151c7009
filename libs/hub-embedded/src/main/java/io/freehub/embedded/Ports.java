package io.freehub.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Free TCP ports. */
public final class Ports {

    /**
     * Below the range from which Linux and macOS take the local ports of outgoing connections: else such a connection
     * could take the port while the server that owns it restarts.
     */
    private static final int LOWEST = 20_000;

    private static final int HIGHEST = 32_000;

    private static final int ATTEMPTS = 200;

    private Ports() {}

    /** A port that nobody listens on at this address now. */
    public static int free(String host) {
        for (var attempt = 0; attempt < ATTEMPTS; attempt++) {
            var port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(host, port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port between " + LOWEST + " and " + HIGHEST + " at " + host);
    }

    private static boolean isFree(String host, int port) {
        try {
            requireBindable(host, port);
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    /** Fails as a server would that listened there. */
    public static void requireBindable(String host, int port) throws IOException {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        }
    }
}
