package io.freehub.twin.device;

import io.freehub.model.IdentityId;
import io.freehub.model.TwinRequest;

/** A life of a device or module. */
record Life(IdentityId identity, long generation) {

    /** @throws NumberFormatException when the generation is no number, as the registry's all are */
    static Life of(TwinRequest request) {
        return new Life(request.from().identity(), Long.parseLong(request.generationId()));
    }
}
