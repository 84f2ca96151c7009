package io.freehub.twin.twin;

import io.freehub.model.IdentityId;
import io.freehub.twin.document.Json;
import io.freehub.twin.document.JsonText;
import io.freehub.twin.document.Twin;
import io.freehub.twin.registry.RegisteredIdentity;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A twin as back ends read it: with what the registry says of its device or module. What is not known is left out. */
public final class TwinAnswer {

    private static final String ENABLED = "enabled";
    private static final String NEVER = "0001-01-01T00:00:00Z";

    /** Some clients read at most three digits of a fraction; always as many, so that the texts have the order of time. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private TwinAnswer() {}

    /**
     * What the hub knows beside the twin and the registry.
     *
     * @param modelId that the device or module announced when it connected last; empty for none
     * @param configurations those that aim at the twin; empty for none
     */
    public record Beside(String modelId, Optional<Json.Fields> configurations) {}

    static String json(Twins.Found found) {
        return JsonText.write(of(found.identity(), found.registered(), found.twin(), found.beside()));
    }

    /** The whole of it. */
    public static Json.Fields of(IdentityId identity, RegisteredIdentity registered, Twin twin, Beside beside) {
        Map<String, Json> json = new LinkedHashMap<>();
        json.put("deviceEtag", text(registered.etag()));
        // A module has no status of its own.
        json.put("status", text(registered.status().orElse(ENABLED)));
        registered.statusReason().ifPresent(reason -> json.put("statusReason", text(reason)));
        json.put("statusUpdateTime", time(registered.statusUpdatedTime().orElse(NEVER)));
        json.put("connectionState", text(registered.connectionState()));
        json.put("lastActivityTime", time(registered.lastActivityTime()));
        json.put("cloudToDeviceMessageCount", Json.Number.of(0));
        json.put("authenticationType", text(registered.authentication().type()));
        json.put("x509Thumbprint", thumbprints(registered.authentication().x509Thumbprint()));
        json.put("modelId", text(beside.modelId()));
        registered
                .capabilities()
                .ifPresent(capabilities -> json.put(
                        "capabilities", Json.Fields.NONE.with("iotEdge", new Json.Bool(capabilities.iotEdge()))));
        registered.deviceScope().ifPresent(scope -> json.put("deviceScope", text(scope)));
        registered
                .parentScopes()
                .ifPresent(scopes -> json.put(
                        "parentScopes",
                        new Json.Items(scopes.stream().map(TwinAnswer::text).toList())));
        json.putAll(twin.json().members());
        beside.configurations().ifPresent(configurations -> json.put("configurations", configurations));
        return Twin.named(identity, new Json.Fields(json));
    }

    private static Json time(String time) {
        return time.equals(NEVER) ? text(NEVER) : text(TIME.format(Instant.parse(time)));
    }

    private static Json thumbprints(RegisteredIdentity.Thumbprints thumbprints) {
        return Json.Fields.NONE
                .with("primaryThumbprint", textOrNull(thumbprints.primaryThumbprint()))
                .with("secondaryThumbprint", textOrNull(thumbprints.secondaryThumbprint()));
    }

    private static Json textOrNull(Optional<String> value) {
        return value.map(TwinAnswer::text).orElseGet(Json.Null::new);
    }

    private static Json text(String value) {
        return new Json.Text(value);
    }
}
