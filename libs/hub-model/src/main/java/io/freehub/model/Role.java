package io.freehub.model;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toUnmodifiableSet;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a back end may do that an identity provider vouches for. All but the last are IoT Hub's own roles ("Control access
 * to IoT Hub by using Microsoft Entra ID", built-in roles), with the same data actions.
 */
public enum Role {
    DATA_CONTRIBUTOR("IoT Hub Data Contributor", DataAction.OF_IOT_HUB + "*"),
    DATA_READER(
            "IoT Hub Data Reader",
            DataAction.OF_IOT_HUB + "*/read",
            DataAction.OF_IOT_HUB + "fileUpload/notifications/action"),
    REGISTRY_CONTRIBUTOR("IoT Hub Registry Contributor", DataAction.OF_IOT_HUB + "devices/*"),
    TWIN_CONTRIBUTOR("IoT Hub Twin Contributor", DataAction.OF_IOT_HUB + "twins/*"),

    /** Everything, and the hub itself with it. */
    OWNER("Freehub Owner", DataAction.OF_IOT_HUB + "*", DataAction.OWN + "hub/*");

    private final String wireName;
    private final Set<DataAction> actions;

    /** @param granted names of actions; a {@code *} stands for any text */
    Role(String wireName, String... granted) {
        this.wireName = wireName;
        this.actions = Arrays.stream(DataAction.values())
                .filter(action -> Arrays.stream(granted).anyMatch(pattern -> fits(pattern, action.wireName())))
                .collect(toUnmodifiableSet());
    }

    /** Name of the role, as in Azure's role assignments. */
    public String wireName() {
        return wireName;
    }

    /** Whether the role includes this action. */
    public boolean allows(DataAction action) {
        return actions.contains(action);
    }

    private static boolean fits(String pattern, String name) {
        return name.matches(
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(joining(".*")));
    }
}
