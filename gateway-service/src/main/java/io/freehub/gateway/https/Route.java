package io.freehub.gateway.https;

import io.freehub.gateway.mqtt.WebSocketDoor;
import io.freehub.model.DeviceId;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Who answers a request. Devices and back ends share paths: {@code POST …/messages/deviceBound} is a back end that sends
 * to a device, {@code GET …/messages/devicebound} a device that asks for what was sent.
 */
sealed interface Route {

    /** MQTT over WebSockets. */
    record WebSocket() implements Route {}

    /** Messages of a device or module. */
    record Events(String device, List<String> module) implements Route {

        /** @throws io.freehub.model.HubException when the path holds no id */
        IdentityId identity() {
            var owner = new DeviceId(device);
            return module.isEmpty() ? IdentityId.of(owner) : IdentityId.of(owner, new ModuleId(module.getFirst()));
        }
    }

    /** A request of a device that the hub does not offer. */
    record Missing() implements Route {}

    /** What only the hub's own services may ask for, or a path that they could read as such. */
    record Hidden() implements Route {}

    /** A back end's, about twins or scheduled jobs; twin-service answers. */
    record Twins() implements Route {}

    /** Any other of a back end's; registry-service answers. */
    record Registry() implements Route {}

    List<String> JOBS = List.of("jobs", "v2");

    /** With the device's id between the two. */
    List<String> APPLY_CONTENT = List.of("devices", "applyconfigurationcontent");

    /** A device may have this name: only a POST is a query. */
    List<String> QUERY = List.of("devices", "query");

    /** First segments of what is all about twins. */
    Set<String> AREAS_OF_TWINS = Set.of("twins", "configurations");

    Set<String> HIDDEN = Set.of("internal", "q");

    /** @param path decoded segments; fixed ones are compared without regard to case, as SDKs differ in it */
    static Route of(HttpMethod method, List<String> path) {
        if (path.isEmpty()) {
            return new Registry();
        }
        // A router may take what follows a semicolon for parameters of the segment, and resolve dots.
        if (HIDDEN.contains(lower(path.getFirst()).split(";", 2)[0]) || path.contains(".") || path.contains("..")) {
            return new Hidden();
        }
        if (isSame(path, WebSocketDoor.PATH)) {
            return new WebSocket();
        }
        if (isOfTwins(method, path)) {
            return new Twins();
        }
        if (!path.getFirst().equalsIgnoreCase("devices") || path.size() < 3) {
            return new Registry();
        }
        boolean module = path.get(2).equalsIgnoreCase("modules") && path.size() > 4;
        var rest = path.subList(module ? 4 : 2, path.size());
        if (isSame(rest, List.of("messages", "events"))) {
            return new Events(path.get(1), module ? List.of(path.get(3)) : List.of());
        }
        if (rest.getFirst().equalsIgnoreCase("files")) {
            return new Missing();
        }
        boolean downwards = rest.size() > 1 && isSame(rest.subList(0, 2), List.of("messages", "devicebound"));
        return downwards && !(rest.size() == 2 && method.equals(HttpMethod.POST)) ? new Missing() : new Registry();
    }

    private static boolean isOfTwins(HttpMethod method, List<String> path) {
        return AREAS_OF_TWINS.contains(lower(path.getFirst()))
                || isSame(path, QUERY) && method.equals(HttpMethod.POST)
                || path.size() > 1 && isSame(path.subList(0, 2), JOBS)
                || path.size() == 3 && isSame(List.of(path.get(0), path.get(2)), APPLY_CONTENT);
    }

    private static boolean isSame(List<String> path, List<String> fixed) {
        return path.stream().map(Route::lower).toList().equals(fixed);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
