package io.freehub.benchmarks;

import io.freehub.model.DeviceId;
import io.freehub.model.SymmetricKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Registers devices as a back end does: through the REST API, a hundred with each call. */
final class Registration implements AutoCloseable {

    private static final int MOST_AT_ONCE = 100;

    private final ServiceApi api;

    Registration(HubUnderTest hub) {
        this.api = new ServiceApi(hub);
    }

    /** @param prefix of the device ids */
    List<Device> create(String prefix, int count) {
        var devices = new ArrayList<Device>();
        for (int i = 0; i < count; i++) {
            devices.add(new Device(new DeviceId("%s-%07d".formatted(prefix, i)), SymmetricKey.generate()));
        }
        post(devices, "create");
        return devices;
    }

    void delete(List<Device> devices) {
        post(devices, "delete");
    }

    private void post(List<Device> devices, String mode) {
        for (int i = 0; i < devices.size(); i += MOST_AT_ONCE) {
            post(devices.subList(i, Math.min(devices.size(), i + MOST_AT_ONCE)).stream()
                    .map(device -> item(device, mode))
                    .toList());
        }
    }

    private static Map<String, Object> item(Device device, String mode) {
        var key = device.key().base64();
        var item = new LinkedHashMap<String, Object>();
        item.put("id", device.id().value());
        item.put("importMode", mode);
        item.put("status", "enabled");
        item.put(
                "authentication",
                Map.of("type", "sas", "symmetricKey", Map.of("primaryKey", key, "secondaryKey", key)));
        return item;
    }

    private void post(List<Map<String, Object>> items) {
        api.send("POST", "/devices", items);
    }

    @Override
    public void close() {
        api.close();
    }
}
