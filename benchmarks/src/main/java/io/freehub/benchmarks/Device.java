package io.freehub.benchmarks;

import io.freehub.model.DeviceId;
import io.freehub.model.SymmetricKey;

/** A device that the hub knows. */
record Device(DeviceId id, SymmetricKey key) {}
