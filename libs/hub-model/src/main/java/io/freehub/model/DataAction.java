package io.freehub.model;

/**
 * What an operation does, in the words that roles are made of. Those of {@code Microsoft.Devices/IotHubs/} are IoT Hub's
 * ("Control access to IoT Hub by using Microsoft Entra ID"); those of {@code Freehub/} are this hub's own, which no role
 * of IoT Hub grants.
 */
public enum DataAction {
    DEVICES_READ("devices/read"),
    DEVICES_WRITE("devices/write"),
    DEVICES_DELETE("devices/delete"),
    TWINS_READ("twins/read"),
    TWINS_WRITE("twins/write"),
    JOBS_READ("jobs/read"),
    JOBS_WRITE("jobs/write"),
    JOBS_DELETE("jobs/delete"),
    CLOUD_TO_DEVICE_SEND("cloudToDeviceMessages/send/action"),
    CLOUD_TO_DEVICE_FEEDBACK("cloudToDeviceMessages/feedback/action"),
    CLOUD_TO_DEVICE_PURGE("cloudToDeviceMessages/queue/purge/action"),
    METHODS_INVOKE("directMethods/invoke/action"),
    FILE_UPLOAD_NOTIFICATIONS("fileUpload/notifications/action"),
    STATISTICS_READ("statistics/read"),
    CONFIGURATIONS_READ("configurations/read"),
    CONFIGURATIONS_WRITE("configurations/write"),
    CONFIGURATIONS_DELETE("configurations/delete"),
    CONFIGURATIONS_APPLY_TO_EDGE("configurations/applyToEdgeDevice/action"),
    CONFIGURATIONS_TEST_QUERIES("configurations/testQueries/action"),

    /** Changes the hub itself: its policies, routes and so on. */
    HUB_MANAGE(DataAction.OWN, "hub/manage/action");

    static final String OF_IOT_HUB = "Microsoft.Devices/IotHubs/";
    static final String OWN = "Freehub/";

    private final String wireName;

    DataAction(String name) {
        this(DataAction.OF_IOT_HUB, name);
    }

    DataAction(String provider, String name) {
        this.wireName = provider + name;
    }

    /** Name with its provider: {@code Microsoft.Devices/IotHubs/devices/read}. */
    public String wireName() {
        return wireName;
    }
}
