package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import io.freehub.model.DeviceId;
import io.freehub.model.DeviceIdentity;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.RegistryEvent;
import io.freehub.model.SymmetricKeys;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A change that a client asks for, and the decision what becomes of it. */
public sealed interface IdentityChange {

    /** The identity in question. */
    DeviceId device();

    /** Create the identity, or replace all of it that clients write. */
    record Put(DeviceId device, Precondition precondition, DeviceSpec spec) implements IdentityChange {}

    /** Remove the identity. */
    record Delete(DeviceId device, Precondition precondition) implements IdentityChange {}

    /** Make new keys. */
    record RegenerateKeys(DeviceId device, WhichKey which) implements IdentityChange {}

    /** The keys to be made anew. */
    enum WhichKey {
        PRIMARY,
        SECONDARY,
        BOTH
    }

    /** What became of a change. */
    sealed interface Outcome {

        /** The identity did not exist before. */
        record Created(Device device, RegistryEvent event) implements Outcome {}

        /** The identity existed before. */
        record Replaced(Device device, RegistryEvent event) implements Outcome {}

        /** The identity is gone. */
        record Deleted(RegistryEvent event) implements Outcome {}

        /** Nothing changed. */
        record Refused(HubError error, String detail) implements Outcome {

            static Refused of(HubException failure) {
                return new Refused(failure.error(), failure.getMessage());
            }
        }
    }

    /**
     * What a decision cannot make itself.
     *
     * @param version where a new identity begins to count
     */
    record Fresh(SymmetricKeys keys, long version, Instant now) {

        private static final long TICKS_UNTIL_1970 = 621_355_968_000_000_000L;

        /** Versions begin anywhere, so that a tag of an earlier identity of the same name does not fit by chance. */
        static Fresh make(Instant now, RandomGenerator random) {
            return new Fresh(SymmetricKeys.generate(), random.nextLong(1, 1L << 30), now);
        }

        /** Time in ticks of 100 ns since the year 1, as IoT Hub counts generations. */
        String generationId() {
            return Long.toString(TICKS_UNTIL_1970 + now.getEpochSecond() * 10_000_000 + now.getNano() / 100);
        }
    }

    /** Decides, given the identity as it is. */
    default Outcome decide(Optional<Device> current, Fresh fresh) {
        try {
            return switch (this) {
                case Put(var _, Precondition.Absent _, var spec) -> create(current, spec, fresh);
                case Put(var _, var precondition, var spec) -> replace(existing(current, precondition), spec, fresh);
                case Delete(var _, Precondition.Absent _) ->
                    new Outcome.Refused(HubError.PRECONDITION_FAILED, "Etag missing");
                case Delete(var _, var precondition) ->
                    new Outcome.Deleted(existing(current, precondition).deleted(fresh.now()));
                case RegenerateKeys(var _, var which) ->
                    regenerate(existing(current, new Precondition.Exists()), which, fresh);
            };
        } catch (HubException e) {
            return Outcome.Refused.of(e);
        }
    }

    private Outcome create(Optional<Device> current, DeviceSpec spec, Fresh fresh) {
        if (current.isPresent()) {
            throw new HubException(
                    HubError.DEVICE_ALREADY_EXISTS, "A device with ID '" + device() + "' is already registered.");
        }
        var device = new Device(
                new DeviceIdentity(
                        device(),
                        fresh.generationId(),
                        fresh.version(),
                        spec.status(),
                        spec.statusReason(),
                        spec.authentication().orElseGet(() -> new Authentication.Sas(fresh.keys()))),
                Optional.empty(),
                EdgeRole.create(device(), spec, fresh.generationId()));
        return new Outcome.Created(device, device.created(fresh.now()));
    }

    private Outcome replace(Device current, DeviceSpec spec, Fresh fresh) {
        var before = current.identity();
        var device = new Device(
                new DeviceIdentity(
                        before.id(),
                        before.generationId(),
                        before.version() + 1,
                        spec.status(),
                        spec.statusReason(),
                        spec.authentication().orElseGet(() -> new Authentication.Sas(fresh.keys()))),
                spec.status() == before.status() ? current.statusUpdatedAt() : Optional.of(fresh.now()),
                current.edge().replace(before.id(), spec, before.generationId()));
        return new Outcome.Replaced(device, device.updated(fresh.now()));
    }

    private Outcome regenerate(Device current, WhichKey which, Fresh fresh) {
        var before = current.identity();
        if (!(before.authentication() instanceof Authentication.Sas(var keys))) {
            throw new HubException(HubError.ARGUMENT_INVALID, "the device has no keys");
        }
        var device = new Device(
                new DeviceIdentity(
                        before.id(),
                        before.generationId(),
                        before.version() + 1,
                        before.status(),
                        before.statusReason(),
                        new Authentication.Sas(
                                switch (which) {
                                    case PRIMARY ->
                                        new SymmetricKeys(fresh.keys().primary(), keys.secondary());
                                    case SECONDARY ->
                                        new SymmetricKeys(
                                                keys.primary(), fresh.keys().secondary());
                                    case BOTH -> fresh.keys();
                                })),
                current.statusUpdatedAt(),
                current.edge());
        return new Outcome.Replaced(device, device.updated(fresh.now()));
    }

    private Device existing(Optional<Device> current, Precondition precondition) {
        var device = current.orElseThrow(
                () -> new HubException(HubError.DEVICE_NOT_FOUND, "There is no device with ID '" + device() + "'."));
        precondition.check(device.etag());
        return device;
    }
}
