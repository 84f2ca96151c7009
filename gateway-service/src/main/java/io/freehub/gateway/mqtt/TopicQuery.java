package io.freehub.gateway.mqtt;

import java.util.Optional;

/** The parameters at the end of a topic: {@code ?name=value}, joined by {@code &}, in any order and as they are. */
final class TopicQuery {

    private TopicQuery() {}

    /**
     * The first parameter of this name.
     *
     * @param query with its question mark, or nothing
     */
    static Optional<String> parameter(String query, String name) {
        for (int start = 1; start < query.length(); ) {
            int end = query.indexOf('&', start);
            end = end < 0 ? query.length() : end;
            if (query.startsWith(name + "=", start)) {
                return Optional.of(query.substring(Math.min(end, start + name.length() + 1), end));
            }
            start = end + 1;
        }
        return Optional.empty();
    }
}
