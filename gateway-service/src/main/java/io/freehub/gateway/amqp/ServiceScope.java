package io.freehub.gateway.amqp;

import io.freehub.model.PercentCoding;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the token of a policy is for: the whole hub, or what lies below a path of it.
 *
 * <p>Source: the SDKs of Event Hubs, which write a URL of any of these schemes, with and without a port, where those of IoT
 * Hub write the host name.
 *
 * @param segments behind the host; case means nothing, as .NET writes all in lower case
 */
record ServiceScope(String host, List<String> segments) {

    private static final Pattern SCHEME = Pattern.compile("^(?:sb|amqps?|https?)://", Pattern.CASE_INSENSITIVE);
    private static final Pattern PORT = Pattern.compile(":[0-9]+$");

    /** @param resource as it stands in the token, escapes and all */
    static ServiceScope of(String resource) {
        var url = SCHEME.matcher(PercentCoding.decode(resource)).replaceFirst("");
        var segments = List.of(url.split("/"));
        return segments.isEmpty()
                ? new ServiceScope("", List.of())
                : new ServiceScope(
                        PORT.matcher(segments.getFirst()).replaceFirst(""), segments.subList(1, segments.size()));
    }

    /**
     * Whether a resource is within.
     *
     * @param hosts names of the hub
     * @param path segments behind the host name
     */
    boolean covers(List<String> hosts, List<String> path) {
        return hosts.stream().anyMatch(host::equalsIgnoreCase)
                && segments.size() <= path.size()
                && startsWith(path, segments);
    }

    private static boolean startsWith(List<String> path, List<String> segments) {
        for (int i = 0; i < segments.size(); i++) {
            if (!segments.get(i).equalsIgnoreCase(path.get(i))) {
                return false;
            }
        }
        return true;
    }
}
