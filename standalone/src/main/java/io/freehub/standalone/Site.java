package io.freehub.standalone;

import io.freehub.embedded.PostgresCluster;
import io.freehub.embedded.tls.ServerCertificate;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where everything is in one run of the hub; stays the same when a child restarts.
 *
 * @param kafka what clients connect to
 * @param internalPorts port of each service's internal API, health and metrics on 127.0.0.1, by the child's name
 */
record Site(
        HubOptions options,
        DataDirectory data,
        String kafka,
        PostgresCluster postgres,
        Path certificateAuthority,
        List<ServerCertificate> certificates,
        Map<String, Integer> internalPorts) {

    String internalUrl(String child) {
        return "http://127.0.0.1:" + internalPorts.get(child);
    }
}
