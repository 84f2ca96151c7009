package io.freehub.gateway.https;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.service.http.RequestPath;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTest {

    @ParameterizedTest
    @CsvSource({
        "POST, /devices/d/messages/events, Events",
        "POST, /Devices/d/Messages/Events/, Events",
        "POST, /devices/d/modules/m/messages/events, Events",
        "POST, /devices/messages/messages/events, Events",
        "GET, /devices/d/messages/events, Events",
        "GET, /devices/d/messages/devicebound, DeviceBound",
        "GET, /Devices/d/Messages/deviceBound/, DeviceBound",
        "DELETE, /devices/d/messages/devicebound/1, DeviceBound",
        "POST, /devices/d/messages/devicebound/1, DeviceBound",
        "POST, /devices/d/messages/devicebound/1/abandon, DeviceBound",
        "POST, /devices/d/messages/deviceBound/1/Abandon, DeviceBound",
        "POST, /devices/d/messages/devicebound/1/complete, Missing",
        "POST, /devices/d/messages/devicebound/1/abandon/x, Missing",
        "GET, /devices/d/modules/m/messages/devicebound, DeviceBound",
        "DELETE, /devices/d/modules/m/messages/devicebound/1, DeviceBound",
        "POST, /devices/d/messages/devicebound, Commands",
        "POST, /devices%2Fd%2Fmessages%2FdeviceBound, Commands",
        "DELETE, /devices/d/commands, Commands",
        "DELETE, /Devices/d/Commands, Commands",
        "GET, /devices/d/commands, Registry",
        "DELETE, /devices/commands, Registry",
        "POST, /twins/d/methods, Commands",
        "POST, /Twins/d/modules/m/Methods, Commands",
        "POST, /twins/methods/modules/methods/methods, Commands",
        "GET, /twins/d/methods, Twins",
        "POST, /twins/methods, Twins",
        "GET, /messages/serviceBound/feedback, Commands",
        "DELETE, /messages/servicebound/feedback/1, Commands",
        "POST, /messages/servicebound/feedback/1/abandon, Commands",
        "GET, /messages/servicebound/filenotifications, Registry",
        "GET, /hub/sessions, Commands",
        "DELETE, /hub/sessions/d, Commands",
        "GET, /hub/feedback, Commands",
        "POST, /hub/devices/d/messages, Commands",
        "GET, /Hub/Devices/d/Messages/1, Commands",
        "GET, /hub/devices/messages, Registry",
        "GET, /hub, Registry",
        "POST, /devices/d/files, Missing",
        "POST, /devices/d/files/notifications/1, Missing",
        "POST, /devices/d/messages/deviceBound, Commands",
        "POST, /devices, Registry",
        "POST, /devices/query, Twins",
        "POST, /Devices%2FQuery, Twins",
        "GET, /devices/query, Registry",
        "GET, /devices/files, Registry",
        "GET, /devices/d, Registry",
        "GET, /devices/d/modules, Registry",
        "GET, /devices/d/modules/messages, Registry",
        "PUT, /devices/d/modules/m, Registry",
        "GET, /twins/d, Twins",
        "PATCH, /Twins/d/modules/m, Twins",
        "POST, /twins%2Fd, Twins",
        "PUT, /jobs/v2/j, Twins",
        "GET, /Jobs/V2/query, Twins",
        "POST, /jobs/v2/j/cancel, Twins",
        "POST, /jobs%2Fv2%2fj%2Fcancel, Twins",
        "GET, /configurations, Twins",
        "PUT, /Configurations/c, Twins",
        "DELETE, /configurations%2Fc, Twins",
        "POST, /configurations/testQueries, Twins",
        "POST, /devices/d/applyConfigurationContent, Twins",
        "POST, /Devices%2Fd%2fApplyConfigurationContent, Twins",
        "POST, /devices/query/applyConfigurationContent, Twins",
        "GET, /devices/applyConfigurationContent, Registry",
        "GET, /devices/d/modules/applyConfigurationContent, Registry",
        "GET, /jobs, Registry",
        "GET, /jobs/v, Registry",
        "GET, /jobs/v22/x, Registry",
        "POST, /jobs/create, Registry",
        "GET, /devices/twins, Registry",
        "GET, /hub/policies, Registry",
        "GET, /, Registry",
        "GET, /$iothub/websocket, WebSocket",
        "GET, /%24iothub/websocket/, WebSocket",
        "GET, /$servicebus/websocket, WebSocket",
        "GET, /$servicebus/websocket/, WebSocket",
        "GET, /$iothub/websocket/x, Registry",
        "POST, /internal/credentials, Hidden",
        "POST, /%49nternal, Hidden",
        "POST, /internal;x=1/credentials, Hidden",
        "POST, /internal%3bx/credentials, Hidden",
        "GET, /q, Hidden",
        "GET, /devices/../internal/x, Hidden",
        "POST, /devices/%2e%2e/messages/events, Hidden"
    })
    void pathBelongsToOne(String method, String path, String route) {
        assertThat(Route.of(HttpMethod.valueOf(method), RequestPath.parse(path).segments())
                        .getClass()
                        .getSimpleName())
                .isEqualTo(route);
    }

    @Test
    void idsAreDecodedAndAPlusIsAPlus() {
        assertThat(Route.of(
                        HttpMethod.POST,
                        RequestPath.parse("/devices/a+b%2b%25/modules/m%23/messages/events")
                                .segments()))
                .isEqualTo(new Route.Events("a+b+%", List.of("m#")));
        assertThat(Route.of(
                        HttpMethod.POST,
                        RequestPath.parse("/devices/a%2bb/messages/devicebound/Lock/abandon")
                                .segments()))
                .isEqualTo(new Route.DeviceBound("a+b", List.of(), List.of("Lock", "abandon")));
    }
}
