package io.freehub.service;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What every service knows of the hub it belongs to. */
@ConfigMapping(prefix = "freehub.hub")
public interface HubSettings {

    /** Host name in the connection strings of clients; tokens are made for it. */
    String host();

    /** Further host names that a token may be made for. */
    Optional<List<String>> aliases();

    /** Name of the hub in events and of its built-in endpoint. */
    @WithDefault("freehub")
    String name();

    /** Host name and aliases. */
    default List<String> hosts() {
        return Stream.concat(Stream.of(host()), aliases().stream().flatMap(List::stream))
                .toList();
    }
}
