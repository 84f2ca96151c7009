package io.freehub.twin.job;

import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.twin.command.MethodResponse;
import java.time.Instant;

/** What became of a device of a job that calls a method. */
sealed interface DeviceOutcome {

    IdentityId device();

    /** When the device was called. */
    Instant begun();

    /** The device has answered, whatever it says. */
    record Answered(IdentityId device, Instant begun, MethodResponse response) implements DeviceOutcome {}

    /** It could not be called, or has not answered. */
    record Failed(IdentityId device, Instant begun, HubException why) implements DeviceOutcome {}

    /** Nobody knows: it is to be called later, perhaps again. */
    record Postponed(IdentityId device, Instant begun) implements DeviceOutcome {}
}
