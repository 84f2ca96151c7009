package io.freehub.gateway.https;

import io.freehub.gateway.websocket.WebSocketDoor;
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

    /** A protocol over WebSockets. */
    record WebSocket() implements Route {}

    /** Messages of a device or module. */
    record Events(String device, List<String> module) implements Route {

        /** @throws io.freehub.model.HubException when the path holds no id */
        IdentityId identity() {
            return Route.identity(device, module);
        }
    }

    /**
     * Messages to a device, which it asks for or settles.
     *
     * @param rest what follows: nothing, or the lock token of a message and perhaps {@code abandon}
     */
    record DeviceBound(String device, List<String> module, List<String> rest) implements Route {

        private static final String ABANDON = "abandon";

        private boolean isKnown() {
            return rest.size() <= 1 || isAbandon();
        }

        /** Whether a message is abandoned. */
        boolean isAbandon() {
            return rest.size() == 2 && rest.getLast().equalsIgnoreCase(ABANDON);
        }

        /** @throws io.freehub.model.HubException when the path holds no id */
        IdentityId identity() {
            return Route.identity(device, module);
        }
    }

    /** A request of a device that the hub does not offer. */
    record Missing() implements Route {}

    /** What only the hub's own services may ask for, or a path that they could read as such. */
    record Hidden() implements Route {}

    /** A back end's, about twins or scheduled jobs; twin-service answers. */
    record Twins() implements Route {}

    /** A back end's, about messages to devices, methods or sessions; command-service answers. */
    record Commands() implements Route {}

    /** Any other of a back end's; registry-service answers. */
    record Registry() implements Route {}

    List<String> EVENTS = List.of("messages", "events");

    List<String> DEVICE_BOUND = List.of("messages", "devicebound");

    List<String> FEEDBACK = List.of("messages", "servicebound", "feedback");

    /** With the device's id between the two. */
    List<String> PURGE = List.of("devices", "commands");

    /** With the ids of the device, and of its module, between them. */
    List<String> METHODS = List.of("twins", "methods");

    List<String> MODULE_METHODS = List.of("twins", "modules", "methods");

    /** With the device's id behind the second. */
    List<String> HUB_MESSAGES = List.of("hub", "devices", "messages");

    /** Second segments, behind {@code hub}, of what is all command-service's. */
    Set<String> HUB_AREAS_OF_COMMANDS = Set.of("sessions", "feedback");

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
        if (WebSocketDoor.PATHS.contains(path.stream().map(Route::lower).toList())) {
            return new WebSocket();
        }
        if (isOfCommands(method, path)) {
            return new Commands();
        }
        if (isOfTwins(method, path)) {
            return new Twins();
        }
        if (!path.getFirst().equalsIgnoreCase("devices") || path.size() < 3) {
            return new Registry();
        }
        boolean module = path.get(2).equalsIgnoreCase("modules") && path.size() > 4;
        var rest = path.subList(module ? 4 : 2, path.size());
        var moduleId = module ? List.of(path.get(3)) : List.<String>of();
        if (isSame(rest, EVENTS)) {
            return new Events(path.get(1), moduleId);
        }
        if (rest.getFirst().equalsIgnoreCase("files")) {
            return new Missing();
        }
        if (startsWith(rest, DEVICE_BOUND)) {
            var bound = new DeviceBound(path.get(1), moduleId, rest.subList(DEVICE_BOUND.size(), rest.size()));
            return bound.isKnown() ? bound : new Missing();
        }
        return new Registry();
    }

    private static boolean isOfCommands(HttpMethod method, List<String> path) {
        if (startsWith(path, FEEDBACK)) {
            return true;
        }
        if (path.size() > 1 && path.getFirst().equalsIgnoreCase("hub")) {
            return HUB_AREAS_OF_COMMANDS.contains(lower(path.get(1)))
                    || path.size() > 3 && isSame(List.of(path.get(0), path.get(1), path.get(3)), HUB_MESSAGES);
        }
        if (method.equals(HttpMethod.DELETE)) {
            return path.size() == 3 && isSame(List.of(path.get(0), path.get(2)), PURGE);
        }
        return method.equals(HttpMethod.POST)
                && switch (path.size()) {
                    case 3 -> isSame(List.of(path.get(0), path.get(2)), METHODS);
                    case 4 -> path.getFirst().equalsIgnoreCase("devices") && isSame(path.subList(2, 4), DEVICE_BOUND);
                    case 5 -> isSame(List.of(path.get(0), path.get(2), path.get(4)), MODULE_METHODS);
                    default -> false;
                };
    }

    private static IdentityId identity(String device, List<String> module) {
        var owner = new DeviceId(device);
        return module.isEmpty() ? IdentityId.of(owner) : IdentityId.of(owner, new ModuleId(module.getFirst()));
    }

    private static boolean isOfTwins(HttpMethod method, List<String> path) {
        return AREAS_OF_TWINS.contains(lower(path.getFirst()))
                || isSame(path, QUERY) && method.equals(HttpMethod.POST)
                || startsWith(path, JOBS)
                || path.size() == 3 && isSame(List.of(path.get(0), path.get(2)), APPLY_CONTENT);
    }

    private static boolean startsWith(List<String> path, List<String> fixed) {
        return path.size() >= fixed.size() && isSame(path.subList(0, fixed.size()), fixed);
    }

    private static boolean isSame(List<String> path, List<String> fixed) {
        return path.stream().map(Route::lower).toList().equals(fixed);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
