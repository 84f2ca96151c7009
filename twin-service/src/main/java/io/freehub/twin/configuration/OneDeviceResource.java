package io.freehub.twin.configuration;

import io.freehub.model.DataAction;
import io.freehub.model.DeviceId;
import io.freehub.model.Permission;
import io.freehub.service.http.Requires;
import io.freehub.twin.configuration.ConfigurationMetrics.Operation;
import io.freehub.twin.document.JsonText;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Content for a single device, from back ends. */
@Path("/devices")
public class OneDeviceResource {

    private final OneDevice devices;
    private final ConfigurationMetrics metrics;

    OneDeviceResource(OneDevice devices, ConfigurationMetrics metrics) {
        this.devices = devices;
        this.metrics = metrics;
    }

    /** Sets desired properties of the device, or deploys modules to it when it is an edge device. */
    @POST
    @Path("/{id}/applyConfigurationContent")
    @Consumes(MediaType.APPLICATION_JSON)
    @Requires(permission = Permission.REGISTRY_WRITE, action = DataAction.CONFIGURATIONS_APPLY_TO_EDGE)
    public Uni<Response> apply(@PathParam("id") String id, byte[] body) {
        return metrics.count(
                        Operation.APPLY,
                        Uni.createFrom()
                                .item(() -> Content.parse(JsonText.readObject(body)))
                                .chain(content -> devices.apply(new DeviceId(id), content)))
                .map(_ -> Response.noContent().build());
    }
}
