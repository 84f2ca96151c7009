package io.freehub.twin.configuration;

import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.ModuleId;
import io.freehub.twin.document.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a configuration brings, and to whom: devices, modules, or the modules of edge devices.
 *
 * <p>Source: IoT Hub REST API, {@code ConfigurationContent}.
 */
sealed interface Content {

    /** Name of the member with the content of devices. */
    String DEVICES = "deviceContent";

    /** Name of the member with the content of modules. */
    String MODULES = "moduleContent";

    /** Name of the member with the content of the modules of edge devices. */
    String EDGE = "modulesContent";

    /** As it was sent. */
    Json.Fields json();

    /** Settings of each device that meets the condition. */
    record OfDevices(Json.Fields json, Settings settings) implements Content {}

    /** Settings of each module that meets the condition. */
    record OfModules(Json.Fields json, Settings settings) implements Content {}

    /** An edge deployment: settings of the modules, by their names, of each edge device that meets the condition. */
    record OfEdge(Json.Fields json, Map<ModuleId, Settings> modules) implements Content {

        private static final ModuleId AGENT = new ModuleId("$edgeAgent");

        /** As many as a device may have, with those of the system. */
        private static final int MAX_MODULES = 52;

        public OfEdge {
            modules = Map.copyOf(modules);
        }

        /** Whether it only adds to a deployment of a lower priority: no module of it has all its properties in it. */
        boolean isLayered() {
            return modules.values().stream().noneMatch(Settings::isWhole);
        }
    }

    /**
     * One that was taken under other rules than those of today, by another version of the service. It sets nothing, and what
     * it has set stays.
     */
    record Unknown(Json.Fields json) implements Content {}

    /** Reads what was stored. */
    static Content stored(Json.Fields content) {
        try {
            return parse(content);
        } catch (HubException e) {
            return new Unknown(content);
        }
    }

    /**
     * Reads the content of a configuration.
     *
     * @throws HubException {@link HubError#INVALID_CONFIGURATION_CONTENT} naming what breaks a rule
     */
    static Content parse(Json.Fields content) {
        var given = given(content);
        if (given.size() != 1) {
            throw invalid("content has " + (given.isEmpty() ? "none" : String.join(" and ", given.keySet()))
                    + "; it must have one of " + DEVICES + ", " + MODULES + " and " + EDGE);
        }
        var name = given.keySet().iterator().next();
        var path = "content." + name;
        if (!(given.get(name) instanceof Json.Fields fields)) {
            throw invalid(path + " must be an object");
        }
        return switch (name) {
            case DEVICES -> new OfDevices(content, Settings.merged(fields, path));
            case MODULES -> new OfModules(content, Settings.merged(fields, path));
            default -> edge(content, fields, path);
        };
    }

    /** The content members that are there and not null, by their right names. */
    private static Map<String, Json> given(Json.Fields content) {
        var given = new TreeMap<String, Json>();
        for (var name : List.of(DEVICES, MODULES, EDGE)) {
            content.getIgnoringCase(name)
                    .filter(value -> !(value instanceof Json.Null))
                    .ifPresent(value -> given.put(name, value));
        }
        return given;
    }

    private static OfEdge edge(Json.Fields content, Json.Fields modules, String path) {
        var settings = new TreeMap<ModuleId, Settings>();
        modules.members().forEach((name, module) -> {
            var at = path + "." + name;
            if (!(module instanceof Json.Fields fields)) {
                throw invalid(at + " must be an object");
            }
            var parsed = Settings.deployed(fields, at);
            if (!parsed.isWhole() && fields.members().containsKey("properties.desired")) {
                throw invalid(at + " has both 'properties.desired' and paths within it");
            }
            settings.put(moduleId(name, path), parsed);
        });
        if (!settings.containsKey(OfEdge.AGENT)) {
            throw invalid(path + " must have the module " + OfEdge.AGENT);
        }
        if (settings.size() > OfEdge.MAX_MODULES) {
            throw invalid(
                    path + " has " + settings.size() + " modules; at most " + OfEdge.MAX_MODULES + " are allowed");
        }
        return new OfEdge(content, settings);
    }

    private static ModuleId moduleId(String name, String path) {
        try {
            return new ModuleId(name);
        } catch (HubException e) {
            throw invalid(path + ": " + e.getMessage());
        }
    }

    /** The settings of the module, if this is a deployment that has some. */
    default Optional<Settings> ofEdgeModule(ModuleId module) {
        return this instanceof OfEdge edge ? Optional.ofNullable(edge.modules.get(module)) : Optional.empty();
    }

    /** What it sets in a twin that meets the condition, or is of a device that does. */
    default Optional<Settings> ofTwin(IdentityId identity) {
        return switch (this) {
            case OfDevices(var _, var settings) -> Optional.of(settings).filter(_ -> !identity.isModule());
            case OfModules(var _, var settings) -> Optional.of(settings).filter(_ -> identity.isModule());
            case OfEdge _ -> identity.module().flatMap(this::ofEdgeModule);
            case Unknown _ -> Optional.empty();
        };
    }

    private static HubException invalid(String what) {
        return new HubException(HubError.INVALID_CONFIGURATION_CONTENT, what);
    }
}
