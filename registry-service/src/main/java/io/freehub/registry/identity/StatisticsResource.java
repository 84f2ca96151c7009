package io.freehub.registry.identity;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import io.freehub.registry.connection.Connections;
import io.freehub.service.http.Requires;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** How many devices there are, and how many are connected. */
@Path("/statistics")
public class StatisticsResource {

    private final Identities identities;
    private final Connections connections;

    StatisticsResource(Identities identities, Connections connections) {
        this.identities = identities;
        this.connections = connections;
    }

    /** Numbers of identities. */
    public record DeviceStatistics(long totalDeviceCount, long enabledDeviceCount, long disabledDeviceCount) {}

    /** Numbers of connections. */
    public record ServiceStatistics(long connectedDeviceCount) {}

    /** Counts identities. */
    @GET
    @Path("/devices")
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.STATISTICS_READ)
    public Uni<DeviceStatistics> devices() {
        return identities
                .countDevices()
                .map(count -> new DeviceStatistics(count.total(), count.enabled(), count.total() - count.enabled()));
    }

    /** Counts connected devices. */
    @GET
    @Path("/service")
    @Requires(permission = Permission.REGISTRY_READ, action = DataAction.STATISTICS_READ)
    public Uni<ServiceStatistics> service() {
        return connections.count().map(ServiceStatistics::new);
    }
}
