package io.freehub.gateway.mqtt;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.PercentCoding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The username of a CONNECT: {@code {hub}/{device}[/{module}][/][?]{query}}. Ids are never percent-encoded and may hold
 * a {@code ?}; the query begins with the first segment behind the device that starts with {@code ?} or holds
 * {@code api-version=}.
 *
 * <p>Source: IoT Hub, "communicate with your IoT hub using the MQTT protocol"; the spellings of the five device SDKs and
 * of older documents.
 *
 * @param query decoded values by key; of a key given twice the first counts
 */
record Username(String hub, IdentityId identity, Map<String, String> query) {

    private static final String API_VERSION = "api-version=";

    /** @throws HubException {@link HubError#UNAUTHORIZED} saying what is missing */
    static Username parse(String text) {
        var segments = List.of(text.split("/", -1));
        if (segments.size() < 2) {
            throw new HubException(HubError.UNAUTHORIZED, "the username is not {hub}/{device}/?api-version=…");
        }
        var ids = segments.subList(1, queryStart(segments));
        var query = String.join("/", segments.subList(1 + ids.size(), segments.size()));
        var last = ids.getLast();
        // Documents of Edge write {hub}/{device}?api-version=…; a '?' without it belongs to the id.
        int cut = last.indexOf("?" + API_VERSION);
        if (cut >= 0) {
            query = last.substring(cut);
            last = last.substring(0, cut);
        }
        var names = new ArrayList<>(ids.subList(0, ids.size() - 1));
        names.add(last);
        if (names.getLast().isEmpty() && names.size() > 1) {
            names.removeLast();
        }
        if (names.size() > 2) {
            throw new HubException(HubError.UNAUTHORIZED, "the username names more than a device and a module");
        }
        return new Username(segments.getFirst(), IdentityId.parse(String.join("/", names)), parseQuery(query));
    }

    /** The DTMI that the device announces. */
    Optional<String> modelId() {
        return Optional.ofNullable(query.get("model-id")).filter(id -> !id.isEmpty());
    }

    /** What the client calls itself; for diagnosis. */
    String clientType() {
        return query.getOrDefault("DeviceClientType", "");
    }

    private static int queryStart(List<String> segments) {
        for (int i = 2; i < segments.size(); i++) {
            if (segments.get(i).startsWith("?") || segments.get(i).contains(API_VERSION)) {
                return i;
            }
        }
        return segments.size();
    }

    private static Map<String, String> parseQuery(String query) {
        var values = new LinkedHashMap<String, String>();
        Arrays.stream((query.startsWith("?") ? query.substring(1) : query).split("&"))
                .filter(item -> item.contains("="))
                .forEach(item -> values.putIfAbsent(
                        item.substring(0, item.indexOf('=')),
                        PercentCoding.decode(item.substring(item.indexOf('=') + 1))));
        return Map.copyOf(values);
    }
}
