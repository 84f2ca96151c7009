package io.freehub.gateway.tls;

import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the credentials for the host name that a client asks for (SNI, RFC 6066, section 3). A client that names none, or
 * one that no certificate is for, gets those of the first certificate's names: the hub is still told by the client's
 * username.
 */
final class Credentials {

    /** A certificate chain and its key, both in PEM. */
    record Source(Path chain, Path key) {}

    private static final Cleaner CLEANER = Cleaner.create();

    private final Map<String, List<ServerCredential>> byName = new HashMap<>();
    private final List<ServerCredential> byDefault;

    private Credentials(List<ServerCredential> credentials) {
        for (var credential : credentials) {
            for (var name : credential.names()) {
                byName.merge(name, List.of(credential), (one, other) -> Stream.concat(one.stream(), other.stream())
                        .toList());
            }
        }
        var first = credentials.getFirst();
        this.byDefault = first.names().isEmpty()
                ? List.of(first)
                : byName.get(first.names().getFirst());
    }

    /**
     * Takes certificates from files.
     *
     * @param sources the most wanted first; not empty
     * @throws IOException when one cannot be used
     */
    static Credentials load(List<Source> sources) throws IOException {
        var loaded = new ArrayList<ServerCredential>();
        try {
            for (var source : sources) {
                loaded.add(ServerCredential.load(source.chain(), source.key()));
            }
        } catch (IOException e) {
            loaded.forEach(ServerCredential::free);
            throw e;
        }
        var credentials = new Credentials(loaded);
        CLEANER.register(credentials, () -> loaded.forEach(ServerCredential::free));
        return credentials;
    }

    /** @param host null when the client named none */
    List<ServerCredential> find(@Nullable String host) {
        if (host == null) {
            return byDefault;
        }
        var name = host.toLowerCase(Locale.ROOT);
        var exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        return dot < 0 ? byDefault : byName.getOrDefault("*" + name.substring(dot), byDefault);
    }
}
