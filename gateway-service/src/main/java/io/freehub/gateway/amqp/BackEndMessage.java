package io.freehub.gateway.amqp;

import io.freehub.model.DeviceBoundMessage;
import io.freehub.model.DeviceId;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.MessageProperties;
import io.freehub.model.MessageToDevice;
import io.freehub.model.SystemProperty;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A message that a back end sends to a device.
 *
 * <p>Source: IoT Hub, "send cloud-to-device messages"; the service SDKs, which differ in whether they encode the id in
 * {@code to}.
 *
 * @param devices that are meant, the likeliest first: {@code %} may stand in an id, so it is read as it is before it is decoded
 */
record BackEndMessage(List<DeviceId> devices, MessageToDevice message) {

    private static final Set<SystemProperty> TOLD = EnumSet.of(
            SystemProperty.MESSAGE_ID,
            SystemProperty.CORRELATION_ID,
            SystemProperty.USER_ID,
            SystemProperty.TO,
            SystemProperty.EXPIRY,
            SystemProperty.ACK,
            SystemProperty.CONTENT_TYPE,
            SystemProperty.CONTENT_ENCODING);

    /** @throws HubException when it is too large, or for no device */
    static BackEndMessage of(DeviceMessage message) {
        var system = new EnumMap<SystemProperty, String>(SystemProperty.class);
        system.putAll(message.properties().system());
        system.keySet().retainAll(TOLD);
        var properties = new MessageProperties(system, message.properties().application());
        int size = message.body().length + properties.size();
        if (size > DeviceBoundMessage.MAX_SIZE) {
            throw new HubException(
                    HubError.MESSAGE_TOO_LARGE,
                    "a message to a device has at most %d bytes with its properties, this one has %d"
                            .formatted(DeviceBoundMessage.MAX_SIZE, size));
        }
        return new BackEndMessage(
                devices(properties.system(SystemProperty.TO).orElse("")),
                new MessageToDevice(properties, message.body()));
    }

    private static List<DeviceId> devices(String to) {
        var address = Address.parse(to)
                .ofIdentity()
                .filter(found -> found.path().equals("messages/devicebound"))
                .filter(found -> !found.identities().isEmpty())
                .orElseThrow(() -> new HubException(
                        HubError.ARGUMENT_INVALID,
                        "to must be /devices/{id}/messages/devicebound, not '" + AmqpErrors.shown(to) + "'"));
        if (address.identities().getFirst().isModule()) {
            throw new HubException(HubError.MODULE_NOT_FOUND, "modules have no queue of messages, devices have");
        }
        return address.identities().stream().map(IdentityId::device).toList();
    }
}
